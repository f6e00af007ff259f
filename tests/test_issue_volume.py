from odoo import fields
from odoo.tests import tagged

from .mapping_common import MappingCase

#: Enough that a query for each invoice would be seen.
FEW, MANY = 4, 24


@tagged("post_install_l10n", "post_install", "-at_install")
class TestIssueVolume(MappingCase):
    """Whatever the number of invoices, their documents cost the same queries: Odoo
    posts them with some queries each, KSeF adds none to that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "ksef_environment": "own",
                "ksef_api_url": "http://127.0.0.1:9",
                "ksef_qr_url": "http://127.0.0.1:9",
            }
        )

    def drafts(self, count, **values):
        values = {"invoice_date": fields.Date.today(), **values}
        lines = [self.line(100.0, name="lodówka"), self.line(20.5, tax="vs_kraj_8")]
        made = [self.draft(*lines, **values) for _number in range(count)]
        moves = made[0].browse([move.id for move in made])
        self.env.flush_all()
        self.env.invalidate_all()
        return moves

    def queries(self, act):
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def posting(self, count, **values):
        """How many queries it takes to post so many invoices."""
        moves = self.drafts(count, **values)
        spent = self.queries(moves.action_post)
        issued = 0 if values.get("ksef_exclude") else count
        self.assertEqual(len(moves.ksef_document_id), issued)
        return spent

    def unissued(self, count):
        """Posted invoices without documents, as read anew from the database."""
        moves = self.drafts(count, ksef_exclude=True)
        moves.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        return moves

    def looking(self, count, look):
        """How many queries it takes to look at so many invoices one by one."""
        moves = self.unissued(count)
        return self.queries(lambda: [look(move) for move in moves])

    def assertCostsNoMore(self, cost, *case, **values):
        cost(1, *case, **values)  # warms what is cached for good
        few, many = (cost(count, *case, **values) for count in (FEW, MANY))
        self.assertLessEqual(many, few, f"{few} queries for {FEW}, {many} for {MANY}")

    def test_documents(self):
        self.assertCostsNoMore(self.looking, lambda move: move._ksef_invoice())

    def test_problems(self):
        self.assertCostsNoMore(self.looking, lambda move: move._ksef_problems())

    def test_issuing_adds_none_to_posting(self):
        def added(count):
            return self.posting(count) - self.posting(count, ksef_exclude=True)

        self.assertCostsNoMore(added)

    def test_a_batch_is_asked_once_for_what_it_has_in_common(self):
        moves = self.unissued(3)._ksef_at_once()
        first, second, third = (move._ksef_invoice() for move in moves)
        self.assertIs(first.seller.address, second.seller.address)
        self.assertIs(second.buyer.address, third.buyer.address)

    def test_what_a_batch_knows_ends_with_it(self):
        moves = self.unissued(2)
        before = [move._ksef_invoice().buyer.name for move in moves._ksef_at_once()]
        self.buyer.name = "Jan Nowak"
        after = [move._ksef_invoice().buyer.name for move in moves._ksef_at_once()]
        self.assertEqual(before, ["F.H.U. Jan Kowalski"] * 2)
        self.assertEqual(after, ["Jan Nowak"] * 2)
