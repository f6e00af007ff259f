import base64

from odoo import fields, models

from ..ksef.crypto import sha256_b64


class KsefUpo(models.Model):
    """One page of the receipt (UPO) of a whole session, byte for byte."""

    _name = "ksef.upo"
    _description = "KSeF receipt of a session"
    _order = "id"
    _rec_name = "reference_number"

    session_id = fields.Many2one(
        "ksef.session", "Session", required=True, index=True, ondelete="cascade"
    )
    reference_number = fields.Char("Reference", required=True, index=True)
    content = fields.Binary("UPO", attachment=False)
    sha256 = fields.Char("SHA-256")

    def _bytes(self):
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).content or b"")

    def _is_intact(self):
        """Whether the bytes are those that KSeF delivered."""
        return not self.sha256 or sha256_b64(self._bytes()) == self.sha256

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
