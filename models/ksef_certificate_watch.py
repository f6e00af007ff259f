import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.errors import KsefError
from ..tools import warsaw
from ..tools.reminder import remind
from ..tools.transaction import commit, roll_back
from .ksef_certificate_enrolment import UNFINISHED

_logger = logging.getLogger(__name__)

#: Days before the end at which people are told, each once.
EXPIRY_NOTICES = (60, 30, 7)

#: A certificate that is renewed by itself is renewed this early.
RENEWAL = timedelta(days=60)


class KsefCertificate(models.Model):
    """The daily watch: which certificates end soon, which are renewed by themselves."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    expiry_notice = fields.Integer(
        "Announced before the end", readonly=True, help="Days; 0: not announced yet."
    )

    @api.model
    def _cron_watch(self):
        """Once a day: ask the register, renew, and remind people of what waits for
        them: certificates that end, invoices that KSeF rejected or never got."""
        companies = self.env["res.company"].sudo()
        owners = companies.search([("ksef_environment", "!=", False)])
        self.env["ksef.outage"]._look(owners)
        for company in owners:
            self.with_company(company)._watch_company(company)
        self._warn_of_expiry()
        self.env["ksef.document"]._warn_of_what_waits()

    @api.model
    def _watch_company(self, company):
        """Ask the register and renew; one company's trouble never stops another's."""
        for step in (self._ask_register, self._check_new_ones, self._renew_what_ends):
            try:
                step(company)
            except KsefError as error:
                roll_back(self.env)
                _logger.info("KSeF, certificates of company %s: %s", company.id, error)
            commit(self.env)

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    @api.model
    def _warn_of_expiry(self):
        now = fields.Datetime.now()
        soon = now + timedelta(days=max(EXPIRY_NOTICES))
        for certificate in self.search([("valid_to", "<=", soon)]):
            days = (certificate.valid_to - now).days
            notice = min(one for one in EXPIRY_NOTICES if days <= one)
            told = certificate.expiry_notice
            if (not told or notice < told) and not certificate._is_replaced(notice):
                certificate._announce_expiry(notice)

    def _is_replaced(self, notice):
        """Whether nobody needs to act. A renewal under way is trusted at first only."""
        if self.state == "revoked" or self._successor():
            return True
        renewal = Domain("renews_id", "=", self.id)
        renewal &= Domain("enrolment_state", "in", UNFINISHED)
        first = notice == max(EXPIRY_NOTICES)
        return first and bool(self.sudo().search_count(renewal, limit=1))

    def _announce_expiry(self, notice):
        """Tell the administrators; what they were told before is out of date."""
        name, day = self.name, fields.Date.to_string(warsaw.day_of(self.valid_to))
        self.activity_ids.filtered("automated").unlink()
        self._remind_administrators(
            lambda env: env._(
                "KSeF: the certificate %(name)s ends on %(day)s", name=name, day=day
            ),
            note=self._expiry_note,
            deadline=warsaw.day_of(self.valid_to),
        )
        self.expiry_notice = notice

    def _expiry_note(self, env):
        if self.subject_identifier_type == "Fingerprint":
            return env._(
                "KSeF knows the owner by this certificate alone (fingerprint): the"
                " rights end with it, so Odoo does not renew it by itself. Get a new"
                " certificate in time and have the rights granted to it."
            )
        if self.type == "token":
            return False
        return env._("Renew it with its button, or upload a new one.")

    def _remind_administrators(self, words, note=False, deadline=None):
        """Plan the same activity for each administrator of the company."""
        remind(self, self._administrators(), words, note=note, deadline=deadline)

    def _administrators(self):
        users = self.env["res.users"].sudo()
        return (
            users.search(
                [
                    ("all_group_ids", "in", self.env.ref("base.group_system").ids),
                    ("company_ids", "in", self.company_id.ids),
                ]
            )
            or self.create_uid
        )

    def _successor(self):
        """Return what has taken over from this one: usable, and valid longer."""
        return self.company_id.sudo().ksef_certificate_ids.filtered(
            lambda c: c.type == self.type
            and c.environment == self.environment
            and c.valid_to
            and c.valid_to > self.valid_to
            and c.state in ("active", "unchecked", "stored")
        )

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------

    @api.model
    def _check_new_ones(self, company):
        """Try the connection of new certificates that did not prove themselves yet."""
        if company.ksef_login == "certificate":
            self._of_company(company).filtered(
                lambda c: c.type == "authentication"
                and c.enrolment_state == "issued"
                and c.state in ("unchecked", "failed")
            )._check_each()

    def _check_each(self):
        for certificate in self:
            commit(self.env)
            certificate._check_and_note()

    @api.model
    def _renew_what_ends(self, company):
        """Renew in time, each once: a refused request waits for a person.

        :raises KsefError: nothing was asked for.
        """
        if not company.ksef_renew_automatically:
            return
        soon = fields.Datetime.now() + RENEWAL
        for certificate in self._of_company(company).filtered(
            lambda c: c.state in ("active", "failed", "unchecked", "stored")
            and c.valid_to
            and c.valid_to <= soon
            and c._may_be_renewed()
        ):
            certificate._renew()._go_on()

    def _may_be_renewed(self):
        """Whether a new one would have the same rights, and none is there already."""
        if self.type == "token" or self.subject_identifier_type == "Fingerprint":
            return False
        asked = self.sudo().search_count([("renews_id", "=", self.id)], limit=1)
        return not asked and not self._successor()

    def _renew(self):
        """Ask KSeF for a certificate that takes over from this one.

        :raises KsefError: why nothing was asked for.
        """
        name = self._proposed_name(self.company_id, self.type)
        return self._enrol(self.company_id, self.type, name, renews=self)
