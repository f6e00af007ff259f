from datetime import date, datetime, timezone
from decimal import Decimal

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import file_open

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..ksef import fa3
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems

CREATED = datetime(2026, 3, 16, 9, 30, tzinfo=timezone.utc)
ISSUED = date(2026, 3, 16)


class MappingCase(AccountTestInvoicingCommon):
    """A Polish company that is right in every field, and an accountant who sees no
    settings: what is mapped here is mapped with the rights of a plain user."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("pl")
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.partner_id.write(
            {
                "name": "ABC AGD sp. z o.o.",
                "vat": "PL9999999999",
                "street": "ul. Kwiatowa 1 m. 2",
                "zip": "00-001",
                "city": "Warszawa",
                "email": "abc@abc.pl",
                "phone": "+48 667 444 555",
            }
        )
        cls.buyer = cls.env["res.partner"].create(
            {
                "name": "F.H.U. Jan Kowalski",
                "is_company": True,
                "country_id": cls.env.ref("base.pl").id,
                "vat": "1111111111",
                "street": "ul. Polna 1",
                "zip": "00-001",
                "city": "Warszawa",
            }
        )
        cls.accountant = new_test_user(
            cls.env,
            "ksef_accountant",
            groups="account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        with file_open("l10n_pl_edi/data/fa3_schema.xsd", "rb") as xsd:
            cls.schema = fa3.load_schema(xsd)

    @classmethod
    def tax(cls, name):
        return cls.env["account.chart.template"].ref(name)

    def line(self, price, tax="vs_kraj_23", quantity=1.0, **values):
        return Command.create(
            {
                "name": values.pop("name", "lodówka Zimnotech mk1"),
                "price_unit": price,
                "quantity": quantity,
                "tax_ids": [Command.set(self.tax(tax).ids)] if tax else [],
                **values,
            }
        )

    def draft(self, *lines, **values):
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.buyer.id,
                    "invoice_date": ISSUED,
                    "invoice_line_ids": list(lines),
                    **values,
                }
            )
        )

    def posted(self, *lines, **values):
        move = self.draft(*lines, **values)
        move.action_post()
        return move

    def reversal(self, move, *lines, **values):
        """A credit note over ``lines``, or over everything."""
        if lines:
            values["invoice_line_ids"] = [Command.clear(), *lines]
        refund = move._reverse_moves([{"invoice_date": ISSUED}])
        refund.write(values)
        refund.action_post()
        return refund

    def document(self, move):
        """The document of ``move``, proven right in itself, valid and closed."""
        self.assertEqual(problems(move), [], "a right invoice has no problems")
        invoice = to_fa3(move, created=CREATED, issue_date=move.invoice_date)
        data = fa3.build(invoice)
        self.assertEqual(fa3.check(data, self.schema), (), "KSeF would refuse it")
        self.assertEqual(fa3.parse(data), invoice, "it is read as it was meant")
        stated = sum(total.net + (total.tax or 0) for total in invoice.totals)
        self.assertEqual(stated, invoice.total, "P_13 and P_14 add up to P_15")
        return invoice

    def amounts(self, invoice):
        """P_13_x and P_14_x by their element names."""
        return {
            name: amount
            for total in invoice.totals
            for name, amount in (
                (total.bucket.net, total.net),
                (total.bucket.tax, total.tax),
            )
            if amount is not None
        }

    def assertAmounts(self, invoice, total, **amounts):
        expected = {name: Decimal(amount) for name, amount in amounts.items()}
        self.assertEqual(self.amounts(invoice), expected)
        self.assertEqual(invoice.total, Decimal(total))
