from odoo.tests import tagged

from .batch_common import BatchCase

#: Enough that a query for each invoice would be seen; all of them go by batch.
FEW, MANY = 6, 24

#: What a run asks now and then, whatever it carries.
SLACK = 3


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDeliveryVolume(BatchCase):
    """Whatever the number of invoices, to hand them over and to note what KSeF said of
    them costs the same queries."""

    def queries(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def handing_over(self, count):
        moves = self.many(count)
        spent = self.queries(self.send)
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.poll(times=4)
        return spent

    def noting(self, count, state, fault=None, **params):
        """How many queries it takes to note the same verdict on so many invoices."""
        moves = self.many(count)
        if fault:
            self.simulator.fault(fault, times=count, **params)
        self.send()
        spent = self.queries(lambda: self.poll(times=4))
        self.assertEqual(set(moves.mapped("ksef_state")), {state})
        documents = moves.sudo().ksef_document_id
        documents.write({"to_send": False})  # those that wait leave with no others
        return spent

    def assertCostsNoMore(self, cost, *case, **values):
        cost(3, *case, **values)  # warms what is cached for good
        few, many = (cost(count, *case, **values) for count in (FEW, MANY))
        told = f"{few} queries for {FEW}, {many} for {MANY}"
        self.assertLessEqual(many, few + SLACK, told)

    def test_handing_over(self):
        self.assertCostsNoMore(self.handing_over)

    def test_accepted(self):
        self.assertCostsNoMore(self.noting, "accepted")

    def test_rejected(self):
        self.assertCostsNoMore(self.noting, "rejected", "reject", code=450)

    def test_not_taken(self):
        self.assertCostsNoMore(self.noting, "ready", "reject", code=550)

    def test_held(self):
        self.assertCostsNoMore(self.noting, "ready", "reject", code=410)

    def test_wrongly_called_duplicates(self):
        self.assertCostsNoMore(self.noting, "accepted", "refused_duplicate")

    def test_corrections_that_wait_are_found_by_index(self):
        """Each run of the send cron looks for them among all invoices there are.
        PostgreSQL takes a partial index for a condition in the same words alone."""
        moves = self.env["account.move"].sudo()
        found = moves._search([("ksef_waits_for_original", "=", True)])
        asked = self.env.cr.mogrify(found.select()).decode().replace('"', "")
        self.env.cr.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index"
            " WHERE indexrelid::regclass::text LIKE '%ksef_waits_for_original_index'"
        )
        [(condition,)] = self.env.cr.fetchall()
        where = asked.partition("WHERE")[2].partition("ORDER")[0]
        words = where.replace("account_move.", "").strip("() \n")
        self.assertEqual(words, condition.strip("()"))
