import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.errors import KsefError
from ..tools import warsaw
from ..tools.reminder import remind, withdraw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_certificate_enrolment import UNFINISHED

_logger = logging.getLogger(__name__)

#: Days before the end at which people are told, each once.
EXPIRY_NOTICES = (60, 30, 7)

#: A certificate that is renewed by itself is renewed this early.
RENEWAL = timedelta(days=60)

#: Whoever did not learn of the end so long after it, needs the certificate no more.
LATEST_NOTICE = timedelta(days=7)


class KsefCertificate(models.Model):
    """The daily watch: which certificates end soon, which are renewed by themselves."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    expiry_notice = fields.Integer(
        "Announced before the end", readonly=True, help="Days; 0: not announced yet."
    )
    renewal_problem = fields.Text("Problem of the renewal", readonly=True)

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
        self._warn_of_system_warnings(owners)
        self.env["ksef.import"]._warn_of_standstill(owners)
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
        ending = Domain("valid_to", "<=", now + timedelta(days=max(EXPIRY_NOTICES)))
        ending &= Domain("valid_to", ">", now - LATEST_NOTICE)
        for certificate in self.search(ending).filtered(
            lambda c: c.environment == c.company_id.sudo().ksef_environment
        ):
            days = (certificate.valid_to - now).days
            notice = min(one for one in EXPIRY_NOTICES if days <= one)
            told = certificate.expiry_notice
            if (not told or notice < told) and not certificate._is_replaced(notice):
                certificate._announce_expiry(notice)

    @api.model
    def _warn_of_system_warnings(self, companies):
        """Tell administrators, once, what KSeF will refuse in future."""
        for company in companies:
            warning = company._ksef_connection().system_warning
            credential = company._ksef_login_credential()
            if not warning or company.ksef_told_warning == warning or not credential:
                continue
            company.ksef_told_warning = warning
            credential._remind_administrators(
                lambda env, text=warning: env._("KSeF warns: %s", text[:60]),
                note=lambda env, c=company: c.with_env(env)._ksef_warning_text(),
            )

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

        def words(env):
            return env._(
                "KSeF: the certificate %(name)s ends on %(day)s", name=name, day=day
            )

        withdraw(self, words)
        self._remind_administrators(
            words, note=self._expiry_note, deadline=warsaw.day_of(self.valid_to)
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
        advice = env._("Renew it with its button, or upload a new one.")
        if not self.renewal_problem:
            return advice
        problem = env._("Odoo could not renew it: %s", self.renewal_problem)
        return f"{problem} {advice}"

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
        """Try the connection of new certificates that did not prove themselves yet, and
        of those that failed: a trouble that has passed must not count for ever."""
        self._of_company(company).filtered(
            lambda c: c.type == "authentication"
            and (
                c.state == "failed"
                or (c.state == "unchecked" and c.enrolment_state == "issued")
            )
        )._check_each()

    def _check_each(self):
        for certificate in self:
            commit(self.env)
            refused = certificate._words_of_refused_login()
            certificate._check_and_note()
            if not certificate.check_error:
                withdraw(certificate, refused)

    @api.model
    def _renew_what_ends(self, company):
        """Renew in time, each once: a refused request waits for a person."""
        if not company.ksef_renew_automatically:
            return
        soon = fields.Datetime.now() + RENEWAL
        for certificate in self._of_company(company).filtered(
            lambda c: c.state in ("active", "failed", "unchecked", "stored")
            and c.valid_to
            and c.valid_to <= soon
            and c._may_be_renewed()
        ):
            certificate._renew_by_itself()
            commit(self.env)

    def _renew_by_itself(self):
        """Renew; why it cannot be done stands in the next reminder."""
        try:
            self._renew()._go_on()
            self.renewal_problem = False
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF, renewal of certificate %s: %s", self.id, error)
            self.renewal_problem = user_message(self.env, error)

    def _may_be_renewed(self):
        """Whether a new one would have the same rights, and none is there already."""
        if self.type == "token" or self.subject_identifier_type == "Fingerprint":
            return False
        asked = self.sudo().search_count([("renews_id", "=", self.id)], limit=1)
        holders = [successor._subject() for successor in self._successor()]
        return not asked and self._subject() not in holders

    def _renew(self):
        """Ask KSeF for a certificate that takes over from this one.

        :raises KsefError: why nothing was asked for.
        """
        name = self._proposed_name(self.company_id, self.type)
        return self._enrol(self.company_id, self.type, name, renews=self)
