from odoo import fields, models
from odoo.fields import Domain

from ..tools import pdf_codes

PDF = "application/pdf"


class AccountMove(models.Model):
    """The same invoice twice, seen from the bill: what its PDF says of KSeF, and the
    warning when another bill is the same or similar."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_read_code = fields.Char(
        "KSeF code of the PDF",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The hash in the link of KOD I, or the KSeF number, as the PDF shows it.",
    )

    def _extend_with_attachments(self, files_data, new=False):
        """Read the code of a PDF that is dropped, mailed or attached to a bill."""
        self._ksef_read_codes(files_data)
        return super()._extend_with_attachments(files_data, new)

    def _ksef_read_codes(self, files_data):
        for move in self.filtered(lambda m: m.is_purchase_document()):
            pdfs = (data["raw"] for data in files_data if data["mimetype"] == PDF)
            code = next(filter(None, map(pdf_codes.code, pdfs)), None)
            if code and not move.sudo().ksef_document_id:
                move.with_context(skip_is_manually_modified=True).ksef_read_code = code

    def _ksef_shown_document(self):
        """Return the document that the PDF of this bill shows, which has another bill
        or none."""
        documents = self.env["ksef.document"].sudo()
        code = self.ksef_read_code
        if not code or self.sudo().ksef_document_id:
            return documents
        known = Domain("sha256", "=", code) | Domain("ksef_number", "=", code)
        here = Domain("company_id", "=", self.company_id.id)
        received = Domain("direction", "=", "received")
        return documents.search(known & here & received, limit=1)

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if not self.is_purchase_document():
            return alerts
        shown = self._ksef_shown_document()
        if shown:
            alerts["ksef_twin"] = self._ksef_twin_alert(shown)
        similar = self.sudo().ksef_document_id.similar_move_ids - self
        similar = similar.filtered(lambda move: move.state != "cancel")
        if similar and not self.duplicated_ref_ids:  # Odoo warns of these itself
            alerts["ksef_similar"] = self._ksef_similar_alert(similar)
        return alerts

    def _ksef_twin_alert(self, document):
        alert = {
            "level": "warning",
            "message": self.env._(
                "The PDF of this bill shows invoice %s, which has come from KSeF.",
                document.ksef_number,
            ),
            "action_text": self.env._("Show it"),
        }
        return alert | {"action": _form(document.move_id or document)}

    def _ksef_similar_alert(self, similar):
        return {
            "level": "warning",
            "message": self.env._(
                "Another bill has the same supplier and number, but another amount or"
                " date: %s. Keep one of them.",
                ", ".join(similar.mapped("display_name")),
            ),
            "action_text": self.env._("Show it"),
            "action": _form(similar[:1]),
        }


def _form(record):
    return {
        "type": "ir.actions.act_window",
        "res_model": record._name,
        "res_id": record.id,
        "views": [(False, "form")],
    }
