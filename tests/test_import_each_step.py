import re

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..tools import tokens, warsaw
from .import_common import ImportCase

#: What befalls a single request. A lost answer: the work is done, and nobody knows.
FAULTS = (
    ("too_many_requests", {}),
    ("cut_json", {}),
    ("bad_gateway_html", {}),
    ("unauthorized", {}),
    ("lost_answer", {"after": True}),
)
REFERENCE = re.compile(r"\d{8}-[A-Z]{2}-[0-9A-F-]+[^/]*")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportEachStep(ImportCase):
    """Whichever request of reception or of its control fails, in whatever way: nobody
    is needed, and every invoice is here once."""

    def setUp(self):
        super().setUp()
        self.company.ksef_import_from = warsaw.today() - relativedelta(months=1, day=1)
        self.numbers = {self.put(f"F/{place}", days_ago=place) for place in range(2)}

    def begin(self):
        """Nothing has been received yet, and nobody is logged in."""
        self.documents().move_id.unlink()
        self.documents().unlink()
        self.windows().unlink()
        self.periods().unlink()
        tokens._tokens.clear()
        self.simulator.requests.clear()

    def periods(self):
        return self.env["ksef.period"].sudo().search([])

    def steps(self):
        """The kinds of requests of a run in which all goes well."""
        self.begin()
        self.cron()
        return {
            (request.method, REFERENCE.sub("[^/]+", request.path))
            for request in self.simulator.requests
        }

    def test_any_single_failure(self):
        steps = sorted(self.steps())
        self.assertGreater(len(steps), 6, steps)
        for method, path in steps:
            for name, details in FAULTS:
                with self.subTest(request=f"{method} {path}", fault=name):
                    self.begin()
                    where = {"method": method, "path": f"{path}$"}
                    self.simulator.fault(name, **where, **details)
                    self.cron(times=2)
                    self.simulator.clear_faults()
                    self.cron()
                    found = self.documents().mapped("ksef_number")
                    self.assertEqual(sorted(found), sorted(self.numbers))
                    self.assertEqual(len(self.documents().move_id), 2)
                    late = (
                        self.env["ksef.period"].sudo().search([]).mapped("late_count")
                    )
                    self.assertFalse(sum(late), "the ledger brought them")
