import base64

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import OTHER_NIP, PASSWORD, KsefCase
from .secrets import traces


@tagged("post_install_l10n", "post_install", "-at_install")
class TestNeutralize(KsefCase):
    """A copy of a production database never talks to KSeF as the company again, and
    holds no secret of it."""

    def setUp(self):
        super().setUp()
        self.simulator.store.invoices.clear()
        self.company.write({"ksef_import": True, "ksef_import_from": "2026-02-01"})
        self.configure(self.other)
        self.upload(self.other, nip=OTHER_NIP, password=PASSWORD)
        self.other.ksef_environment = "production"
        self.invoice_on_its_way = self.posted()
        self.run_cron("send")
        self.simulator.set_delay(steps=99)
        self.run_cron("import")
        self.simulator.set_delay(steps=0)

    def neutralize(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["l10n_pl_ksef"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.simulator.requests.clear()

    def certificates(self):
        records = self.env["ksef.certificate"].with_context(active_test=False)
        return records.sudo().search(
            [("company_id", "in", (self.company | self.other).ids)]
        )

    def test_no_secret_is_left(self):
        wizard = self.wizard(self.company, type="token", token="x" * 40)
        window = self.env["ksef.import"].search([("state", "=", "requested")])
        secrets = [
            base64.b64decode(sealed)
            for sealed in (
                *self.certificates().mapped("sealed_secret"),
                window.sudo().sealed_key,
                wizard.sudo().sealed_secret,
            )
        ]
        self.assertEqual(len(secrets), 4)
        self.assertEqual(
            traces(self.env, *secrets),
            {"ksef_certificate", "ksef_import", "ksef_certificate_upload"},
            "this test sees them while they are there",
        )
        self.neutralize()
        self.assertEqual(traces(self.env, *secrets), set())

    def test_no_company_is_connected(self):
        self.assertEqual(len(self.certificates()), 2)
        self.neutralize()
        for company in self.company | self.other:
            self.assertEqual(company.ksef_environment, "test", "never production")
            self.assertFalse(company.ksef_api_url)
            self.assertFalse(company.ksef_import)
            self.assertFalse(company._ksef_login_credential())
        self.assertFalse(any(self.certificates().mapped("active")))

    def test_no_request_for_a_certificate_goes_on(self):
        self.company.ksef_renew_automatically = True
        self.simulator.fault("enrollment_stuck")
        certificates = self.env["ksef.certificate"].sudo()
        request = certificates._enrol(self.company, "offline", "Odoo offline")
        request._go_on()
        self.assertEqual(request.state, "enrolling")
        self.neutralize()
        self.configure(self.company)
        self.assertEqual(request.state, "refused")
        self.run_cron("poll")
        self.run_cron("watch")
        self.assertFalse(self.simulator.requests)
        self.assertFalse(self.company.ksef_renew_automatically)

    def test_company_without_ksef_stays_without(self):
        self.other.ksef_environment = False
        self.neutralize()
        self.assertFalse(self.other.ksef_environment)

    def test_crons_are_off(self):
        self.neutralize()
        names = ("send", "poll", "import", "watch", "mail")
        crons = [self.env.ref(f"l10n_pl_ksef.cron_{name}") for name in names]
        self.assertEqual([cron.active for cron in crons], [False] * 5)
        data = self.env["ir.model.data"].search(
            [("module", "=", "l10n_pl_ksef"), ("model", "=", "ir.cron")]
        )
        self.assertEqual(set(data.mapped("res_id")), {cron.id for cron in crons})

    def test_whoever_runs_them_all_the_same_reaches_nobody(self):
        self.neutralize()
        for name in ("send", "poll", "import", "watch"):
            self.run_cron(name)
        self.make_due()
        self.run_cron("poll")
        self.assertFalse(self.simulator.requests)
        self.assertEqual(self.invoice_on_its_way.ksef_state, "pending")
        (archived,) = self.certificates().filtered(
            lambda certificate: certificate.company_id == self.company
        )
        action = archived.action_check_connection()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertFalse(self.simulator.requests)

    def test_secret_taken_away_is_told(self):
        self.neutralize()
        self.configure(self.company)
        action = self.certificate.action_check_connection()
        self.assertEqual(
            action["params"]["message"],
            "The private key of this certificate has been removed from this database."
            " Delete the certificate and upload it again.",
        )

    def test_only_a_new_certificate_connects_the_copy(self):
        self.neutralize()
        self.configure(self.company)
        certificate = self.upload(self.company, nip="9999999999")
        self.assertEqual(certificate.state, "active", certificate.check_error)
