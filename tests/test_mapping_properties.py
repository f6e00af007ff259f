from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .mapping_common import CREATED, ISSUED, MappingCase

CENT = Decimal("0.01")
#: Taxes that may stand on one invoice, by who buys.
MARKETS = {
    "domestic": ("vs_kraj_23", "vs_kraj_8", "vs_kraj_5", "vs_kraj_0", "vs_kraj_zw"),
    "eu": ("vs_unia", "vs_dostu"),
    "export": ("vs_eksp_tow", "vs_ekspu"),
}
RATES = {"EUR": 4.2571, "USD": 3.6049, "JPY": 0.026512}


def decimals(highest, places):
    return st.decimals(min_value=0, max_value=highest, places=places).map(float)


def lines_of(market):
    """Lines of one invoice: tax, whether the price includes it, numbers."""
    taxes = (*MARKETS[market], "margin", "outside", "own 7")
    return st.fixed_dictionaries(
        {
            "tax": st.sampled_from(taxes if market == "domestic" else MARKETS[market]),
            "included": st.booleans(),
            "price": st.one_of(decimals(9000, 2), decimals(10, 6)),
            "quantity": st.one_of(decimals(100, 0), decimals(50, 3)),
            "discount": st.sampled_from((0, 0, 0, 5, 12.5, 33.33, 100)),
            "returned": st.integers(0, 9).map(lambda chance: chance == 0),
        }
    )


@st.composite
def baskets(draw):
    market = draw(st.sampled_from(sorted(MARKETS)))
    return {
        "market": market,
        "currency": draw(st.sampled_from(("PLN", *RATES))),
        "all_included": draw(st.booleans()),
        "lines": draw(st.lists(lines_of(market), min_size=1, max_size=7)),
    }


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingProperties(MappingCase):
    """Whatever is on an invoice, its document is valid, closes, and says what the
    journal entry says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        precision = cls.env["decimal.precision"]
        names = ("Product Price", "Product Unit")
        precision.search([("name", "in", names)]).write({"digits": 6})
        cls.tax("vs_kraj_zw").ksef_exemption = "art. 43 ust. 1 pkt 37 ustawy o VAT"
        cls.taxes = cls.make_taxes()
        cls.partners = cls.make_partners()
        for name, rate in RATES.items():
            cls.make_rate(cls.env.ref(f"base.{name}"), rate)

    @classmethod
    def make_taxes(cls):
        """{(name, whether prices include it): tax}."""
        own = cls.env["account.tax"].create(
            [
                {"name": "margin", "amount": 0, "ksef_rate": "margin"},
                {"name": "outside", "amount": 0, "ksef_rate": "outside"},
                {"name": "own 7", "amount": 7},
            ]
        )
        known = {tax.name: tax for tax in own}
        for names in MARKETS.values():
            known |= {name: cls.tax(name) for name in names}
        included = {"price_include_override": "tax_included"}
        copies = {
            (name, True): tax.copy({"name": f"{name} incl.", **included})
            for name, tax in known.items()
        }
        return copies | {(name, False): tax for name, tax in known.items()}

    @classmethod
    def make_partners(cls):
        address = {"is_company": True, "street": "Street 1", "city": "City"}
        german, american = cls.env["res.partner"].create(
            [
                {
                    **address,
                    "name": f"Buyer {country}",
                    "country_id": cls.env.ref(f"base.{country}").id,
                    "vat": vat,
                }
                for country, vat in (("de", "DE136695976"), ("us", "12345"))
            ]
        )
        return {"domestic": cls.buyer, "eu": german, "export": american}

    @classmethod
    def make_rate(cls, currency, rate):
        currency.active = True
        currency.rate_ids.unlink()
        row = {
            "name": ISSUED,
            "inverse_company_rate": rate,
            "company_id": cls.company.id,
        }
        currency.rate_ids = [Command.create(row)]

    def test_random_baskets(self):
        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # shrinking makes hundreds of invoices
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.lists(baskets(), min_size=12, max_size=12),
            st.sampled_from(("round_globally", "round_per_line")),
        )
        def holds(chosen, rounding):
            self.company.tax_calculation_rounding_method = rounding
            for basket, move in zip(chosen, self.drafts(chosen), strict=True):
                with self.subTest(**basket):
                    self.assertRight(move)

        holds()

    def drafts(self, chosen):
        """The invoices of the baskets: made at once, never negative, not alone of what
        is outside VAT."""
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                [
                    {
                        "move_type": "out_invoice",
                        "name": f"FV/{number}",
                        "invoice_date": ISSUED,
                        "partner_id": self.partners[basket["market"]].id,
                        "currency_id": self.env.ref(f"base.{basket['currency']}").id,
                        "invoice_line_ids": [
                            self.anchor(basket),
                            *(self.sold(basket, line) for line in basket["lines"]),
                        ],
                    }
                    for number, basket in enumerate(chosen, start=1)
                ]
            )
        )

    def anchor(self, basket):
        price = 1_000_000.01
        tax = MARKETS[basket["market"]][0]
        return self.sold(basket, {"tax": tax, "price": price, "quantity": 1})

    def sold(self, basket, line):
        included = basket["all_included"] or line.get("included", False)
        tax = self.taxes[line["tax"], included]
        sign = -1 if line.get("returned") else 1
        return self.line(
            line["price"],
            quantity=line["quantity"] * sign,
            discount=line.get("discount", 0),
            tax_ids=[Command.set(tax.ids)],
        )

    # ------------------------------------------------------------------
    # What always holds
    # ------------------------------------------------------------------

    def assertRight(self, move):
        self.assertEqual(problems(move), [])
        invoice = to_fa3(move, created=CREATED, issue_date=ISSUED)
        data = fa3.build(invoice)
        self.assertEqual(fa3.check(data, self.schema), ())
        self.assertEqual(fa3.parse(data), invoice)
        self.assertBooked(move, invoice)
        self.assertLinesClose(invoice)

    def assertBooked(self, move, invoice):
        """To the grosz, in both currencies."""
        vat = sum(total.tax or 0 for total in invoice.totals)
        self.assertEqual(vat, grosze(move.amount_tax))
        stated = sum(total.net for total in invoice.totals) + vat
        self.assertEqual(stated, invoice.total)
        said = invoice.settlement
        due = said.to_pay if said else invoice.total
        self.assertEqual(due, grosze(move.amount_total))
        items = move.line_ids.filtered("tax_line_id")
        in_pln = sum(total.tax_pln or 0 for total in invoice.totals)
        foreign = invoice.currency != "PLN"
        booked = grosze(-sum(items.mapped("balance"))) if foreign else 0
        self.assertEqual(in_pln, booked)

    def assertLinesClose(self, invoice):
        """Prices give the amounts, amounts the totals."""
        for line in invoice.lines:
            gross = line.gross is not None
            price = line.gross_price if gross else line.net_price
            price -= line.unit_discount or 0
            amount = line.gross if gross else line.net
            unit = 1 if invoice.currency == "JPY" else CENT
            self.assertAlmostEqual(line.quantity * price, amount, delta=unit * 2)
            taxed = line.rate in ("23", "8", "7", "5") and invoice.currency != "PLN"
            self.assertEqual(line.exchange_rate is not None, taxed)
        for total in invoice.totals:
            self.assertTotalCloses(invoice, total)

    def assertTotalCloses(self, invoice, total):
        """Net lines add up exactly, gross ones within their roundings."""
        lines = [line for line in invoice.lines if bucket(line) is total.bucket]
        net = [line.net for line in lines if line.net is not None]
        if len(net) == len(lines):
            self.assertEqual(sum(net), total.net)
            return
        gross = sum(line.gross or 0 for line in lines)
        unit = 1 if invoice.currency == "JPY" else CENT
        stated = total.net + (total.tax or 0) - sum(net)
        if not net:
            self.assertAlmostEqual(gross, stated, delta=unit * (len(lines) + 1))


def bucket(line):
    return fa3.BUCKETS.get(line.rate, fa3.Bucket.MARGIN)


def grosze(amount):
    return Decimal(repr(amount)).quantize(CENT)
