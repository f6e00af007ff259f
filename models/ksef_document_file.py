from odoo import api, models
from odoo.fields import Domain

from ..ksef.crypto import sha256_b64

#: What the bytes say, read when the file came the first time.
STATED = (
    "number",
    "issue_date",
    "invoice_kind",
    "seller_nip",
    "seller_name",
    "buyer_nip",
    "buyer_name",
    "self_billing",
    "amount",
    "currency",
)


class KsefDocument(models.Model):
    """Files that did not come from KSeF: dropped on a journal, mailed, in a ZIP. Each
    is a received document without a KSeF number; when the same bytes arrive from KSeF,
    that document takes its place and its bill."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _of_file(self, company, xml, invoice):
        """Return the documents of the company, its branches and parents that are this
        file, or the same invoice of the seller; the same bytes first."""
        values = self._values_of_invoice(invoice)
        names = ("seller_nip", "number", "issue_date", "amount", "currency")
        stated = Domain.AND(Domain(name, "=", values[name]) for name in names)
        sha256 = sha256_b64(xml)
        found = self.search(
            Domain("company_id", "child_of", company.root_id.id)
            & Domain("state", "!=", "rejected")
            & (Domain("sha256", "=", sha256) | stated)
        )
        return found.sorted(lambda document: document.sha256 != sha256)

    @api.model
    def _keep_file(self, move, xml, invoice):
        """Store the file of a bill that is being filled from it."""
        company = move.company_id
        owner = company._ksef_owner()
        role = "Subject1" if move.journal_id.type == "sale" else "Subject2"
        return self.create(
            self._values_of_bytes(xml)
            | self._values_of_invoice(invoice)
            | {
                "company_id": (owner or company).id,
                # What suppliers send has legal force.
                "environment": owner.ksef_environment or "production",
                "direction": "received",
                "state": "booked",
                "role": role,
                "move_id": move.id,
            }
        )

    def _join_files(self):
        """Give documents that arrive from KSeF the bills made of the same files before.

        :return: the documents that have a bill now.
        """
        before = self.search(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("direction", "=", "received")
            & Domain("ksef_number", "=", False)
            & Domain("move_id", "!=", False)
            & Domain("sha256", "in", self.mapped("sha256"))
        )
        by_hash = before.try_lock_for_update(allow_referencing=True).grouped("sha256")
        joined = self.browse()
        for document in self:
            if file := by_hash.pop(document.sha256, None):
                document._take_place_of(file[:1])
                joined |= document
        return joined

    def _take_place_of(self, file):
        """Stand for the bill of a document that came without a KSeF number."""
        move = file.move_id
        stated = {name: file[name] for name in STATED}
        move._ksef_link(self)
        file.unlink()
        self.write(stated | {"state": "booked", "problem": False, "move_id": move.id})
        self._mirror_numbers()
        body = self.env._(
            "The file of this bill has arrived from KSeF: %s.", self.ksef_number
        )
        move._message_log(body=body)
