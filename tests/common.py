import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user
from odoo.tools import file_path

from ..simulator import Simulator
from ..tools import warsaw
from .hurry import hurry
from .mapping_common import MappingCase

PASSWORD = "bardzo-tajne-haslo-1"
NIP = "9999999999"
OTHER_NIP = "5265877635"
SUPPLIER_NIP = "1111111111"


class KsefCase(MappingCase):
    """A Polish company connected to a simulator, and an accountant without settings.

    The company beside it is Polish too: nothing may mix with it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hurry(cls)
        cls.simulator = Simulator(schema=file_path("l10n_pl_edi/data/fa3_schema.xsd"))
        cls.simulator.start()
        cls.addClassCleanup(cls.simulator.stop)
        cls.env["ir.config_parameter"].set_param("account.pdf_generation_batch", "0")
        cls.other = cls.setup_other_company(name="Inna sp. z o.o.")["company"]
        cls.other.partner_id.write(
            {
                "vat": f"PL{OTHER_NIP}",
                "street": "ul. Inna 5",
                "zip": "30-001",
                "city": "Kraków",
            }
        )
        cls.accountant.write(
            {
                "company_ids": [Command.set((cls.company | cls.other).ids)],
                "tz": "Europe/Warsaw",
            }
        )
        cls.configure(cls.company)
        cls.certificate = cls.upload(cls.company, nip=NIP)

    def setUp(self):
        super().setUp()
        self.simulator.clear_faults()
        self.simulator.set_delay(steps=1)

    @classmethod
    def configure(cls, company, **values):
        company.write(
            {
                "ksef_environment": "own",
                "ksef_api_url": cls.simulator.api_url,
                "ksef_qr_url": cls.simulator.url,
                **values,
            }
        )

    @classmethod
    def upload(cls, company, kind="Authentication", **order):
        """Add a certificate of the simulator's authority as an administrator does."""
        order.setdefault("password", PASSWORD)
        crt, key = cls.simulator.issue_certificate(kind, **order)
        wizard = cls.wizard(
            company,
            type="offline" if kind == "Offline" else "authentication",
            certificate_file=base64.b64encode(crt),
            key_file=base64.b64encode(key),
            password=order["password"],
        )
        wizard.action_save()
        return cls.env["ksef.certificate"].search(
            [("company_id", "=", company.id)], order="id desc", limit=1
        )

    @classmethod
    def wizard(cls, company, **values):
        return cls.env["ksef.certificate.upload"].create(
            {"company_id": company.id, **values}
        )

    def reader(self):
        """Somebody who may look at the books of the company and change nothing."""
        return new_test_user(
            self.env,
            "ksef_reader",
            groups="account.group_account_readonly",
            company_id=self.company.id,
        )

    def as_accountant(self, records):
        return records.with_user(self.accountant).with_context(
            allowed_company_ids=[self.company.id]
        )

    def invoice(self, *lines, **values):
        """A draft invoice of today, made by the accountant."""
        values.setdefault("invoice_date", warsaw.today())
        return self.draft(*(lines or (self.line(100.0),)), **values)

    def posted(self, *lines, **values):
        invoice = self.invoice(*lines, **values)
        invoice.action_post()
        return invoice

    def run_cron(self, name):
        """Run what the cron runs, as the cron's user."""
        cron = self.env.ref(f"l10n_pl_ksef.cron_{name}")
        model = self.env[cron.model_id.model].with_user(cron.user_id)
        getattr(model, f"_cron_{name}")()

    def poll(self, times=3):
        """Let the poll cron look again, as if its time had come."""
        for _time in range(times):
            self.make_due()
            self.run_cron("poll")

    def make_due(self):
        sessions = self.env["ksef.session"].sudo().search([("poll_at", "!=", False)])
        sessions.poll_at = fields.Datetime.now() - timedelta(seconds=1)
        sessions.lease_until = False

    def sent(self, *lines, **values):
        """An invoice that KSeF has accepted."""
        invoice = self.posted(*lines, **values)
        self.run_cron("send")
        self.poll()
        self.assertEqual(invoice.ksef_state, "accepted", invoice.ksef_problem)
        return invoice
