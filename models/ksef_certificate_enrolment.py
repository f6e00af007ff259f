import logging
import re
import secrets
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..ksef import csr
from ..ksef.certificates import NAME, CertificateOffice
from ..ksef.errors import CertificateError, KsefError, RateLimitError
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message

_logger = logging.getLogger(__name__)

#: States in which KSeF may still issue the certificate.
UNFINISHED = ("prepared", "sent", "requested")

#: Longer than any request may take: while it runs, nobody else goes on with it.
LEASE = timedelta(minutes=3)

#: A person waits so many seconds for KSeF.
PATIENCE = 8

#: (age of the request, pause until the next look): cron triggers count minutes.
PAUSES = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=36500), timedelta(hours=1)),
)

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_\- ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]+")


class KsefCertificate(models.Model):
    """A certificate that Odoo asks KSeF for. Its key is sealed and committed before
    the request leaves: none is ever issued for a key that is lost."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    # (none)    --[_prepare]--> prepared   key sealed, nothing asked for yet
    # prepared  --[_hand_in]--> sent       committed before the request leaves
    # sent      --[_hand_in]--> requested  KSeF told its reference
    # sent      --[_find]-----> issued     the answer was lost, the register has it
    # sent      --[_find]-----> prepared   ... or verifiably does not have it
    # requested --[_look]-----> issued     certificate stored with its key
    # requested --[_look]-----> sent       KSeF does not know the reference any more
    # requested --[_look]-----> prepared   KSeF's own trouble (500, 550)
    # any       --[_refuse]---> refused    KSeF said no
    # refused   --[action_try_again]-> prepared
    enrolment_state = fields.Selection(
        [
            ("prepared", "Prepared"),
            ("sent", "Sent, no answer yet"),
            ("requested", "KSeF is issuing it"),
            ("issued", "Issued"),
            ("refused", "Refused"),
        ],
        string="Request",
        readonly=True,
        index="btree_not_null",
    )
    enrolment_reference = fields.Char("Reference of the request", readonly=True)
    enrolment_requested_at = fields.Datetime("Requested on", readonly=True)
    enrolment_limit_left = fields.Integer(
        "Requests left before it", readonly=True, help="-1: KSeF does not tell."
    )
    enrolment_attempts = fields.Integer("Times requested", readonly=True)
    enrolment_problem = fields.Text("Problem of the request", readonly=True)
    enrolment_poll_at = fields.Datetime("Next look at the request", readonly=True)
    enrolment_lease_until = fields.Datetime("Request reserved until", readonly=True)
    enrolled_with_id = fields.Many2one(
        "ksef.certificate", "Requested with", readonly=True, ondelete="set null"
    )
    renews_id = fields.Many2one(
        "ksef.certificate", "Renews", readonly=True, ondelete="set null"
    )

    def _state_of_enrolment(self):
        if self.enrolment_state == "refused":
            return "refused"
        return "enrolling" if self.enrolment_state in UNFINISHED else None

    # ------------------------------------------------------------------
    # Begin
    # ------------------------------------------------------------------

    @api.model
    def _prepare(self, client, company, kind, name, **values):
        """Make sure that KSeF will take the request, and keep a key for it.

        :param client: logged in as whom the certificate is to name.
        :raises KsefError: why there is no use in asking.
        :return: the record, committed with its sealed key; or what was begun meanwhile.
        """
        office = CertificateOffice(client)
        commit(self.env)
        self._check_limits(office.limits())
        office.subject()
        self._lock_to_ask(company)
        begun = self._begun(company, kind, self.new(values)._subject())
        return begun or self._keep_key(company, kind, name, values)

    @api.model
    def _keep_key(self, company, kind, name, values):
        """Create the record of a new request, and commit it with its sealed key."""
        key = csr.new_key()
        record = self.sudo().create(
            {
                **values,
                "name": name,
                "type": kind,
                "company_id": company.id,
                "environment": company.sudo().ksef_environment,
                "sealed_secret": self._seal(csr.key_der(key)),
                "public_key_hash": csr.public_key_hash(key),
                "enrolment_state": "prepared",
            }
        )
        record._schedule_enrolment()
        commit(self.env)
        return record

    @api.model
    def _lock_to_ask(self, company):
        """Let one process at a time decide whether a request is begun.

        :raises CertificateError: another one is deciding.
        """
        roll_back(self.env)
        if not company.sudo().try_lock_for_update(allow_referencing=True):
            raise CertificateError("enrolment_busy")

    @api.model
    def _begun(self, company, kind, holder):
        """Return the request under way that would bring the same certificate."""
        return self._of_company(company).filtered(
            lambda c: c.type == kind
            and c.enrolment_state in UNFINISHED
            and c._subject() == holder
        )[:1]

    @api.model
    def _check_limits(self, limits):
        """Pass if KSeF takes one more request.

        :raises CertificateError: a limit is reached.
        """
        if limits.enrolments_left == 0:
            raise CertificateError("enrolment_limit")
        if limits.certificates_left == 0:
            raise CertificateError("certificate_limit")
        if not limits.can_request:
            raise CertificateError("enrolment_limit")

    @api.model
    def _enrol(self, company, kind, name, renews=None):
        """Ask KSeF for a certificate as the one who logs in for this company, unless
        the same is asked for already.

        :raises KsefError: why nothing was asked for.
        """
        self._check_name(name)
        login = self._login_to_enrol(company, renews)
        return self._prepare(
            company._ksef_client(login, purpose="check"),
            company,
            kind,
            self._unique_name(name),
            renews_id=renews.id if renews else False,
            enrolled_with_id=login.id,
            subject_identifier_type=login.subject_identifier_type,
            subject_identifier=login.subject_identifier,
        )

    @api.model
    def _begun_for(self, company, kind, renews=None):
        """Return the request under way that `_enrol` would go on with.

        :raises KsefError: there is nobody to ask as.
        """
        holder = self._login_to_enrol(company, renews)._subject()
        return self._begun(company, kind, holder)

    @api.model
    def _limits_to_enrol(self, company, renews=None):
        """Return who would ask, and what KSeF still allows.

        :raises KsefError: there is no use in asking.
        """
        login = self._login_to_enrol(company, renews)
        office = CertificateOffice(company._ksef_client(login, purpose="check"))
        limits = self._asked(office.limits)
        self._check_limits(limits)
        return login, limits

    @api.model
    def _login_to_enrol(self, company, renews=None):
        """Return the login whose holder the new certificate will name: of a renewed
        one the same holder, so that the rights stay."""
        logins = self._of_company(company).filtered(
            lambda c: c.type == "authentication"
        )
        if renews:
            logins = logins.filtered(lambda c: c._subject() == renews._subject())
        login = logins._preferred()[:1]
        if login:
            return login
        tokens = company._ksef_login_credential().type == "token"
        raise CertificateError("enrolment_by_token" if tokens else "enrolment_login")

    @api.model
    def _check_name(self, name):
        """Pass if KSeF takes ``name`` and what makes it unique."""
        if not NAME.fullmatch(name or "") or len(name) > 90:
            raise CertificateError("enrolment_name")

    @api.model
    def _unique_name(self, name):
        """Return ``name`` with an ending that no other request has: a lost answer is
        looked for by it."""
        return f"{name} {secrets.token_hex(3)}"

    @api.model
    def _proposed_name(self, company, kind):
        purpose = {"offline": "offline", "authentication": "login"}[kind]
        whose = " ".join(_NOT_IN_NAMES.sub(" ", company.name).split())[:40]
        return f"Odoo {whose} {purpose} {warsaw.today():%Y-%m-%d}"

    # ------------------------------------------------------------------
    # Go on
    # ------------------------------------------------------------------

    @api.model
    def _poll_enrolments(self):
        """Go on with every request whose time has come."""
        due = Domain("enrolment_state", "in", UNFINISHED)
        due &= Domain("enrolment_poll_at", "<=", fields.Datetime.now())
        for certificate in self.search(due, order="enrolment_poll_at"):
            certificate._go_on()
            if not commit(self.env, 1):
                self.env["ksef.session"]._wake_up("poll")
                return

    def _go_on(self, client=None, seconds=0):
        """Take a request as far as it goes now; trouble is noted on it, not raised.

        :param client: logged in as the holder; else a login of ours is used.
        :param seconds: how long to wait for KSeF.
        """
        deadline = time.monotonic() + seconds
        try:
            if not self._lease_enrolment():
                return
            office = CertificateOffice(client or self._client_to_enrol())
            self._step(office)
            while self._is_at_ksef() and time.monotonic() < deadline:
                commit(self.env)
                time.sleep(1)
                self._step(office)
            self._check_issued()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            roll_back(self.env)  # at the latest the end of the lease helps
        except KsefError as error:
            roll_back(self.env)
            self._note_enrolment_trouble(error)
        self._schedule_enrolment()
        commit(self.env)

    def _is_at_ksef(self):
        return self.enrolment_state in ("sent", "requested")

    def _lease_enrolment(self):
        """Claim the request for this process; False while another one has it."""
        roll_back(self.env)
        record = self.try_lock_for_update(allow_referencing=True)
        now = fields.Datetime.now()
        leased = record.enrolment_lease_until and record.enrolment_lease_until > now
        if not record or leased or record.enrolment_state not in UNFINISHED:
            return False
        record.enrolment_lease_until = now + LEASE
        commit(self.env)
        return True

    def _client_to_enrol(self):
        """Return a client of the holder: to anybody else KSeF does not show it.

        :raises CertificateError: nobody can log in as the holder.
        """
        logins = self.enrolled_with_id | self._of_company(self.company_id).filtered(
            lambda c: c.type == "authentication" and c._subject() == self._subject()
        )
        login = logins._preferred()[:1]
        if not login or not self.subject_identifier:
            raise CertificateError("enrolment_unfinished")
        return self.company_id._ksef_client(login, purpose="check")

    def _note_enrolment_trouble(self, error):
        _logger.info("KSeF, request %s: %s", self.enrolment_reference, error)
        self.enrolment_problem = user_message(self.env, error)
        if isinstance(error, RateLimitError):
            self.env["ksef.session"]._retry_at(self.company_id, error)

    def _schedule_enrolment(self):
        """Give the request free for the next look."""
        self.enrolment_lease_until = False
        if self.enrolment_state not in UNFINISHED:
            self.enrolment_poll_at = False
            return
        now = fields.Datetime.now()
        age = now - (self.enrolment_requested_at or self.create_date or now)
        pause = next(pause for limit, pause in PAUSES if age < limit)
        self.enrolment_poll_at = now + pause
        self.env["ksef.session"]._wake_up("poll", self.enrolment_poll_at)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_up(self):
        given_up = self.env.context.get("ksef_given_up")
        if not given_up and any(one._is_at_ksef() for one in self.sudo()):
            raise UserError(
                self.env._(
                    "KSeF may issue this certificate, and only Odoo has its key. Wait"
                    " for the answer, or open it and press “Give up”."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_being_requested(self):
        now = fields.Datetime.now()
        if any(
            one.enrolment_lease_until and one.enrolment_lease_until > now
            for one in self.sudo()
        ):
            raise UserError(
                self.env._(
                    "Odoo is talking to KSeF about this certificate. Try again in three"
                    " minutes."
                )
            )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_renew(self):
        """Ask whether to renew this certificate."""
        self.ensure_one()
        return self.env["ksef.certificate.enrol"]._open(
            self.company_id, self.type, renews=self
        )

    def action_look_again(self):
        """Look now what became of the request."""
        self.check_access("unlink")
        self.sudo()._go_on(seconds=PATIENCE)
        return self._told_of_request()

    def action_try_again(self):
        """Send a refused request once more, of the same key, unless KSeF has issued
        the certificate all the same."""
        self.check_access("unlink")
        self.sudo().filtered(lambda c: c.enrolment_state == "refused").write(
            {
                "enrolment_state": "prepared",
                "enrolment_attempts": 0,
                "enrolment_problem": False,
            }
        )
        commit(self.env)
        return self.action_look_again()

    def action_give_up(self):
        """Delete the request with its key. What KSeF may have issued stays there."""
        self.with_context(ksef_given_up=True).unlink()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "l10n_pl_ksef.action_ksef_certificate"
        )

    def _told_of_request(self):
        """Return the notification: how far the request is."""
        self.ensure_one()
        record = self.sudo()
        if record.state == "refused":
            return self._notification("danger", record.enrolment_problem)
        if record.state != "enrolling":
            text = self.env._("KSeF has issued the certificate.")
            return self._notification("success", text)
        text = self.env._(
            "KSeF is issuing the certificate. Odoo fetches it by itself in a few"
            " minutes."
        )
        if record.enrolment_problem:
            text = f"{text} {record.enrolment_problem}"
        return self._notification("info", text)
