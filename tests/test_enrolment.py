from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import ksef_certificate_enrolment
from .common import NIP
from .enrolment_common import ORDER, EnrolmentCase
from .secrets import traces

PATHS = (
    ORDER,
    {"path": "certificates/limits"},
    {"path": "enrollments/data"},
    {"path": "certificates/enrollments/.*-EH-", "method": "GET"},
    {"path": "certificates/retrieve"},
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestEnrolment(EnrolmentCase):
    """One button gets a certificate from KSeF. Its key is kept before KSeF hears of it,
    so that no certificate is ever issued for a lost key."""

    def test_offline_certificate_by_one_button(self):
        certificate, told = self.get_offline()
        self.assertEqual(told["type"], "success", told["message"])
        self.assertUsable(certificate, "stored")
        self.assertEqual(certificate.subject_identifier, NIP)
        self.assertEqual(self.company._ksef_offline_certificate(), certificate)
        (request,) = self.requested()
        self.assertEqual(request.name, certificate.name)
        self.assertEqual(request.kind, "Offline")

    def test_what_happens_is_told_before(self):
        self.simulator.set(enrollment_limit=7, certificate_limit=50)
        wizard = self.wizard_for(self.settings().action_ksef_get_offline_certificate())
        self.assertEqual(wizard.enrolments_left, 7)
        self.assertTrue(wizard.certificates_left)
        self.assertEqual(wizard.owner, self.certificate.owner)
        self.assertFalse(wizard.loses_rights)
        self.assertFalse(self.requested(), "nothing is asked for yet")

    def test_r26_the_key_is_kept_before_the_request_leaves(self):
        self.simulator.fault("lost_request", **ORDER)
        certificate, told = self.get_offline()
        self.assertEqual(told["type"], "info")
        self.assertIn("KSeF cannot be reached", told["message"])
        self.assertEqual(certificate.state, "enrolling")
        self.assertEqual(certificate.enrolment_state, "sent")
        self.assertTrue(certificate._secret())
        self.assertTrue(certificate.public_key_hash)

    def test_the_key_is_readable_nowhere(self):
        certificate, _told = self.get_offline()
        self.assertEqual(traces(self.env, certificate._secret()), set())

    def test_a_request_is_never_used_for_anything(self):
        self.simulator.fault("enrollment_stuck", times=2)
        offline, told = self.get_offline()
        self.assertIn("Odoo fetches it by itself", told["message"])
        renewal, _told = self.renew(self.certificate)
        self.assertEqual((offline | renewal).mapped("state"), ["enrolling"] * 2)
        self.assertFalse(self.company._ksef_offline_certificate())
        self.assertEqual(self.company._ksef_login_credential(), self.certificate)
        self.certificate.unlink()
        self.assertFalse(self.company._ksef_login_credential())

    def test_the_cron_fetches_what_takes_longer(self):
        self.patch(ksef_certificate_enrolment, "PATIENCE", 0)
        self.simulator.set_delay(steps=2)
        certificate, _told = self.get_offline()
        self.assertEqual(certificate.enrolment_state, "requested")
        self.finish(certificate)
        self.assertUsable(certificate, "stored")
        self.assertFalse(certificate.enrolment_poll_at)

    def test_the_user_waits_some_seconds(self):
        self.patch(ksef_certificate_enrolment, "PATIENCE", 5)
        self.simulator.set_delay(steps=3)
        certificate, told = self.get_offline()
        self.assertEqual(told["type"], "success")
        self.assertUsable(certificate, "stored")

    def test_a_lost_answer_is_found_by_the_public_key(self):
        self.simulator.fault("lost_answer", **ORDER)
        certificate, _told = self.get_offline()
        self.assertEqual(certificate.enrolment_state, "sent")
        self.finish(certificate)
        self.assertUsable(certificate, "stored")
        self.assertEqual(len(self.requested()), 1, "asked for once")

    def test_a_lost_request_is_sent_again_with_the_same_key(self):
        self.simulator.fault("lost_request", **ORDER)
        certificate, _told = self.get_offline()
        key = certificate._secret()
        self.go_on(minutes=5)
        self.assertFalse(self.requested(), "it may still be on its way")
        self.go_on(minutes=12)
        self.assertEqual(len(self.requested()), 1)
        self.finish(certificate)
        self.assertUsable(certificate, "stored")
        self.assertEqual(certificate._secret(), key)

    def test_what_ksef_is_slow_with_is_not_asked_for_twice(self):
        self.simulator.fault("lost_answer", **ORDER)
        self.simulator.fault("enrollment_stuck")
        certificate, _told = self.get_offline()
        self.go_on(hours=5)
        self.assertEqual(certificate.enrolment_state, "sent")
        self.assertEqual(len(self.requested()), 1, "KSeF has counted it")
        self.go_on(hours=30)
        self.assertEqual(len(self.requested()), 2, "KSeF has forgotten it")
        self.finish(certificate)
        self.assertUsable(certificate, "stored")

    def test_no_failure_at_any_step_loses_a_key(self):
        for place in PATHS:
            for fault in ("lost_request", "lost_answer", "server_error", "slow"):
                with self.subTest(fault=fault, **place):
                    self.assertGoesOn(fault, place)

    def assertGoesOn(self, fault, place):
        self.simulator.store.enrollments.clear()
        before = self.newest()
        self.simulator.fault(fault, times=1, seconds=0.01, **place)
        try:
            certificate, _told = self.get_offline()
        except UserError:
            self.assertEqual(self.newest(), before, "nothing begun, nothing left")
            certificate, _told = self.get_offline()
        key = certificate._secret()
        self.finish(certificate)
        self.assertUsable(certificate, "stored")
        self.assertEqual(certificate._secret(), key)
        self.assertEqual(len(self.requested()), 1, "one certificate")

    def test_a_reference_that_ksef_forgot(self):
        self.simulator.fault("enrollment_stuck")
        certificate, _told = self.get_offline()
        self.simulator.store.enrollments.clear()
        self.go_on(minutes=15)
        self.finish(certificate)
        self.assertUsable(certificate, "stored")

    def test_a_certificate_of_another_key_is_not_taken(self):
        self.simulator.fault("enrollment_stuck")
        certificate, _told = self.get_offline()
        certificate.sudo().public_key_hash = "x" * 44
        (order,) = self.requested()
        order.stuck = False
        self.go_on()
        self.assertEqual(certificate.state, "enrolling")
        self.assertFalse(certificate.certificate)
        self.assertIn("not delivered", certificate.enrolment_problem)

    def test_trouble_of_ksef_is_followed_by_the_same_key(self):
        self.simulator.fault("enrollment_ends", code=550)
        certificate, _told = self.get_offline()
        self.assertEqual(len(self.requested()), 1, "not at once")
        self.finish(certificate)
        self.assertUsable(certificate, "stored")
        self.assertEqual(len(self.requested()), 2)

    def test_trouble_does_not_eat_up_the_limit(self):
        self.simulator.fault("enrollment_ends", times=9, code=500)
        certificate, _told = self.get_offline()
        for _time in range(9):
            self.go_on(minutes=15)
        self.assertEqual(certificate.state, "refused")
        self.assertEqual(len(self.requested()), 3)

    def test_a_request_under_way_cannot_be_deleted(self):
        self.simulator.fault("enrollment_stuck")
        certificate, _told = self.get_offline()
        certificate.sudo()._lease_enrolment()
        with self.assertRaises(UserError) as refusal:
            certificate.with_user(self.admin).action_give_up()
        self.assertIn("Odoo is talking to KSeF", str(refusal.exception))
        self.simulator.requests.clear()
        self.go_on(minutes=2)
        self.assertFalse(self.asked(), "nor is it looked at")

    def test_what_ksef_may_have_taken_is_not_simply_deleted(self):
        self.simulator.fault("enrollment_stuck")
        requested, _told = self.get_offline()
        self.assertEqual(requested.enrolment_state, "requested")
        for state in ("requested", "sent"):
            requested.sudo().enrolment_state = state
            with self.assertRaises(UserError) as refusal:
                requested.with_user(self.admin).unlink()
            self.assertIn("press “Give up”", str(refusal.exception))
        requested.with_user(self.admin).action_give_up()
        self.assertFalse(requested.exists())

    def test_what_never_left_may_be_deleted(self):
        self.simulator.fault("too_many_requests", **ORDER)
        certificate, _told = self.get_offline()
        self.assertEqual(certificate.enrolment_state, "prepared")
        certificate.with_user(self.admin).unlink()
        self.assertFalse(certificate.exists())

    def test_another_process_leaves_it_alone(self):
        self.simulator.fault("lost_request", **ORDER)
        certificate, _told = self.get_offline()
        certificate.sudo()._lease_enrolment()
        self.simulator.requests.clear()
        told = certificate.with_user(self.admin).action_look_again()
        self.assertEqual(told["params"]["type"], "info")
        self.assertFalse(self.asked())

    def test_a_pause_that_ksef_asks_for(self):
        self.simulator.fault("too_many_requests", retry_after=600, **ORDER)
        certificate, _told = self.get_offline()
        self.assertEqual(certificate.enrolment_state, "prepared", "not taken")
        self.assertTrue(self.company.ksef_paused_until)
        self.company.ksef_paused_until = False
        self.finish(certificate)
        self.assertUsable(certificate, "stored")

    def test_ksefs_firewall_is_not_ksef(self):
        for after in (False, True):
            with self.subTest(after=after):
                self.simulator.store.enrollments.clear()
                self.simulator.fault("blocked", after=after, **ORDER)
                certificate, told = self.get_offline()
                self.assertEqual(certificate.enrolment_state, "sent")
                self.assertIn("blocked this server", told["message"])
                self.finish(certificate)
                self.assertUsable(certificate, "stored")
                self.assertEqual(len(self.requested()), 1)

    def test_an_accountant_cannot(self):
        wizard = self.env["ksef.certificate.enrol"].with_user(self.accountant)
        with self.assertRaises(AccessError):
            wizard._open(self.company, "offline")
        with self.assertRaises(AccessError):
            wizard.create(
                {"company_id": self.company.id, "type": "offline", "name": "Odoo 1"}
            )


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRefusedEnrolment(EnrolmentCase):
    """What KSeF would refuse is said before anything is kept; what it refuses stays
    with its reason, to be tried again or given up."""

    def assertNotOffered(self, sentence):
        before = self.newest()
        with self.assertRaises(UserError) as refusal:
            self.get_offline()
        self.assertIn(sentence, str(refusal.exception))
        self.assertEqual(self.newest(), before)
        self.assertFalse(self.requested())

    def test_limit_of_requests(self):
        self.simulator.set(enrollment_limit=0)
        self.assertNotOffered("KSeF takes no more requests for certificates")

    def test_limit_of_certificates(self):
        self.simulator.set(certificate_limit=0)
        self.assertNotOffered("as many certificates as KSeF allows")

    def test_token_login(self):
        self.company.ksef_login = "token"
        self.certificate.unlink()
        token = self.simulator.new_token(NIP)
        self.wizard(self.company, type="token", token=token).action_save()
        self.assertNotOffered("not to a KSeF token")

    def test_no_login_at_all(self):
        self.certificate.unlink()
        self.assertNotOffered("There is no login certificate")

    def test_ksef_away(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.assertNotOffered("KSeF cannot be reached")

    def test_names_that_ksef_does_not_take(self):
        for name in ("Odoo", "Odoo & Co.", "x" * 91, "Odoo/2026"):
            with self.subTest(name=name), self.assertRaises(UserError) as refusal:
                self.get_offline(name=name)
            self.assertIn("Name: KSeF takes", str(refusal.exception))
        certificate, _told = self.get_offline(name="Zażółć gęślą jaźń_1-2")
        self.assertUsable(certificate, "stored")

    def test_every_name_is_another_one(self):
        first, _told = self.get_offline(name="Odoo offline")
        second, _told = self.get_offline(name="Odoo offline")
        self.assertNotEqual(first.name, second.name)

    def test_the_proposed_name_is_taken(self):
        self.company.name = 'P.H.U. "Żółw & Syn" sp. z o.o. (w likwidacji) ' + "x" * 60
        certificate, _told = self.get_offline()
        self.assertUsable(certificate, "stored")

    def test_refused_by_ksef(self):
        self.simulator.fault("enrollment_ends", code=400, details=["Klucz zajęty."])
        certificate, told = self.get_offline()
        self.assertEqual(certificate.state, "refused")
        self.assertEqual(told["type"], "danger")
        self.assertIn("Klucz zajęty.", told["message"])
        key = certificate._secret()
        told = certificate.with_user(self.admin).action_try_again()
        self.assertEqual(told["params"]["type"], "success")
        self.assertUsable(certificate, "stored")
        self.assertEqual(certificate._secret(), key)

    def test_what_was_issued_all_the_same_is_not_asked_for_again(self):
        certificate, _told = self.get_offline()
        certificate.sudo().write(
            {"enrolment_state": "refused", "certificate": False, "serial_number": False}
        )
        told = certificate.with_user(self.admin).action_try_again()
        self.assertEqual(told["params"]["type"], "success")
        self.assertUsable(certificate, "stored")
        self.assertEqual(len(self.requested()), 1)

    def test_given_up(self):
        self.simulator.fault("enrollment_ends", code=400)
        certificate, _told = self.get_offline()
        certificate.with_user(self.admin).action_give_up()
        self.assertFalse(certificate.exists())

    def test_limit_reached_meanwhile(self):
        wizard = self.wizard_for(self.settings().action_ksef_get_offline_certificate())
        self.simulator.set(enrollment_limit=0)
        with self.assertRaises(UserError):
            wizard.action_request()
