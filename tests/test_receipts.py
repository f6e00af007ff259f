import base64
import csv
import io
from zipfile import ZipFile

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..tools import warsaw
from ..wizards import ksef_receipts
from .carried_common import RECEIPT, CarriedCase
from .common import PASSWORD

UPO = r"/invoices/.+/upo$"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReceipt(CarriedCase):
    """The receipt of an invoice can be downloaded, whether Odoo keeps it, has to ask
    KSeF for it, or keeps that of the whole batch alone."""

    def url(self, action):
        if action["type"] == "ir.actions.client":
            action = action["params"]["next"]
        return action["url"]

    def of_batch(self):
        """An accepted invoice of which Odoo has the receipt of its batch alone."""
        invoice = self.sent()
        document = self.document(invoice)
        document.upo = False
        document.upo_id = self.page(document.session_id)
        return self.as_accountant(invoice)

    def test_the_stored_one_needs_no_request(self):
        invoice = self.as_accountant(self.sent())
        asked = self.asked()
        url = self.url(invoice.action_ksef_download_upo())
        self.assertIn(f"UPO-{invoice.ksef_number}.xml", url)
        self.assertEqual(self.asked(), asked)

    def test_the_single_one_is_fetched_and_kept(self):
        invoice = self.of_batch()
        action = invoice.ksef_document_id.action_download_upo()
        self.assertIn("/ksef.document/", self.url(action))
        upo = base64.b64decode(self.document(invoice).upo)
        self.assertIn(invoice.ksef_number.encode(), upo)
        asked = self.asked()
        invoice.action_ksef_download_upo()
        self.assertEqual(self.asked(), asked, "it is kept")

    def test_the_single_one_is_found_by_its_ksef_number(self):
        invoice = self.of_batch()
        self.document(invoice).invoice_reference = False
        invoice.action_ksef_download_upo()
        self.assertTrue(self.document(invoice).upo)

    def test_without_an_answer_that_of_the_batch_has_to_do(self):
        invoice = self.of_batch()
        self.simulator.fault("server_error", path=UPO)
        action = invoice.action_ksef_download_upo()
        self.assertIn("/ksef.upo/", self.url(action))
        self.assertIn("the receipt of the whole batch", action["params"]["message"])
        self.assertFalse(self.document(invoice).upo)

    def test_without_an_answer_and_without_a_batch_the_reason_is_told(self):
        invoice = self.of_batch()
        self.document(invoice).upo_id = False
        self.simulator.fault("server_error", path=UPO)
        with self.assertRaisesRegex(UserError, "trouble of its own"):
            invoice.action_ksef_download_upo()

    def test_what_is_not_accepted_has_none(self):
        invoice = self.as_accountant(self.posted())
        with self.assertRaisesRegex(UserError, "no receipt"):
            invoice.action_ksef_download_upo()
        draft = self.as_accountant(self.invoice())
        with self.assertRaisesRegex(UserError, "not in KSeF"):
            draft.action_ksef_download_upo()

    def test_who_may_only_read_starts_no_request(self):
        invoice = self.of_batch()
        reader = self.reader()
        asked = self.asked()
        action = invoice.with_user(reader).action_ksef_download_upo()
        self.assertIn("/ksef.upo/", self.url(action))
        self.assertEqual(self.asked(), asked)


class ReceiptsCase(CarriedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant.password = "ksef_accountant"

    def month(self, **counts):
        """A batch with one receipt for all of it."""
        session = self.batch(**counts)
        page = self.page(session)
        session.document_ids.upo_id = page
        return session, page

    def wizard_of(self, **values):
        return (
            self.as_accountant(self.env["ksef.receipts"])
            .with_company(self.company)
            .create({"date_from": "2026-02-01", "date_to": "2026-02-28", **values})
        )

    def archive(self, wizard):
        stream = io.BytesIO()
        wizard._write_archive(stream)
        return ZipFile(stream)

    def index(self, archive):
        text = archive.read("index.csv").decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text), delimiter=";"))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReceipts(ReceiptsCase):
    """The receipts of a period are one archive: each receipt once, bytes as stored."""

    def test_one_file_per_receipt(self):
        session, page = self.month(accepted=3, rejected=1)
        single = session.document_ids.filtered(lambda d: d.state == "accepted")[0]
        single.upo = base64.b64encode(b"<single/>")
        archive = self.archive(self.wizard_of())
        names = {f"UPO-{single.ksef_number}.xml", f"{page._file_name()}", "index.csv"}
        self.assertEqual(set(archive.namelist()), names)
        self.assertEqual(len(archive.namelist()), 3, "the page of the batch once")
        self.assertEqual(archive.read(page._file_name()), RECEIPT)
        self.assertEqual(archive.read(f"UPO-{single.ksef_number}.xml"), b"<single/>")
        rows = self.index(archive)
        self.assertEqual(len(rows), 4, "a head and each accepted invoice")
        self.assertIn(page._file_name(), [row[3] for row in rows])

    def test_with_the_files(self):
        session, _page = self.month(accepted=2)
        archive = self.archive(self.wizard_of(with_files=True))
        for document in session.document_ids:
            xml = archive.read(f"{document.ksef_number}.xml")
            self.assertEqual(xml, document._bytes())

    def test_hashes_are_checked_again(self):
        session, page = self.month(accepted=2)
        damaged = session.document_ids[0]
        damaged.xml = base64.b64encode(b"<Faktura>other</Faktura>")
        rows = self.index(self.archive(self.wizard_of(with_files=True)))
        states = {row[0]: row[-1] for row in rows[1:]}
        self.assertEqual(states.pop(damaged.number), "DAMAGED")
        self.assertEqual(set(states.values()), {"as KSeF has it"})
        page.content = base64.b64encode(b"other")
        rows = self.index(self.archive(self.wizard_of()))
        self.assertEqual({row[-1] for row in rows[1:]}, {"DAMAGED"})

    def test_the_period_and_the_company_bound_it(self):
        session, _page = self.month(accepted=2)
        session.document_ids[0].issue_date = "2026-03-01"
        self.batch(company=self.other, accepted=1)
        wizard = self.wizard_of()
        self.assertEqual(wizard.invoice_count, 1)
        self.assertEqual(wizard.missing_count, 0)
        session.document_ids.upo_id = False
        wizard = self.wizard_of()
        self.assertEqual(wizard.missing_count, 1)
        with self.assertRaisesRegex(UserError, "no invoice"):
            self.wizard_of(
                date_from="2020-01-01", date_to="2020-01-31"
            ).action_download()
        with self.assertRaisesRegex(UserError, "ends before"):
            self.wizard_of(date_from="2026-03-01").action_download()

    def test_few_documents_are_in_memory_at_once(self):
        self.patch(ksef_receipts, "CHUNK", 2)
        session, _page = self.month(accepted=5)
        archive = self.archive(self.wizard_of(with_files=True))
        self.assertEqual(len(archive.namelist()), 5 + 1 + 1)
        self.assertEqual(len(self.index(archive)), 6)
        self.assertEqual(len(session.document_ids), 5)

    def test_the_period_proposed_is_the_last_month(self):
        wizard = self.env["ksef.receipts"].new({})
        self.assertEqual(wizard.date_from.day, 1)
        self.assertEqual((warsaw.today().replace(day=1) - wizard.date_to).days, 1)

    def test_the_wizard_is_for_accountants_of_the_company(self):
        with self.assertRaises(AccessError):
            self.wizard_of(company_id=self.other.id)
        salesman = (
            new_test_user(
                self.env, "ksef_salesman", groups="sales_team.group_sale_salesman"
            )
            if self.env.ref("sales_team.group_sale_salesman", False)
            else new_test_user(self.env, "ksef_salesman", groups="base.group_user")
        )
        with self.assertRaises(AccessError):
            self.env["ksef.receipts"].with_user(salesman).create({})


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReceiptsDownload(ReceiptsCase, HttpCase):
    """The browser gets the archive, and nobody gets that of another."""

    def test_download(self):
        _session, page = self.month(accepted=3)
        wizard = self.wizard_of()
        self.authenticate(self.accountant.login, "ksef_accountant")
        answer = self.url_open(wizard.action_download()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn(
            "UPO-9999999999-2026-02-01", answer.headers["Content-Disposition"]
        )
        with ZipFile(io.BytesIO(answer.content)) as archive:
            self.assertEqual(archive.read(page._file_name()), RECEIPT)

    def test_nobody_downloads_anothers(self):
        self.month(accepted=1)
        url = self.wizard_of().action_download()["url"]
        stranger = new_test_user(
            self.env,
            "ksef_colleague",
            password=PASSWORD,
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.authenticate(stranger.login, PASSWORD)
        self.assertIn(self.url_open(url).status_code, (403, 404))
        self.authenticate(None, None)
        answer = self.url_open(url, allow_redirects=False)
        self.assertNotEqual(answer.status_code, 200)
