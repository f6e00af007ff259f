from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef.errors import AuthenticationError
from ..ksef.refusals import raise_refusal
from ..tools import meter, warsaw
from ..tools.transaction import commit
from ..tools.user_message import user_message
from .administration_common import ConnectionCase
from .common import NIP, SUPPLIER_NIP
from .documents import supplier_file

WARNING = "[sig-001]: the XAdES profile will be refused"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestToldByKsef(ConnectionCase):
    """What KSeF says beside its answers reaches an administrator, once."""

    def setUp(self):
        super().setUp()
        self.patch(meter, "_meters", {})

    def warn(self, text=WARNING):
        """KSeF answers with a warning."""
        client = self.company._ksef_client(purpose="check")
        client.call("GET", "/rate-limits", headers={"X-Test-System-Warning": text})
        commit(self.env)

    def activities(self):
        return self.certificate.sudo().activity_ids.filtered(
            lambda one: one.summary.startswith("KSeF warns")
        )

    def test_r42_a_warning_is_kept_and_shown(self):
        self.warn()
        shown = self.settings().ksef_system_warning
        self.assertIn(WARNING, shown)
        self.assertIn(str(warsaw.today()), shown)

    def test_r42_administrators_are_told_once_of_each(self):
        administrators = self.certificate.sudo()._administrators()
        for text, expected in ((WARNING, 1), (WARNING, 1), ("[xml-002]: signs", 2)):
            self.warn(text)
            self.run_cron("watch")
            self.assertEqual(
                len(self.activities()), expected * len(administrators), text
            )
        self.activities().unlink()
        self.run_cron("watch")
        self.assertFalse(self.activities(), "done is done")

    def test_no_warning_no_word(self):
        self.company._ksef_client().personal_grants()
        commit(self.env)
        settings = self.settings()
        for name in ("system_warning", "pause", "sharing", "clock"):
            self.assertFalse(settings[f"ksef_{name}"], name)

    def test_clock(self):
        noted = self.company._ksef_connection()._meter()
        date = warsaw.now() + timedelta(minutes=5)
        noted.note_answer({"Date": f"{date:%a, %d %b %Y %H:%M:%S} GMT"})
        commit(self.env)
        self.assertIn("by 5 min", self.settings().ksef_clock)
        noted.note_answer({"Date": f"{warsaw.now():%a, %d %b %Y %H:%M:%S} GMT"})
        commit(self.env)
        self.assertFalse(self.settings().ksef_clock, "it was set right")

    def test_check_connection_tells_of_the_clock(self):
        self.company._ksef_connection().clock = 300
        kind, message = self.check()
        self.assertEqual(kind, "warning")
        self.assertIn("clock of this server", message)

    def test_r34_a_pause_is_visible(self):
        self.company._ksef_pause(600)
        self.assertIn("asks KSeF nothing until", self.settings().ksef_pause)
        journal = self.as_accountant(self.company_data["default_journal_sale"])
        card = journal._get_journal_dashboard_data_batched()[journal.id]
        self.assertIn("asks KSeF nothing until", card["ksef"]["pause"])
        self.company.ksef_paused_until -= timedelta(hours=1)
        self.assertFalse(self.settings().ksef_pause, "it is over")

    def test_r33_a_block_is_a_long_pause(self):
        error = AuthenticationError(403, reason_code="security-service-blocked")
        self.assertEqual(self.company._ksef_retry_after(error), timedelta(hours=1))
        self.assertIn("blocked this server", self.settings().ksef_pause)

    def test_r23_the_missing_right_is_named(self):
        body = (
            b'{"reasonCode": "missing-permissions", "security":'
            b' {"requiredAnyOfPermissions": ["InvoiceWrite", "PefInvoiceWrite"]}}'
        )
        with self.assertRaises(AuthenticationError) as refusal:
            raise_refusal(403, {}, body)
        words = user_message(self.env, refusal.exception)
        self.assertIn("issuing invoices (InvoiceWrite), PefInvoiceWrite", words)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOneOwner(ConnectionCase):
    """Two companies with one NIP share the connection: each is told so, the bills come
    once, and invoices go from both."""

    def setUp(self):
        super().setUp()
        self.simulator.store.invoices.clear()
        self.simulator.store.exports.clear()
        self.other.partner_id.vat = self.company.partner_id.vat
        self.configure(self.other)
        self.upload(self.other, nip=NIP)
        day = warsaw.today() - timedelta(days=10)
        for company in self.company | self.other:
            company.write({"ksef_import": True, "ksef_import_from": day})

    def test_both_are_told(self):
        for company, other in (
            (self.company, self.other),
            (self.other, self.company),
        ):
            text = self.settings(company).ksef_sharing
            self.assertIn(f"by {other.name} too", text)
            self.assertIn(f"received by {self.first().name} only", text)

    def first(self):
        return (self.company | self.other).sorted("id")[:1]

    def second(self):
        return (self.company | self.other) - self.first()

    def test_bills_come_once(self):
        self.simulator.put_invoice(supplier_file("F/1/2026", seller_nip=SUPPLIER_NIP))
        self.run_cron("import")
        self.run_cron("import")
        received = (
            self.env["ksef.document"]
            .sudo()
            .search(
                [("direction", "=", "received"), ("ksef_number", "like", SUPPLIER_NIP)]
            )
        )
        self.assertEqual(received.company_id, self.first())
        self.assertEqual(len(received), 1)

    def test_the_button_of_the_second_says_where(self):
        told = self.env["ksef.import"].sudo()._fetch_or_note(self.second())
        self.assertIn(f"received by {self.first().name} only", told)

    def test_what_the_first_has_received_comes_no_second_time(self):
        xml = supplier_file("F/1/2026", seller_nip=SUPPLIER_NIP)
        number = self.simulator.put_invoice(xml)
        self.run_cron("import")
        self.first().ksef_import = False
        self.run_cron("import")
        documents = self.env["ksef.document"].sudo()
        received = documents.search([("ksef_number", "=", number)])
        self.assertEqual(received.company_id, self.first(), "one NIP, one bill")
        self.assertTrue(
            self.env["ksef.import"].search([("company_id", "=", self.second().id)]),
            "the second has asked",
        )

    def test_the_second_fetches_nothing_by_hand(self):
        wizards = self.env["ksef.fetch"].with_user(self.accountant)
        for values in ({"what": "new"}, {"what": "period"}, {"what": "number"}):
            wizard = wizards.create({"company_id": self.second().id, **values})
            with self.subTest(**values), self.assertRaises(UserError) as refusal:
                wizard.action_fetch()
            self.assertIn("received by", str(refusal.exception))

    def test_the_second_takes_over_when_the_first_receives_no_more(self):
        self.first().ksef_import = False
        self.assertEqual(self.first()._ksef_receiver(), self.second())


@tagged("post_install_l10n", "post_install", "-at_install")
class TestLeaveToken(ConnectionCase):
    """KSeF tokens end by regulation: one click leads to a certificate, and the company
    logs in with it as soon as it works."""

    def test_r27_a_certificate_takes_over_once_it_works(self):
        self.company.ksef_login = "token"
        action = self.settings().action_ksef_move_to_certificate()
        self.assertEqual(action["res_model"], "ksef.first.login")
        self.simulator.fault("server_error", path="challenge")
        self.certificate.action_check_connection()
        self.assertEqual(self.company.ksef_login, "token", "it does not work")
        self.certificate.action_check_connection()
        self.assertEqual(self.company.ksef_login, "certificate")

    def test_r27_nobody_is_moved_who_did_not_ask(self):
        self.company.ksef_login = "token"
        self.certificate.action_check_connection()
        self.assertEqual(self.company.ksef_login, "token")
