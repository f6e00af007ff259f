from base64 import b64encode
from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.tests import Form

from ..ksef import fa3
from ..mapping.invoice_out import to_fa3
from .mapping_common import CREATED, ISSUED, MappingCase

#: The ministry's examples name these; their checksums are wrong.
NUMBERS = (
    "9999999999-20230908-8BEF280C8D35-4D",
    "9999999999-20230908-76B2B580D4DC-80",
    "9999999999-20230908-4191312C0E57-09",
    "9999999999-20230908-2B9266CEF3C4-DD",
    "9999999999-20230908-16B99491C78B-3D",
    "9999999999-20230908-D08FB95950BE-3E",
)


class KorMixin:
    """Invoices that KSeF has accepted, and what corrects them."""

    def accept(self, move, number=NUMBERS[0], xml=None, **values):
        """KSeF holds the document of ``move``."""
        if xml is None:
            stated = to_fa3(move, created=CREATED, issue_date=move.invoice_date)
            xml = fa3.build(stated)
        documents = self.env["ksef.document"].sudo()
        document = documents.create(
            {
                "company_id": move.company_id.id,
                "environment": "test",
                "direction": "issued",
                "state": "accepted",
                "xml": b64encode(xml),
                "sha256": "x",
                "size": len(xml),
                "ksef_number": number,
                "move_id": move.id,
                **values,
            }
        )
        move._ksef_link(document)
        return move

    def use_ksef(self, environment="test"):
        """Whether the company uses KSeF: posting then issues documents by itself."""
        self.company.sudo().ksef_environment = environment

    def credit_note(self, move, **values):
        """A draft credit note over everything, as Odoo's wizard makes it."""
        self.use_ksef()
        wizard = self.reversal_wizard(move)
        for name, value in values.items():
            wizard[name] = value
        action = wizard.save().refund_moves()
        self.use_ksef(False)
        return move.browse(action["res_id"])

    def reversal_wizard(self, move):
        model = self.env["account.move.reversal"].with_user(self.accountant)
        context = {"active_model": "account.move", "active_ids": move.ids}
        wizard = Form(model.with_context(**context))
        wizard.date = ISSUED
        return wizard

    def debit_note(self, move, reason="podwyżka ceny", **values):
        """A draft debit note over everything, as Odoo's wizard makes it."""
        wizard = (
            self.env["account.debit.note"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": ISSUED, "reason": reason, "copy_lines": True, **values})
        )
        return move.browse(wizard.create_debit()["res_id"])

    def keep(self, draft, *changes):
        """Edit the first lines of a draft as ``changes`` say; the others go."""
        lines = draft.invoice_line_ids
        commands = [
            Command.update(line.id, change)
            for line, change in zip(lines, changes, strict=False)
        ]
        commands += [Command.delete(line.id) for line in lines[len(changes) :]]
        draft.invoice_line_ids = commands
        return draft

    def post(self, draft):
        if not draft.invoice_date:
            draft.invoice_date = ISSUED
        draft.action_post()
        return draft

    def rows(self, invoice):
        """What FaWiersz says: before, number, quantity, price, amount, rate."""
        return [
            (
                "before" if row.before else "after",
                row.number,
                row.quantity,
                row.net_price,
                row.net,
                row.rate,
            )
            for row in invoice.lines
        ]

    def assertRows(self, invoice, *expected):
        """Rows as (before or after, number, quantity, price, amount[, rate]), and they
        close: after less before is the difference of the header."""
        rows = [row[: len(expected[0])] for row in self.rows(invoice)]
        made = [
            (
                mark,
                number,
                *(v if isinstance(v, str) else Decimal(str(v)) for v in rest),
            )
            for mark, number, *rest in expected
        ]
        self.assertEqual(rows, made)
        self.assertRowsClose(invoice)

    def assertRowsClose(self, invoice):
        sums = {}
        for row in invoice.lines:
            bucket = fa3.BUCKETS[row.rate]
            sign = -1 if row.before else 1
            sums[bucket] = sums.get(bucket, 0) + sign * row.net
        changed = {bucket: net for bucket, net in sums.items() if net}
        self.assertEqual(changed, {total.bucket: total.net for total in invoice.totals})


class KorCase(KorMixin, MappingCase):
    """An invoice of two lines that KSeF has accepted, to be corrected."""

    def setUp(self):
        super().setUp()
        self.original = self.accept(
            self.posted(
                self.line(100, quantity=3),
                self.line(50, "vs_kraj_8", name="książka"),
                invoice_date=date(2026, 2, 15),
            )
        )

    def corrected(self, *changes):
        """The document of a credit note with these lines of the original, edited."""
        return self.document(self.post(self.keep(self.reverse(), *changes)))

    def reverse(self):
        return self.credit_note(self.original)
