from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.certificates import CertificateOffice
from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    CertificateError,
    ProtocolError,
)
from ..tools import tokens
from ..tools.reminder import remind
from ..tools.transaction import commit
from ..tools.user_message import user_message
from .ksef_certificate_issue import is_decision


class KsefCertificate(models.Model):
    """The ministry's register: what it says of our certificates, and what is told it.

    It shows a holder its own certificates, whoever uses them; not those of others.
    """

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    # as the register writes it, so that an unknown one is kept
    ksef_status = fields.Char("Status in KSeF", readonly=True)
    ksef_status_at = fields.Datetime("Status asked on", readonly=True)

    # ------------------------------------------------------------------
    # What the register says
    # ------------------------------------------------------------------

    @api.model
    def _ask_register(self, company):
        """Note what KSeF says of each certificate. It tells a subject about its own
        certificates alone, so each subject that can log in is asked.

        :raises KsefError: no or no usable answer.
        """
        for login in self._one_login_of_each_subject(company):
            try:
                listed = login._listed_by_ksef()
            except AuthenticationError as error:
                if not is_decision(error):
                    raise
                login._note_refused_login(error)
            else:
                self._of_company(company)._note_register(listed)
            commit(self.env)

    def _listed_by_ksef(self):
        """Return the register of the holder of this login certificate.

        :raises KsefError: no or no usable answer.
        """
        return self._asked(self._office().query)

    def _office(self):
        """Return the register's counter, as the holder of this certificate."""
        return CertificateOffice(self.company_id._ksef_client(self, purpose="check"))

    def _note_refused_login(self, error):
        """KSeF does not let it in any more: revoked, perhaps, or without rights."""
        self.write(
            {
                "checked_at": fields.Datetime.now(),
                "check_error": user_message(self.env, error),
            }
        )
        self._remind_administrators(
            self._words_of_refused_login(), note=lambda env: user_message(env, error)
        )

    def _words_of_refused_login(self):
        name = self.name
        return lambda env: env._("KSeF refuses the login with certificate %s", name)

    @api.model
    def _one_login_of_each_subject(self, company):
        usable = self._of_company(company).filtered(
            lambda c: c.type == "authentication"
            and c.state in ("active", "unchecked", "failed")
        )
        subjects = usable._preferred().grouped(lambda c: c._subject())
        return [logins[0] for logins in subjects.values()]

    @api.model
    def _of_company(self, company):
        """Return the certificates of the present environment."""
        owner = company.sudo()
        return owner.ksef_certificate_ids.filtered(
            lambda c: c.environment == owner.ksef_environment
        )

    def _subject(self):
        """Return by what KSeF knows the holder: all certificates of one subject are in
        one register."""
        return self.subject_identifier_type, self.subject_identifier

    def _note_register(self, listed):
        """Keep what KSeF says; what it revoked is used no more from now on."""
        states = {one.serial_number: one.status for one in listed}
        now = fields.Datetime.now()
        for certificate in self.filtered(lambda c: c.serial_number in states):
            status = states[certificate.serial_number]
            before = certificate.state
            certificate.write({"ksef_status": status, "ksef_status_at": now})
            if certificate.state == "revoked" != before:
                tokens.forget_all(certificate._token_key())
                certificate._tell_of_revocation()

    def _tell_of_revocation(self):
        name = self.name
        self._remind_administrators(
            lambda env: env._("KSeF: the certificate %s is revoked", name)
        )
        if self.type == "offline":
            self._warn_of_codes()

    def _warn_of_codes(self):
        """The KOD II of invoices on their way leads to a revoked certificate (R25)."""
        waiting = self.env["ksef.document"].search(
            Domain("offline_certificate_id", "in", self.ids)
            & Domain("state", "!=", "accepted")
        )
        for document in waiting:
            move = document.move_id
            document._log(
                self.env._(
                    "The Offline certificate %s, with which the second QR code (KOD II)"
                    " of this invoice was signed, is revoked: whoever scans the code is"
                    " told that it is not valid. Once KSeF has accepted the invoice,"
                    " give the customer the PDF with the KSeF number.",
                    self.name,
                )
            )
            remind(
                move,
                move.invoice_user_id or move.create_uid,
                lambda env, number=document.number: env._(
                    "KSeF: the QR code (KOD II) of invoice %s is not valid any more",
                    number,
                ),
            )

    # ------------------------------------------------------------------
    # What is told it
    # ------------------------------------------------------------------

    @api.model
    def _register_of(self, company):
        """Return all that KSeF shows us: pairs of the login that sees it, and the row.

        :raises KsefError: no or no usable answer.
        """
        found = [
            (login, listed)
            for login in self._logins_to_register(company)
            for listed in login._listed_by_ksef()
        ]
        self._of_company(company)._note_register([listed for _login, listed in found])
        return found

    def _retrieved(self, serial_number):
        """Return a certificate of the holder, in DER.

        :raises KsefError: KSeF does not give it out.
        """
        issued = self._asked(self._office().retrieve, [serial_number])
        if not issued:
            raise ProtocolError("the certificate is not delivered")
        return issued[0].der

    @api.model
    def _logins_to_register(self, company):
        """Return a login certificate of each holder.

        :raises KsefError: there is none that can be used.
        """
        logins = self._one_login_of_each_subject(company)
        if not logins:
            login = company._ksef_login_credential()
            if login.type == "token":
                raise CertificateError("enrolment_by_token")
            self._refuse_locked(login)
            raise CertificateError("missing")
        return logins

    @api.model
    def _refuse_locked(self, login):
        """Pass unless the key cannot be opened here.

        :raises KsefError: why.
        """
        if login.state == "locked":
            login._secret()

    def _revoke(self, serial_number, kind, reason):
        """Revoke a certificate of the holder of this login certificate; when it could
        log in, every login ends too: a refresh token would outlive it by a week.

        :param kind: as KSeF calls it.
        :raises KsefError: KSeF refused, or did not answer.
        """
        client = self.company_id._ksef_client(self, purpose="check")
        self._asked(CertificateOffice(client).revoke, serial_number, reason)
        revoked = self._of_company(self.company_id).filtered(
            lambda c: c.serial_number == serial_number
        )
        revoked.write(
            {"ksef_status": "Revoked", "ksef_status_at": fields.Datetime.now()}
        )
        for certificate in revoked:
            certificate._tell_of_revocation()
        commit(self.env)
        if kind != "Offline":
            self._log_out(client)

    @api.model
    def _log_out_everywhere(self, company):
        """End every login to KSeF of this company, wherever it was made.

        :return: how many were ended.
        :raises KsefError: one of the holders cannot be asked.
        """
        by_token = self._of_company(company).filtered(lambda c: c.type == "token")
        logins = [*self._one_login_of_each_subject(company), *by_token]
        if not logins:
            self._refuse_locked(company._ksef_login_credential())
            raise CertificateError("missing")
        return sum(
            login._log_out(company._ksef_client(login, purpose="check"))
            for login in logins
        )

    def _log_out(self, client):
        """End every login of one holder, our own at last; return how many."""
        sessions = self._asked(client.auth_sessions)
        for session in sessions:
            if not session.is_current:
                self._end(client.end_auth_session, session.reference)
        self._end(client.end_current_auth_session)
        tokens.forget_all(self._token_key())
        return len(sessions)

    def _end(self, request, *args):
        try:
            self._asked(request, *args)
        except AuthenticationError:
            raise
        except ApiError as error:
            if error.status >= 429:
                raise
            # it ended meanwhile
