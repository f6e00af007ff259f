import base64

from odoo import api, fields, models

from ..ksef.crypto import sha256_b64
from ..ksef.errors import ProtocolError
from ..ksef.upo import receipts


class KsefUpo(models.Model):
    """One page of the collective receipt of a session, byte for byte."""

    _name = "ksef.upo"
    _description = "KSeF receipt of a session (UPO)"
    _order = "id"
    _rec_name = "reference_number"

    session_id = fields.Many2one(
        "ksef.session", "Session", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="session_id.company_id", store=True)
    reference_number = fields.Char("Reference", required=True)
    content = fields.Binary("UPO", attachment=False)
    sha256 = fields.Char("SHA-256", required=True)
    document_ids = fields.One2many("ksef.document", "upo_id", "Documents")

    _page_unique = models.UniqueIndex(
        "(session_id, reference_number)", "This page of the receipt is here already."
    )

    @api.model
    def _keep(self, session, reference, content):
        """Keep a page and tie it to the accepted documents that it names.

        :raises ProtocolError: it is no receipt, or names other bytes than ours.
        """
        named = receipts(content)
        documents = session._mine(("ksef_number", "in", list(named)))
        for document in documents:
            if named[document.ksef_number] != document.sha256:
                raise ProtocolError(
                    f"the receipt names other bytes for {document.ksef_number}"
                )
        page = self.create(
            {
                "session_id": session.id,
                "reference_number": reference,
                "content": base64.b64encode(content),
                "sha256": sha256_b64(content),
            }
        )
        documents.upo_id = page
        return page


class KsefDocument(models.Model):
    _inherit = "ksef.document"

    upo_id = fields.Many2one(
        "ksef.upo",
        "Receipt of the batch",
        index="btree_not_null",
        help="The page of the collective receipt that names this document.",
    )
