from datetime import timedelta

from cryptography import x509
from freezegun import freeze_time

from odoo import fields

from ..ksef import csr
from ..models import ksef_certificate_enrolment
from ..tools import tokens, warsaw
from .administration_common import ConnectionCase

#: Where a certificate is asked for.
ORDER = {"path": "certificates/enrollments$", "method": "POST"}


class EnrolmentCase(ConnectionCase):
    """An administrator asks KSeF for certificates by pressing buttons."""

    def setUp(self):
        super().setUp()
        self.patch(ksef_certificate_enrolment, "PATIENCE", 0.5)  # for one look
        self.moment = warsaw.now()
        self.simulator.store.enrollments.clear()
        self.simulator.set(enrollment_limit=None, certificate_limit=None)
        tokens.forget_all((self.env.cr.dbname,))

    def wizard_for(self, action):
        return (
            self.env[action["res_model"]]
            .with_user(self.admin)
            .with_context(**action.get("context", {}))
            .browse(action["res_id"])
        )

    def get_offline(self, **values):
        """Press the buttons; returns the record and what the user is told."""
        action = self.settings().action_ksef_get_offline_certificate()
        wizard = self.wizard_for(action)
        wizard.write(values)
        told = wizard.action_request()
        return self.newest(), told["params"]

    def renew(self, certificate):
        action = certificate.with_user(self.admin).action_renew()
        told = self.wizard_for(action).action_request()
        return self.newest(), told["params"]

    def newest(self):
        return self.env["ksef.certificate"].search(
            [("company_id", "=", self.company.id)], order="id desc", limit=1
        )

    def requested(self):
        """The requests that KSeF has got."""
        return list(self.simulator.store.enrollments.values())

    def go_on(self, **time):
        """Time passes, for KSeF too, and the poll cron looks again."""
        self.moment += timedelta(**(time or {"minutes": 2}))
        with freeze_time(self.moment, tick=True):
            self.run_cron("poll")

    def finish(self, certificate):
        """Look often enough."""
        for _time in range(4):
            if certificate.state == "enrolling":
                self.go_on(minutes=15)

    def assertUsable(self, certificate, state):
        certificate.invalidate_recordset(["state"])
        with freeze_time(self.moment + timedelta(minutes=1)):
            problem = certificate.enrolment_problem
            self.assertEqual(certificate.state, state, problem)
            credential = certificate._credential()
        self.assertEqual(credential.purpose, certificate.type)
        self.assertEqual(credential.serial_number, certificate.serial_number)
        der = x509.load_der_x509_certificate(credential.certificate_der)
        self.assertEqual(csr.public_key_hash(der), certificate.public_key_hash)
        self.assertIn(certificate.serial_number, self.simulator.store.certificates)

    def ends_in(self, certificate, **time):
        certificate.sudo().valid_to = fields.Datetime.now() + timedelta(**time)
