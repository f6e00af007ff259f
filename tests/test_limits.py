from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..ksef.errors import BudgetError, RateLimitError
from ..tools import meter
from ..tools.transaction import commit
from .common import NIP
from .delivery_common import DeliveryCase


class LimitsCase(DeliveryCase):
    """KSeF counts requests; waiting for room is not tested by waiting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect_other()

    def setUp(self):
        super().setUp()
        self.patch(meter, "PATIENCE", 0)
        self.limit()
        self.simulator.requests.clear()

    def limit(self, **limits):
        """KSeF begins to count, with other limits than it had told."""
        self.addCleanup(self.simulator.rate_limits, on=False, **self.usual(limits))
        self.simulator.rate_limits(on=True, **limits)
        self.env["ksef.connection"].sudo().search([]).limits_at = False
        self.patch(meter, "_meters", {})

    def usual(self, limits):
        return {group: self.simulator.limits.values[group] for group in limits}

    def same_nip(self):
        """The company beside it gets our NIP and so our connection."""
        self.other.partner_id.vat = self.company.partner_id.vat
        self.upload(self.other, nip=NIP)
        self.limit()
        self.simulator.requests.clear()

    def branch(self):
        return self.env["res.company"].create(
            {"name": "Oddział", "parent_id": self.company.id}
        )

    def connection(self, company=None):
        return (company or self.company)._ksef_connection()

    def refusals(self):
        return [r for r in self.simulator.requests if r.status == 429]

    def in_another_process(self):
        """What this process knew is gone; what it wrote down is not."""
        commit(self.env)
        self.patch(meter, "_meters", {})


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSharedConnection(LimitsCase):
    """KSeF knows the NIP: whoever has it at the same address shares the pause, the
    silence and the budget. All others go on."""

    def test_r34_one_nip_one_pause(self):
        self.same_nip()
        self.assertEqual(self.connection(), self.connection(self.other))
        until = self.company._ksef_pause(300)
        self.assertEqual(self.other.ksef_paused_until, until)
        with self.assertRaises(RateLimitError):
            self.other._ksef_client()
        self.assertFalse(self.simulator.requests, "not one request in the pause")

    def test_r34_a_branch_shares_the_pause(self):
        branch = self.branch()
        branch._ksef_owner()._ksef_pause(300)
        self.assertTrue(self.company.ksef_paused_until)
        self.assertEqual(branch._ksef_connection(), self.connection())

    def test_another_nip_goes_on(self):
        self.company._ksef_pause(300)
        self.assertFalse(self.other.ksef_paused_until)
        self.other._ksef_client().personal_grants()

    def test_silence_is_shared(self):
        self.same_nip()
        self.simulator.away()
        self.addCleanup(self.simulator.away, on=False)
        self.posted()
        self.send()
        self.assertTrue(self.other._ksef_unreachable_since())

    def test_pause_stays_at_its_address(self):
        until = self.company._ksef_pause(300)
        url = self.company.ksef_api_url
        self.company.ksef_api_url = "http://127.0.0.1:9/v2"
        self.assertFalse(self.company.ksef_paused_until)
        self.company.ksef_api_url = url
        self.assertEqual(self.company.ksef_paused_until, until, "it is not over")

    def test_one_row_for_each_nip_and_address(self):
        connections = self.env["ksef.connection"].sudo()
        self.assertEqual(
            connections._of(NIP, "https://x"), connections._of(NIP, "https://x")
        )
        self.assertNotEqual(self.connection(), self.connection(self.other))

    def test_what_is_typed_into_a_form_makes_none(self):
        before = self.env["ksef.connection"].sudo().search_count([])
        form = self.company.new(origin=self.company)
        form.partner_id = self.buyer
        self.assertEqual(form.ksef_connection_id, self.company.ksef_connection_id)
        self.assertEqual(self.env["ksef.connection"].sudo().search_count([]), before)

    def test_company_without_nip_has_none(self):
        self.company.partner_id.vat = False
        self.assertFalse(self.company.ksef_connection_id)
        self.assertFalse(self.company.ksef_paused_until)

    def test_rights(self):
        mine = self.as_accountant(self.connection().sudo(False))
        self.assertTrue(mine.read(["paused_until"]))
        with self.assertRaises(AccessError):
            mine.paused_until = False
        theirs = mine.browse(self.connection(self.other).id)
        with self.assertRaises(AccessError):
            theirs.read(["nip"])
        portal = new_test_user(self.env, "ksef_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            mine.with_user(portal).read(["nip"])

    def test_a_branch_reads_the_connection_of_its_parent(self):
        branch = self.branch()
        self.accountant.company_ids = [Command.link(branch.id)]
        mine = self.connection().sudo(False).with_user(self.accountant)
        self.assertTrue(mine.with_context(allowed_company_ids=branch.ids).read(["nip"]))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBudget(LimitsCase):
    """What KSeF would refuse is not asked. Who has the better claim may ask more, and
    our own count pauses nobody else."""

    def test_limits_are_read_and_kept(self):
        self.limit(invoiceSend=(1, 2, 3))
        self.company._ksef_client().personal_grants()
        commit(self.env)
        self.assertEqual(self.connection().limits["invoiceSend"]["perHour"], 3)
        self.assertEqual(self.company._ksef_left("invoiceSend"), 3)
        self.company._ksef_client().personal_grants()
        asked = [r.path for r in self.simulator.requests].count("/v2/rate-limits")
        self.assertEqual(asked, 1, "once a day is enough")

    def test_limits_are_read_again_after_a_429(self):
        self.company._ksef_client().personal_grants()
        commit(self.env)
        self.assertTrue(self.connection().limits_at)
        self.company._ksef_pause(5)
        self.assertFalse(self.connection().limits_at)

    def test_r34_everybody_has_a_share(self):
        self.limit(other=(99, 99, 20))
        for purpose, expected in (("import", 12), ("poll", 4), ("send", 2)):
            with self.subTest(purpose=purpose):
                self.assertEqual(self.grants(purpose), expected)
        self.assertEqual(self.grants("deadline"), 2, "all that KSeF takes")
        self.assertFalse(self.refusals())

    def grants(self, purpose, company=None):
        """How often the budget lets this purpose ask for the rights."""
        client = (company or self.company)._ksef_client(purpose=purpose)
        for number in range(100):
            try:
                client.personal_grants()
            except BudgetError:
                return number
        raise AssertionError("the budget never said no")

    def test_two_companies_spend_from_one_budget(self):
        self.same_nip()
        self.limit(other=(99, 99, 10))
        self.assertEqual(self.grants("import"), 6)
        self.assertEqual(self.grants("send", self.other), 3)
        self.assertFalse(self.refusals())

    def test_another_nip_has_its_own_budget(self):
        self.limit(other=(99, 99, 10))
        self.assertEqual(self.grants("import"), 6)
        self.assertEqual(self.grants("import", self.other), 6)

    def test_another_process_knows_what_was_spent(self):
        self.limit(other=(99, 99, 10))
        self.assertEqual(self.grants("import"), 6)
        self.in_another_process()
        self.assertEqual(self.grants("send"), 3)
        self.assertFalse(self.refusals())

    def test_an_hour_later_there_is_room(self):
        self.limit(other=(99, 99, 10))
        self.grants("deadline")
        commit(self.env)
        requests = self.env["ksef.request"].sudo().search([])
        for request in requests:
            request.sent_at -= timedelta(hours=2)
        self.patch(meter, "_meters", {})
        self.assertEqual(self.company._ksef_left("other POST /x"), 10)
        self.env["ksef.request"].sudo()._gc_requests()
        self.assertFalse(requests.exists())

    def test_our_own_count_pauses_nobody_else(self):
        error = BudgetError(retry_after=600)
        self.assertEqual(self.company._ksef_retry_after(error), timedelta(seconds=600))
        self.assertFalse(self.company.ksef_paused_until)
        self.assertFalse(self.company._ksef_connection().last_error, "not KSeF's")
        self.company._ksef_retry_after(RateLimitError(retry_after=600))
        self.assertTrue(self.company.ksef_paused_until)
        self.assertTrue(self.company._ksef_connection().last_error)

    def test_a_short_wait_is_sat_out(self):
        self.patch(meter, "PATIENCE", 3)
        self.limit(other=(2, 99, 99))
        client = self.company._ksef_client(purpose="deadline")
        for _time in range(4):
            client.personal_grants()
        self.assertFalse(self.refusals())


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRushHour(LimitsCase):
    """When more is to be done than KSeF takes, it never has to say so: invoices go
    first, numbers and bills come later."""

    def test_r34_sixty_invoices_and_everything_else(self):
        self.patch(meter, "PATIENCE", 3)
        invoices = [self.posted(self.line(1.0 + i)) for i in range(60)]
        self.company.write(
            {"ksef_import": True, "ksef_import_from": fields.Date.today()}
        )
        for _round in range(3):
            self.send()
            self.poll(times=2)
            self.run_cron("import")
        self.assertFalse(self.refusals(), "KSeF never had to refuse")
        sent = [i for i in invoices if i.ksef_state in ("pending", "accepted")]
        self.assertGreaterEqual(len(sent), 27, "what a minute has room for")
