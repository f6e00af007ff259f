import base64
import csv
import io
from zipfile import ZIP_DEFLATED, ZipFile

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..ksef.crypto import sha256_b64
from ..tools import warsaw

#: So many documents are in memory at once.
CHUNK = 200

INDEX = "index.csv"


class KsefReceipts(models.TransientModel):
    """Receipts (UPO) of a period in one archive, byte for byte as KSeF gave them."""

    _name = "ksef.receipts"
    _description = "KSeF receipts of a period"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "Issued from",
        required=True,
        default=lambda self: warsaw.today() + relativedelta(months=-1, day=1),
    )
    date_to = fields.Date(
        "Issued until",
        required=True,
        default=lambda self: warsaw.today() + relativedelta(day=1, days=-1),
    )
    with_files = fields.Boolean("With the FA(3) files")
    invoice_count = fields.Integer("Invoices in KSeF", compute="_compute_counts")
    missing_count = fields.Integer("Without a receipt yet", compute="_compute_counts")

    @api.depends("company_id", "date_from", "date_to")
    def _compute_counts(self):
        documents = self.env["ksef.document"]
        lacking = [("upo", "=", False), ("upo_id", "=", False)]
        for wizard in self:
            accepted = wizard._domain()
            wizard.invoice_count = documents.search_count(accepted)
            wizard.missing_count = documents.search_count(accepted + lacking)

    def _domain(self):
        return [
            ("direction", "=", "issued"),
            ("state", "=", "accepted"),
            ("company_id", "=", self.company_id.id),
            ("issue_date", ">=", self.date_from),
            ("issue_date", "<=", self.date_to),
        ]

    def action_download(self):
        """Download the archive.

        :raises UserError: the period is empty.
        """
        self.ensure_one()
        if self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins."))
        if not self.invoice_count:
            raise UserError(
                self.env._("KSeF has accepted no invoice issued in this period.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/l10n_pl_ksef/receipts/{self.id}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # The archive
    # ------------------------------------------------------------------

    def _archive_name(self):
        return f"UPO-{self.company_id._ksef_nip()}-{self.date_from}-{self.date_to}.zip"

    def _write_archive(self, stream):
        """Write the archive into ``stream``. Memory does not grow with the period: a
        few documents are read at a time."""
        documents = self.env["ksef.document"]
        found = documents.search(self._domain(), order="issue_date, id").ids
        rows, pages = [], set()
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            for ids in split_every(CHUNK, found):
                chunk = documents.browse(ids).with_context(bin_size=False)
                for document in chunk:
                    rows.append(self._add_document(archive, document))
                pages.update(chunk.filtered(lambda d: not d.upo).upo_id.ids)
                self.env.invalidate_all()
            intact = self._add_pages(archive, pages)
            archive.writestr(INDEX, self._index(rows, intact))

    def _add_document(self, archive, document):
        """Write the files of one document and return its row of the index."""
        row = {
            "number": document.number,
            "ksef_number": document.ksef_number,
            "issue_date": document.issue_date,
            "receipt": "",
            "fa3": "",
            "intact": True,
            "page": False,
        }
        if document.upo:
            row["receipt"] = f"UPO-{document.ksef_number}.xml"
            archive.writestr(row["receipt"], base64.b64decode(document.upo))
        elif document.upo_id:
            row["receipt"] = document.upo_id._file_name()
            row["page"] = document.upo_id.id
        if self.with_files:
            row["fa3"] = f"{document.ksef_number}.xml"
            xml = document._bytes()
            archive.writestr(row["fa3"], xml)
            row["intact"] = sha256_b64(xml) == document.sha256
        return row

    def _add_pages(self, archive, ids):
        """Write each page of a batch's receipt once.

        :return: by page, whether its bytes are those that KSeF delivered.
        """
        intact = {}
        for page in self.env["ksef.upo"].browse(sorted(ids)):
            archive.writestr(page._file_name(), page._bytes())
            intact[page.id] = page._is_intact()
            page.invalidate_recordset(["content"])
        return intact

    def _index(self, rows, intact):
        """Return the list of what is inside, as spreadsheets of Poland read it."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerow(self._index_head())
        for row in rows:
            whole = row["intact"] and intact.get(row["page"], True)
            names = ("number", "ksef_number", "issue_date", "receipt", "fa3")
            state = self.env._("as KSeF has it") if whole else self.env._("DAMAGED")
            writer.writerow([*(row[name] or "" for name in names), state])
        return text.getvalue().encode("utf-8-sig")

    def _index_head(self):
        return [
            self.env._("Invoice number"),
            self.env._("KSeF number"),
            self.env._("Issue date"),
            self.env._("Receipt (UPO)"),
            self.env._("FA(3) file"),
            self.env._("Hash"),
        ]
