import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import NIP, OTHER_NIP, PASSWORD, KsefCase

RECORDS = ("ksef.certificate", "ksef.document", "ksef.session", "ksef.import")
SECRETS = (
    ("ksef.certificate", "sealed_secret"),
    ("ksef.import", "sealed_key"),
    ("ksef.session", "proof_key"),
)
STATED_OF_COMPANY = {
    "ksef_authorized_id",
    "ksef_authorized_role",
    "ksef_bdo",
    "ksef_correction_method",
    "ksef_descriptions",
    "ksef_footer",
    "ksef_krs",
    "ksef_regon",
    "ksef_taxpayer_status",
}


class RightsCase(KsefCase):
    """An invoice on its way, an import ordered, and everybody who might look."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.company | cls.other
        # Exporting is a right of its own: with it they meet ours.
        cls.accountant.group_ids |= cls.env.ref("base.group_allow_export")
        cls.admin = cls.new_user("admin", "base.group_system", companies)
        cls.stranger = cls.new_user(
            "stranger", "account.group_account_invoice", cls.other
        )
        cls.strange_admin = cls.new_user(
            "strange_admin", "base.group_system", cls.other
        )
        cls.admin.group_ids |= cls.env.ref("base.group_allow_export")
        cls.employee = cls.new_user("employee", "base.group_user", cls.company)
        cls.portal = cls.new_user("portal", "base.group_portal", cls.company)
        cls.public = cls.new_user("public", "base.group_public", cls.company)
        cls.window = (
            cls.env["ksef.import"]
            .sudo()
            .create(
                {
                    "company_id": cls.company.id,
                    "environment": "own",
                    "role": "Subject2",
                    "date_from": "2026-02-01T00:00:00+01:00",
                    "state": "requested",
                    "reference_number": "20260201-EE-0000000000-0000000000-00",
                    "requested_at": "2026-02-01 10:00:00",
                    "sealed_key": cls.env["ksef.certificate"]._seal(
                        b"k" * 48, "import"
                    ),
                }
            )
        )

        cls.session = (
            cls.env["ksef.session"]
            .sudo()
            .create(
                {
                    "company_id": cls.company.id,
                    "environment": "own",
                    "state": "closed",
                    "reference_number": "20260201-SB-0000000000-0000000000-00",
                    "opened_at": "2026-02-01 10:00:00",
                    "proof_key": cls.env["ksef.certificate"]._seal(b"k" * 48, "proof"),
                }
            )
        )

    @classmethod
    def new_user(cls, name, group, companies):
        return new_test_user(
            cls.env,
            f"ksef_{name}",
            groups=group,
            company_id=companies[0].id,
            company_ids=[(6, 0, companies.ids)],
        )

    def rpc(self, user, model, method, *args, **kwargs):
        """What the server does when this user's client calls."""
        return call_kw(self.env(user=user)[model], method, list(args), kwargs)

    def setUp(self):
        super().setUp()
        self.simulator.store.invoices.clear()

    def assertForbidden(self, user, model, method, *args, **kwargs):
        with self.assertRaises(AccessError, msg=f"{user.login} {model}.{method}"):
            self.rpc(user, model, method, *args, **kwargs)

    def on_its_way(self):
        """An invoice that KSeF has but did not decide on."""
        invoice = self.posted()
        self.run_cron("send")
        self.assertEqual(invoice.ksef_state, "pending", invoice.ksef_problem)
        return invoice.ksef_document_id


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRights(RightsCase):
    """Accountants read documents, sessions and imports of their companies; nobody
    writes them from outside; certificates are for administrators; secrets for none."""

    def test_secrets_are_for_nobody(self):
        holders = {
            "ksef.certificate": self.certificate,
            "ksef.import": self.window,
            "ksef.session": self.session,
        }
        for model, field in SECRETS:
            ids = holders[model].ids
            for user in (self.admin, self.accountant):
                with self.subTest(model=model, user=user.login):
                    self.assertForbidden(user, model, "read", ids, [field])
                    self.assertForbidden(user, model, "search_read", [], [field])
                    self.assertForbidden(user, model, "export_data", ids, [field])
                    self.assertForbidden(user, model, "web_read", ids, {field: {}})
                    self.assertForbidden(
                        user, model, "search_count", [(field, "=", "S1NW")]
                    )

    def test_secrets_are_not_among_all_fields(self):
        (values,) = self.rpc(
            self.admin, "ksef.certificate", "read", self.certificate.ids
        )
        self.assertNotIn("sealed_secret", values)
        known = self.rpc(self.admin, "ksef.certificate", "fields_get")
        self.assertNotIn("sealed_secret", known)
        (values,) = self.rpc(self.accountant, "ksef.import", "read", self.window.ids)
        self.assertNotIn("sealed_key", values)

    def test_private_methods_stay_private(self):
        for method in ("_secret", "_unseal", "_credential", "_seal", "_vault"):
            self.assertForbidden(
                self.admin, "ksef.certificate", method, self.certificate.ids
            )

    def test_certificates_are_for_administrators(self):
        ids = self.certificate.ids
        for user in (self.accountant, self.employee, self.portal, self.public):
            with self.subTest(user=user.login):
                self.assertForbidden(user, "ksef.certificate", "read", ids, ["name"])
                self.assertForbidden(user, "ksef.certificate", "search", [])
                self.assertForbidden(user, "ksef.certificate", "unlink", ids)
                self.assertForbidden(
                    user, "ksef.certificate", "action_check_connection", ids
                )
                self.assertForbidden(
                    user, "ksef.certificate.upload", "create", {"type": "token"}
                )

    def test_nobody_writes_from_outside(self):
        document = self.on_its_way()
        records = (self.certificate, document, document.session_id, self.window)
        for record in records:
            for user in (self.admin, self.accountant):
                model = record._name
                with self.subTest(model=model, user=user.login):
                    values = {"company_id": self.company.id}
                    self.assertForbidden(user, model, "create", values)
                    self.assertForbidden(user, model, "copy", record.ids)
                    self.assertForbidden(user, model, "write", record.ids, values)
                    self.assertForbidden(
                        user, model, "web_save", record.ids, values, {}
                    )
                    if record != self.certificate:
                        self.assertForbidden(user, model, "unlink", record.ids)

    def test_accountant_reads_what_went_to_ksef(self):
        document = self.on_its_way()
        for record in (document, document.session_id, self.window):
            (values,) = self.rpc(self.accountant, record._name, "read", record.ids)
            self.assertEqual(values["id"], record.id)
        xml = self.rpc(self.accountant, "ksef.document", "read", document.ids, ["xml"])[
            0
        ]["xml"]
        self.assertIn(b"<Faktura", base64.b64decode(xml))

    def test_company_fields_are_not_for_everybody(self):
        """Accountants read what documents state, nobody else anything."""
        names = {n for n in self.company._fields if n.startswith("ksef_")}
        self.assertLess(STATED_OF_COMPANY | {"ksef_environment"}, names)
        for user in (self.accountant, self.employee, self.portal, self.public):
            known = self.rpc(user, "res.company", "fields_get")
            stated = STATED_OF_COMPANY if user == self.accountant else set()
            self.assertLessEqual(stated, known.keys())
            for name in names - stated:
                with self.subTest(user=user.login, field=name):
                    self.assertNotIn(name, known)
                    self.assertForbidden(
                        user, "res.company", "read", self.company.ids, [name]
                    )

    def test_other_company_sees_nothing(self):
        document = self.on_its_way()
        for record in (document, document.session_id, self.window):
            self.assertFalse(self.rpc(self.stranger, record._name, "search", []))
            self.assertForbidden(
                self.stranger, record._name, "read", record.ids, ["company_id"]
            )
        self.assertFalse(self.rpc(self.strange_admin, "ksef.certificate", "search", []))
        for method in ("read", "unlink", "action_check_connection", "action_download"):
            self.assertForbidden(
                self.strange_admin, "ksef.certificate", method, self.certificate.ids
            )

    def test_third_parties_belong_to_their_company(self):
        row = {"partner_id": self.buyer.id, "role": "6"}
        invoice = self.invoice(ksef_third_party_ids=[Command.create(row)])
        rows = invoice.ksef_third_party_ids
        self.assertTrue(self.rpc(self.accountant, rows._name, "search", []))
        self.assertFalse(self.rpc(self.stranger, rows._name, "search", []))
        for method in ("read", "unlink"):
            self.assertForbidden(self.stranger, rows._name, method, rows.ids)
            self.assertForbidden(self.employee, rows._name, method, rows.ids)

    def test_nobody_adds_a_certificate_to_another_company(self):
        values = {"company_id": self.company.id, "type": "token", "token": "x"}
        self.assertForbidden(
            self.strange_admin, "ksef.certificate.upload", "create", values
        )

    def test_accountant_changes_no_settings(self):
        self.assertForbidden(self.accountant, "res.config.settings", "create", {})
        self.assertForbidden(
            self.accountant,
            "res.company",
            "write",
            self.company.ids,
            {"ksef_api_url": "https://example.com"},
        )

    def test_administrator_deletes_a_certificate(self):
        self.rpc(self.admin, "ksef.certificate", "unlink", self.certificate.ids)
        self.assertFalse(self.certificate.exists())

    def test_certificate_is_deleted_when_ksef_is_switched_off(self):
        self.company.ksef_environment = False
        self.rpc(self.admin, "ksef.certificate", "unlink", self.certificate.ids)
        self.assertFalse(self.certificate.exists())

    def test_certificate_of_an_unfinished_session_stays(self):
        document = self.on_its_way()
        with self.assertRaises(UserError) as refusal:
            self.rpc(self.admin, "ksef.certificate", "unlink", self.certificate.ids)
        self.assertEqual(
            str(refusal.exception),
            "KSeF has not confirmed every invoice sent with this certificate yet."
            " Delete it once the sessions under KSeF > Sessions are done.",
        )
        self.poll()
        self.assertEqual(document.state, "accepted")
        self.rpc(self.admin, "ksef.certificate", "unlink", self.certificate.ids)
        self.assertTrue(document.session_ids.exists(), "the session is kept")

    def test_branch_uses_the_connection_of_its_parent(self):
        branch = self.branch()
        worker = self.new_user("branch", "account.group_account_invoice", branch)
        invoice = self.branch_invoice(worker, branch)
        invoice.action_post()
        self.run_cron("send")
        self.poll()
        self.assertEqual(invoice.ksef_state, "accepted", invoice.ksef_problem)
        document = invoice.with_user(worker).ksef_document_id
        self.assertEqual(document.company_id, branch, "seen by who works there")
        session = document.session_id.sudo()
        self.assertEqual(session.certificate_id, self.certificate)

    def test_who_may_only_read_starts_no_request(self):
        session = self.sent().sudo().ksef_document_id.session_id
        groups = "account.group_account_readonly"
        reader = self.new_user("reader", groups, self.company)
        before = len(self.simulator.requests)
        with self.assertRaises(AccessError):
            session.with_user(reader).action_poll_now()
        self.assertEqual(len(self.simulator.requests), before, "KSeF was not asked")

    def test_branch_with_another_nip_needs_its_own_connection(self):
        branch = self.branch()
        branch.partner_id.vat = "PL7811767696"
        worker = self.new_user("branch", "account.group_account_invoice", branch)
        with self.assertRaisesRegex(UserError, "Set up KSeF for it"):
            self.branch_invoice(worker, branch).action_post()

    def branch(self):
        branch = self.env["res.company"].create(
            {
                "name": "ABC AGD Kraków",
                "parent_id": self.company.id,
                "country_id": self.env.ref("base.pl").id,
                "vat": f"PL{NIP}",
                "street": "ul. Długa 1",
                "zip": "30-001",
                "city": "Kraków",
            }
        )
        self.cr.precommit.run()  # Odoo loads its chart of accounts
        return branch

    def branch_invoice(self, worker, branch):
        moves = self.env["account.move"].with_user(worker).with_company(branch)
        return moves.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.buyer.id,
                "invoice_line_ids": [self.line(100.0)],
            }
        )

    def test_two_companies_hold_what_is_theirs(self):
        self.configure(self.other)
        theirs = self.upload(self.other, nip=OTHER_NIP, password=PASSWORD)
        found = self.rpc(self.strange_admin, "ksef.certificate", "search", [])
        self.assertEqual(found, theirs.ids)
