from datetime import date, datetime, timezone
from decimal import Decimal

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import file_open

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..ksef import fa3
from ..mapping.invoice_in import bill
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
        # Not Odoo's taxes, accounts, products, partners and terms, of which no test
        # of ours uses any: they take a quarter of what a class needs to begin.
        super(AccountTestInvoicingCommon, cls).setUpClass()
        cls.maxDiff = None
        cls.company = cls.env.company
        cls.company_data = cls.collect_company_accounting_data(cls.company)
        cls._use_outstanding_accounts(cls.company_data["default_journal_bank"])
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
    def _use_outstanding_accounts(cls, bank):
        """Payments wait for the bank statement, as Odoo's own tests have it."""
        chart = cls.env["account.chart.template"]
        for lines, side in (
            (bank.inbound_payment_method_line_ids, "debit"),
            (bank.outbound_payment_method_line_ids, "credit"),
        ):
            name = f"account_journal_payment_{side}_account_id"
            account = chart.ref(name, raise_if_not_found=False)
            lines[0].payment_account_id = account

    @classmethod
    def _create_company(cls, **values):
        """A company of the test database, where scripts/test has prepared some: a
        chart of accounts takes seconds. Each serves one class at a time."""
        prepared = cls.env["res.company"].search(
            [("name", "=like", "ksef-test-_")], limit=1, order="id"
        )
        usual = values.keys() <= {"name"} and cls.country_code == "PL"
        if not prepared or not usual or cls.chart_template:
            return super()._create_company(**values)
        prepared.write(values)
        cls.env.user.company_ids = [Command.link(prepared.id)]
        return prepared

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


class BillCase(MappingCase):
    """The company receives: a journal, a supplier, invoices to book."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.vat = "PL1111111111"
        cls.journal = cls.company_data["default_journal_purchase"]
        cls.supplier = cls.env["res.partner"].create(
            {"name": "ABC AGD", "country_id": cls.env.ref("base.pl").id}
        )

    def values(self, invoice):
        """What ``bill`` makes of ``invoice``, with the rights of the accountant."""
        env = self.env(user=self.accountant)
        company = self.company.with_env(env)
        return bill(
            invoice,
            company=company,
            journal=self.journal.with_env(env),
            partner=self.supplier.with_env(env),
            tax_for=lambda rate: env["account.tax"]._ksef_purchase_tax(company, rate),
        )

    def bill(self, invoice):
        """The draft bill of ``invoice`` and the notes on it."""
        made = self.values(invoice)
        moves = self.env(user=self.accountant)["account.move"]
        return moves.create(made.values), made.notes

    def assertBooked(self, move, invoice, message=None):
        """The bill has the total and the VAT of the invoice, and can be posted."""
        sign = -1 if move.move_type == "in_refund" else 1
        vat = sum(total.tax or 0 for total in invoice.totals)
        total = Decimal(f"{move.amount_total:.2f}") * sign
        self.assertEqual(total, invoice.total, message)
        self.assertEqual(Decimal(f"{move.amount_tax:.2f}") * sign, vat, message)

    def invoice(self, *lines, totals=None, total=None, **values):
        """A domestic invoice of 23% for the company."""
        lines = tuple(
            fa3.Line(number=number, **line) for number, line in enumerate(lines, 1)
        )
        net = sum((line.net or 0 for line in lines), Decimal())
        totals = totals or (
            fa3.RateTotal(
                bucket=fa3.Bucket.STANDARD,
                net=net,
                tax=(net * 23 / 100).quantize(Decimal("0.01")),
            ),
        )
        if total is None:
            total = sum((t.net + (t.tax or 0) for t in totals), Decimal())
        address = fa3.Address(country="PL", line1="ul. Kwiatowa 1")
        return fa3.Invoice(
            **{
                "created": CREATED,
                "seller": fa3.Seller(nip="9999999999", name="ABC", address=address),
                "buyer": fa3.Buyer(nip="1111111111", name="JK", address=address),
                "currency": "PLN",
                "issue_date": date(2026, 2, 15),
                "number": "FV2026/02/150",
                "annotations": fa3.Annotations(),
                "kind": fa3.Kind.INVOICE,
                "lines": lines,
                "totals": totals,
                "total": total,
                **values,
            }
        )

    def sold(self, net, rate="23", **values):
        return {"name": "usługa", "net": Decimal(net), "rate": rate, **values}
