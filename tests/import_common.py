import base64
import os
from datetime import timedelta
from pathlib import Path

from odoo import fields

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..tools import meter, warsaw
from .common import KsefCase
from .documents import supplier_file

#: Beside the checkout, which Odoo reaches through a link.
SHARED = Path(os.path.realpath(__file__)).parents[2] / "shared"


class ImportCase(KsefCase, CronMixinCase):
    """The company receives bills, since ten days ago; packages are ready at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.company, since=10)
        cls.purchases = cls.company_data["default_journal_purchase"]

    def setUp(self):
        super().setUp()
        self.empty_ksef()

    def empty_ksef(self):
        """KSeF holds nothing, knows no trouble, and has our time."""
        self.simulator.store.invoices.clear()
        self.simulator.store.exports.clear()
        self.simulator.requests.clear()
        self.simulator.set_clock(None)
        self.simulator.set_delay(steps=0)
        self.simulator.set(package_limit=10_000, part_size=None, mark_lag=0.0)

    @classmethod
    def receive(cls, company, since, **values):
        start = warsaw.today() - timedelta(days=since)
        cls.configure(company, ksef_import=True, ksef_import_from=start, **values)

    def put(self, number="F/1/2026", days_ago=0, **values):
        """KSeF holds an invoice to us, since some days; its KSeF number."""
        return self.put_file(supplier_file(number, **values), days_ago)

    def put_file(self, xml, days_ago=0):
        self.simulator.set_clock(warsaw.now() - timedelta(days=days_ago))
        number = self.simulator.put_invoice(xml)
        self.simulator.set_clock(None)
        return number

    def put_unreadable(self, content, number="ZŁA/1"):
        """KSeF holds a file that is no FA(3); the metadata are those of a good one."""
        number = self.put(number)
        self.simulator.store.invoices[number].xml = content
        return number

    def press(self, journal=None):
        """Press the button of the journal as the accountant; what it tells."""
        journal = self.as_accountant(journal or self.purchases)
        return journal.button_fetch_in_einvoices()["params"]

    def cron(self, later=timedelta(hours=1), times=1):
        """Let the cron run, some time after whatever was before."""
        for _time in range(times):
            for window in self.env["ksef.import"].sudo().search([]):
                if window.requested_at:
                    window.requested_at -= later
                window.retry_at = False
            self.company.ksef_paused_until = False
            self.run_cron("import")

    def limit(self, **limits):
        """KSeF begins to count requests, and this process learns of it."""
        usual = {group: self.simulator.limits.values[group] for group in limits}
        self.addCleanup(self.simulator.rate_limits, on=False, **usual)
        self.simulator.rate_limits(on=True, **limits)
        self.env["ksef.connection"].sudo().search([]).limits_at = False
        self.patch(meter, "PATIENCE", 0)
        self.patch(meter, "_meters", {})

    def windows(self, company=None):
        """All windows, the first one first."""
        domain = [("company_id", "=", (company or self.company).id)]
        return self.env["ksef.import"].sudo().search(domain, order="id")

    def documents(self, company=None):
        domain = [
            ("company_id", "=", (company or self.company).id),
            ("direction", "=", "received"),
        ]
        return self.env["ksef.document"].sudo().search(domain, order="id")

    def document(self, number, company=None):
        return self.documents(company).filtered(lambda d: d.ksef_number == number)

    def bill(self, number, company=None):
        """The bill of a KSeF number, as the accountant sees it."""
        document = self.document(number, company)
        self.assertTrue(document, f"{number} did not arrive")
        return self.as_accountant(document.move_id)

    def bytes_of(self, document):
        return base64.b64decode(document.with_context(bin_size=False).xml or b"")

    def notes(self, bill):
        """What is logged on a bill, as text."""
        return "\n".join(str(body) for body in bill.sudo().message_ids.mapped("body"))

    def exports(self):
        """How many exports KSeF was asked for."""
        return len(self.simulator.store.exports)

    def ago(self, **delta):
        return fields.Datetime.now() - timedelta(**delta)
