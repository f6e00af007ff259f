from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import new_test_user

from ..ksef import fa3
from ..tools import warsaw
from .documents import supplier_file
from .import_common import ImportCase

QUERY = "/invoices/query/metadata"


class PeriodCase(ImportCase):
    """Reception begins with the last month; an account manager is there to be told."""

    def setUp(self):
        super().setUp()
        self.month = warsaw.today().replace(day=1) - relativedelta(months=1)
        self.company.ksef_import_from = self.month
        self.manager = new_test_user(
            self.env,
            "ksef_manager",
            groups="account.group_account_manager",
            company_id=self.company.id,
        )

    def put_in_month(self, number, day=10, **values):
        when = datetime.combine(
            self.month + timedelta(days=day), datetime.min.time(), warsaw.WARSAW
        )
        return self.simulator.put_invoice(supplier_file(number, **values), stored=when)

    def periods(self, role="Subject2"):
        found = self.env["ksef.period"].sudo()
        return found.search(
            [("company_id", "=", self.company.id), ("role", "=", role)], order="month"
        )

    def period(self, role="Subject2"):
        """Last month."""
        return self.periods(role).filtered(lambda p: p.month == self.month)

    def lose(self, *numbers):
        """As if these had never arrived."""
        for number in numbers:
            self.document(number).move_id.unlink()
            self.document(number).unlink()

    def control(self):
        """The next control, as if its time had come."""
        self.periods().next_at = fields.Datetime.now() - timedelta(seconds=1)
        self.cron()

    def activities(self):
        return self.period().activity_ids

    def queries(self):
        return [r for r in self.simulator.requests if r.path.endswith(QUERY)]

    def over(self, amount):
        """An invoice without VAT over the amount."""
        total = fa3.RateTotal(bucket=fa3.BUCKETS["zw"], net=amount)
        return {"total": amount, "totals": (total,)}
