from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..ksef.errors import CertificateError
from ..simulator import auth
from ..tools import tokens, warsaw
from .common import NIP, OTHER_NIP, PASSWORD
from .enrolment_common import ORDER
from .test_certificate_register import RegisterCase


class WatchCase(RegisterCase):
    def watch(self):
        self.run_cron("watch")
        self.env.invalidate_all()

    def told(self, record, user=None):
        """What this user (the administrator) is reminded of."""
        activities = record.sudo().activity_ids
        return activities.filtered(
            lambda activity: activity.user_id == (user or self.admin)
        ).mapped("summary")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCertificateExpiry(WatchCase):
    """The administrators of the company are told 60, 30 and 7 days before a certificate
    ends, each time once, unless another one has taken over."""

    def summary(self, certificate=None):
        certificate = certificate or self.certificate
        day = warsaw.day_of(certificate.valid_to)
        return f"KSeF: the certificate {certificate.name} ends on {day}"

    def test_r26_three_times_each_once(self):
        notices = []
        for days in (75, 61, 59, 45, 31, 29, 8, 6, 1, -1):
            self.ends_in(self.certificate, days=days, hours=1)
            self.watch()
            if self.told(self.certificate):
                notices.append(days)
                self.certificate.sudo().activity_ids.action_done()
            self.watch()
            self.assertFalse(self.told(self.certificate), "done is done")
        self.assertEqual(notices, [59, 29, 6])

    def test_a_reminder_replaces_the_one_before(self):
        self.ends_in(self.certificate, days=50)
        self.watch()
        first = self.certificate.sudo().activity_ids
        with freeze_time(warsaw.now() + timedelta(days=45), tick=True):
            self.watch()
        self.assertEqual(self.told(self.certificate), [self.summary()])
        self.assertFalse(first.exists())

    def test_a_reminder_replaces_nothing_else(self):
        self.patch(auth, "_code", lambda _call, _login: 460)
        self.ends_in(self.certificate, days=50)
        self.watch()
        refused = f"KSeF refuses the login with certificate {self.certificate.name}"
        self.assertEqual(set(self.told(self.certificate)), {refused, self.summary()})

    def test_administrators_are_told_and_nobody_else(self):
        self.ends_in(self.certificate, days=5)
        self.watch()
        users = self.certificate.sudo().activity_ids.user_id
        self.assertIn(self.admin, users)
        self.assertNotIn(self.accountant, users)
        for user in users:
            self.assertTrue(user.has_group("base.group_system"))
            self.assertIn(self.company, user.company_ids)

    def test_offline_certificates_too(self):
        offline = self.upload(self.company, "Offline", nip=NIP, password=PASSWORD)
        self.ends_in(offline, days=5)
        self.watch()
        self.assertEqual(self.told(offline), [self.summary(offline)])
        self.assertFalse(self.told(self.certificate))

    def test_a_successor_silences(self):
        self.ends_in(self.certificate, days=5)
        self.upload(self.company, nip=NIP)
        self.watch()
        self.assertFalse(self.told(self.certificate))

    def test_an_offline_certificate_is_no_successor_of_a_login(self):
        self.ends_in(self.certificate, days=5)
        self.upload(self.company, "Offline", nip=NIP)
        self.watch()
        self.assertTrue(self.told(self.certificate))

    def test_other_environments_and_old_ends_are_passed_over(self):
        self.ends_in(self.certificate, days=-200)
        self.watch()
        self.assertFalse(self.told(self.certificate), "long ago")
        self.ends_in(self.certificate, days=5)
        self.certificate.sudo().environment = "test"
        self.watch()
        self.assertFalse(self.told(self.certificate))
        self.certificate.sudo().environment = "own"
        self.watch()
        self.assertTrue(self.told(self.certificate))

    def test_a_fingerprint_says_why_it_is_not_renewed(self):
        self.certificate.sudo().subject_identifier_type = "Fingerprint"
        self.company.ksef_renew_automatically = True
        self.ends_in(self.certificate, days=5)
        self.watch()
        self.assertFalse(self.requested())
        activity = self.certificate.sudo().activity_ids.filtered(
            lambda activity: activity.user_id == self.admin
        )
        self.assertIn("the rights end with it", activity.note)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRevocation(WatchCase):
    """A certificate that KSeF has revoked is used no more from the next day on, and
    people learn what it means for the invoices on their way."""

    def revoke_at_ksef(self, certificate):
        self.simulator.revoke_certificate(certificate.serial_number)

    def test_status_is_kept(self):
        self.watch()
        self.assertEqual(self.certificate.ksef_status, "Active")
        self.assertTrue(self.certificate.ksef_status_at)

    def test_revoked_login(self):
        self.check()
        self.revoke_at_ksef(self.certificate)
        self.watch()
        self.assertEqual(self.certificate.state, "revoked")
        with self.assertRaisesRegex(CertificateError, "revoked"):
            self.company._ksef_client(self.certificate)
        self.assertEqual(
            self.told(self.certificate),
            [f"KSeF: the certificate {self.certificate.name} is revoked"],
        )
        self.watch()
        self.assertEqual(len(self.told(self.certificate)), 1, "told once")

    def test_revoked_login_without_a_token(self):
        self.revoke_at_ksef(self.certificate)
        self.watch()
        self.assertEqual(self.certificate.state, "failed")
        self.assertEqual(
            self.told(self.certificate),
            [f"KSeF refuses the login with certificate {self.certificate.name}"],
        )

    def test_r25_revoked_offline_certificate(self):
        offline, _told = self.get_offline()
        on_its_way = self.offline_invoice()
        in_ksef = self.offline_invoice()
        in_ksef.ksef_document_id.sudo().state = "accepted"
        self.revoke_at_ksef(offline)
        self.watch()
        self.assertEqual(offline.state, "revoked")
        self.assertFalse(self.company._ksef_offline_certificate())
        user = on_its_way.invoice_user_id
        self.assertIn(
            f"KSeF: the QR code (KOD II) of invoice {on_its_way.name} is not valid any"
            " more",
            self.told(on_its_way, user),
        )
        notes = " ".join(map(str, on_its_way.sudo().message_ids.mapped("body")))
        self.assertIn("give the customer the PDF with the KSeF number", notes)
        self.assertFalse(self.told(in_ksef, user), "it has its number")

    def offline_invoice(self):
        invoice = self.posted()
        invoice.sudo().ksef_document_id._go_offline("choice")
        self.assertTrue(invoice.sudo().ksef_document_id.certificate_link)
        return invoice

    def test_blocked_counts_as_revoked(self):
        offline, _told = self.get_offline()
        entry = self.simulator.store.certificates[offline.serial_number]
        entry.blocked = warsaw.now()
        self.simulator.set_delay(steps=99)
        self.watch()
        self.assertEqual(offline.ksef_status, "Blocked")
        self.assertEqual(offline.state, "revoked")

    def test_nothing_is_concluded_while_ksef_is_away(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.watch()
        self.assertFalse(self.certificate.ksef_status)
        self.assertFalse(self.told(self.certificate))

    def test_ones_trouble_is_not_the_others(self):
        self.configure(self.other, ksef_api_url="http://127.0.0.1:1/v2")
        self.other.ksef_api_url = self.simulator.api_url
        theirs = self.upload(self.other, nip=OTHER_NIP)
        for broken, whole in (
            (self.other, self.certificate),
            (self.company, theirs),
        ):
            broken.ksef_api_url = "http://127.0.0.1:1/v2"
            whole.sudo().ksef_status = False
            self.watch()
            self.assertEqual(whole.ksef_status, "Active")
            broken.ksef_api_url = self.simulator.api_url


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPassingTrouble(WatchCase):
    """A login is "failed" only because KSeF decided so, and not a day longer."""

    def setUp(self):
        super().setUp()
        self.check()
        self.assertEqual(self.certificate.state, "active")

    def assertUntouched(self):
        self.watch()
        self.assertEqual(self.certificate.state, "active")
        self.assertFalse(self.told(self.certificate))

    def test_the_firewall_of_ksef(self):
        self.simulator.fault("blocked", path="certificates/query", times=5)
        self.assertUntouched()

    def test_trouble_of_the_login(self):
        for code in (500, 550):
            tokens.forget_all((self.env.cr.dbname,))
            self.patch(auth, "STATUS", {**auth.STATUS, code: "Przerwane."})
            self.patch(auth, "_code", lambda _call, _login, code=code: code)
            with self.subTest(code=code):
                self.assertUntouched()

    def test_a_refusal_is_forgotten_after_success(self):
        tokens.forget_all((self.env.cr.dbname,))
        self.patch(auth, "_code", lambda _call, _login: 480)
        self.watch()
        self.assertEqual(self.certificate.state, "failed")
        self.assertTrue(self.told(self.certificate))
        self.patch(auth, "_code", lambda _call, login: login.code)
        self.watch()
        self.assertEqual(self.certificate.state, "active")
        self.assertFalse(self.told(self.certificate))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestAutomaticRenewal(WatchCase):
    """Where the company wants it, certificates are renewed in time by themselves."""

    def setUp(self):
        super().setUp()
        self.company.ksef_renew_automatically = True
        self.check()

    def finish_renewal(self):
        self.watch()
        renewed = self.newest()
        self.finish(renewed)
        return renewed

    def test_r26_both_kinds(self):
        offline, _told = self.get_offline()
        self.simulator.store.enrollments.clear()
        self.ends_in(self.certificate, days=50)
        self.ends_in(offline, days=50)
        self.watch()
        renewed = self.env["ksef.certificate"].search([("renews_id", "!=", False)])
        self.assertEqual(renewed.renews_id, self.certificate | offline)
        for certificate in renewed:
            self.finish(certificate)
        self.assertEqual(
            set(renewed.mapped("enrolment_state")), {"issued"}, renewed.mapped("state")
        )
        self.watch()
        self.assertEqual(len(self.requested()), 2, "each once")

    def test_switched_off(self):
        self.company.ksef_renew_automatically = False
        self.ends_in(self.certificate, days=50)
        self.watch()
        self.assertFalse(self.requested())

    def test_not_too_early(self):
        self.ends_in(self.certificate, days=61, hours=1)
        self.watch()
        self.assertFalse(self.requested())

    def test_whoever_is_renewed_is_not_warned_of(self):
        self.ends_in(self.certificate, days=50)
        renewed = self.finish_renewal()
        later = fields.Datetime.now() + timedelta(days=1)
        with freeze_time(later, tick=True):
            self.run_cron("watch")
        self.assertEqual(renewed.enrolment_state, "issued")
        self.assertFalse(self.told(self.certificate))

    def test_a_refused_renewal_waits_for_a_person(self):
        self.simulator.fault("enrollment_ends", code=400)
        self.ends_in(self.certificate, days=50)
        renewed = self.finish_renewal()
        self.assertEqual(renewed.state, "refused")
        self.watch()
        self.assertEqual(len(self.requested()), 1, "not again every day")
        self.assertTrue(self.told(renewed))
        self.assertTrue(self.told(self.certificate), "and the end is announced")

    def test_a_lost_answer(self):
        self.simulator.fault("lost_answer", **ORDER)
        self.ends_in(self.certificate, days=50)
        self.watch()
        self.watch()
        renewed = self.newest()
        self.finish(renewed)
        self.assertEqual(renewed.enrolment_state, "issued")
        self.assertEqual(len(self.requested()), 1)

    def test_r26_limit(self):
        self.simulator.set(enrollment_limit=0)
        self.ends_in(self.certificate, days=50)
        self.watch()
        self.assertTrue(self.told(self.certificate), "the reminder remains")
        note = self.certificate.sudo().activity_ids[:1].note
        self.assertIn("the limit is reached", note, "and says why")
        self.simulator.set(enrollment_limit=None)
        self.watch()
        self.assertFalse(self.certificate.renewal_problem)

    def test_ones_trouble_is_not_the_others(self):
        person = self.upload(self.company, pesel="90010112345")
        offline = self.upload(self.company, "Offline", nip=NIP)
        for certificate in person | offline:
            self.ends_in(certificate, days=50)
        self.watch()
        self.assertEqual(self.newest().renews_id, offline)
        self.assertTrue(person.renewal_problem)

    def test_one_of_another_owner_takes_nothing_over(self):
        offline = self.upload(self.company, "Offline", nip=NIP)
        self.ends_in(offline, days=50)
        self.ends_in(self.upload(self.company, "Offline", nip=OTHER_NIP), days=51)
        self.watch()
        self.assertEqual(self.newest().renews_id, offline)
