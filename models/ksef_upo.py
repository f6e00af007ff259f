import base64

from odoo import api, fields, models

from ..ksef.crypto import sha256_b64
from ..ksef.errors import ProtocolError
from ..ksef.upo import receipts


class KsefUpo(models.Model):
    """One page of the receipt (UPO) of a whole session, byte for byte."""

    _name = "ksef.upo"
    _description = "KSeF receipt of a session"
    _order = "id"
    _rec_name = "reference_number"

    session_id = fields.Many2one(
        "ksef.session", "Session", required=True, index=True, ondelete="cascade"
    )
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

    def _bytes(self):
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).content or b"")

    def _is_intact(self):
        """Whether the bytes are those that KSeF delivered."""
        return sha256_b64(self._bytes()) == self.sha256

    def _file_name(self):
        return f"UPO-{self.reference_number}.xml"

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/ksef.upo/{self.id}/content"
            f"?download=true&filename={self._file_name()}",
            "target": "download",
        }
