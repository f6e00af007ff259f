from dataclasses import replace
from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from ..ksef import fa3
from ..mapping.readable import Speech, readable
from .documents import supplier_invoice

ENGLISH = Speech(("en_US",))


def line(number, price, quantity=1, **values):
    net = Decimal(price) * quantity
    values = {"name": f"goods {number}", "unit": "pcs", "rate": "23", **values}
    return fa3.Line(
        number=number,
        quantity=Decimal(quantity),
        net_price=Decimal(price),
        net=net,
        **values,
    )


def before(stated):
    return replace(stated, before=True)


def correction(*lines, **values):
    kind = values.pop("kind", fa3.Kind.CORRECTION)
    return supplier_invoice(kind=kind, lines=lines, **values)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReadableStates(TransactionCase):
    """A correction shows its lines before and after side by side: each line once, what
    does not change once, amounts with their difference."""

    def section(self, invoice, name):
        page = readable(invoice, ENGLISH)
        return next(section for section in page.sections if section.name == name)

    def table(self, invoice, name="lines"):
        """(heads, rows) of the first table of a section, as texts."""
        blocks = self.section(invoice, name).blocks
        grid = next(block.grid for block in blocks if block.grid)
        heads = [" ".join((*c.group, *c.label)) for c in grid.columns]
        rows = [[cell.text for cell in row.cells] for row in grid.rows]
        return heads, rows

    def test_price_changes(self):
        heads, rows = self.table(correction(before(line(1, 10)), line(1, 8)))
        self.assertEqual(
            heads,
            [
                "No.",
                "Name of goods or service",
                "Quantity",
                "Unit",
                "VAT rate",
                "Before correction Net price",
                "Before correction Net value",
                "After correction Net price",
                "After correction Net value",
                "Difference Net value",
            ],
        )
        facts = ["1", "goods 1", "1", "pcs", "23%"]
        self.assertEqual(rows, [[*facts, "10.00", "10.00", "8.00", "8.00", "-2.00"]])

    def test_added_and_removed_lines(self):
        stated = (before(line(1, 10)), line(2, 5), before(line(3, 7)), line(3, 7))
        _heads, rows = self.table(correction(*stated))
        self.assertEqual([row[1] for row in rows], ["goods 1", "goods 2", "goods 3"])
        self.assertEqual([row[-1] for row in rows], ["-10.00", "5.00", "0.00"])
        self.assertEqual(rows[1][3:7], ["23%", "", "", ""], "nothing before")

    def test_same_line_by_its_id(self):
        first, second = line(1, 10, uid="a"), line(2, 20, uid="b")
        stated = (
            before(first),
            before(second),
            replace(second, number=1, net=Decimal(18)),
            replace(first, number=2),
        )
        _heads, rows = self.table(correction(*stated))
        self.assertEqual([row[-1] for row in rows], ["0.00", "-2.00"])

    def test_all_states_before_all_after(self):
        stated = [line(n, 10 * n) for n in range(1, 4)]
        states = (*map(before, stated), *(replace(x, net=x.net - 1) for x in stated))
        _heads, rows = self.table(correction(*states))
        self.assertEqual([row[-1] for row in rows], ["-1.00"] * 3)

    def test_equal_numbers(self):
        stated = (before(line(1, 10)), before(line(1, 20)), line(1, 9), line(1, 18))
        _heads, rows = self.table(correction(*stated))
        self.assertEqual([row[-1] for row in rows], ["-1.00", "-2.00"])

    def test_name_changes(self):
        heads, rows = self.table(
            correction(before(line(1, 10)), line(1, 10, name="better"))
        )
        self.assertIn("After correction Name of goods or service", heads)
        self.assertIn("better", rows[0])

    def test_by_difference(self):
        invoice = correction(line(1, -2))
        title = self.section(invoice, "lines").title
        self.assertEqual(title, ("Lines: by how much they change",))
        heads, _rows = self.table(invoice)
        self.assertFalse([head for head in heads if "correction" in head])

    def test_order_of_an_advance(self):
        ordered = fa3.OrderLine(number=1, name="flat", net=Decimal(100), rate="23")
        order = fa3.AdvanceOrder(
            value=Decimal(123),
            lines=(before(ordered), replace(ordered, net=Decimal(90))),
        )
        invoice = correction(kind=fa3.Kind.ADVANCE_CORRECTION, order=order)
        _heads, rows = self.table(invoice, "order")
        self.assertEqual(rows[0][-1], "-10.00")

    def test_former_buyer_beside_the_present_one(self):
        invoice = supplier_invoice(kind=fa3.Kind.CORRECTION)
        former = fa3.FormerBuyer.of(replace(invoice.buyer, name="Old"), None)
        invoice = replace(invoice, former_buyers=(former,))
        section = self.section(invoice, "former_parties")
        self.assertEqual(section.across, 2)
        names = [block.fields[0].value for block in section.blocks]
        self.assertEqual(names, ["Old", invoice.buyer.name])

    def test_foreign_currency(self):
        total = fa3.RateTotal(
            bucket=fa3.BUCKETS["23"],
            net=Decimal(100),
            tax=Decimal(23),
            tax_pln=Decimal("98.90"),
        )
        invoice = supplier_invoice(
            currency="EUR",
            totals=(total,),
            lines=(line(1, 100, exchange_rate=Decimal("4.3")),),
        )
        heads, rows = self.table(invoice, "totals")
        self.assertEqual(heads[-1], "VAT in PLN")
        self.assertEqual(rows[0], ["23%", "100.00", "23.00", "123.00", "98.90"])
        said = [
            f.value for b in self.section(invoice, "totals").blocks for f in b.fields
        ]
        self.assertIn("1 EUR = 4.3 PLN", said)
        self.assertNotIn("98.90", "".join(map(str, self.table(supplier_invoice()))))

    def test_pieces_hold_every_row_once(self):
        invoice = supplier_invoice(lines=tuple(line(n, 1) for n in range(1, 101)))
        (block,) = self.section(invoice, "lines").blocks
        rows = [row for piece in block.grid.pieces for row in piece.rows]
        self.assertEqual(tuple(rows), block.grid.rows)
        self.assertGreater(len(block.grid.pieces), 3)
