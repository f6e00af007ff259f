from odoo import models


class KsefDocument(models.Model):
    """Technical correction: a refused offline invoice reaches KSeF with other bytes.

    The buyer holds the codes of the first refused file. Every correction names the
    hash of that one, so that its codes lead to the invoice that KSeF accepts.
    """

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def _corrected_hash(self):
        """Return the hash of the file whose codes the buyer holds, None where this is
        that very file."""
        root = self._chain_root()
        return None if root == self else root.sha256

    def _chain_root(self):
        """Return the first document of a chain of technical corrections."""
        self.ensure_one()
        document = self
        while document.corrects_id:
            document = document.corrects_id
        return document
