import base64
from datetime import timedelta

from odoo import api, fields, models

from ..ksef import csr
from ..ksef.credential import Credential
from ..ksef.errors import (
    ApiError,
    CertificateError,
    ProtocolError,
    RateLimitError,
    ServerError,
)
from ..ksef.messages import EnrolmentPhase, enrolment_phase
from ..tools import warsaw
from ..tools.transaction import commit
from ..tools.user_message import enrolment_message, user_message

#: How KSeF calls the types.
KINDS = {"authentication": "Authentication", "offline": "Offline"}

#: A request whose answer was lost is looked for so long before it is sent once more,
#: if KSeF did not count it; and so long if it did.
LOST = timedelta(minutes=10)
FORGOTTEN = timedelta(days=1)

#: Each request counts against a limit that is as low as twelve.
MOST_ATTEMPTS = 3

#: KSeF's code for a request that it does not know.
UNKNOWN_REQUEST = 25005

#: How a login ends when KSeF has decided; other codes are trouble of its own.
REFUSED_LOGINS = (415, 425, 450, 460, 470, 480)


def is_decision(error):
    """Whether KSeF itself has refused; what its firewall blocks, it never saw."""
    if error.status == 200:
        return error.code in REFUSED_LOGINS
    if error.status == 403:
        return error.reason_code not in (None, "security-service-blocked")
    return error.status not in (401, 429) and not isinstance(error, ServerError)


class KsefCertificate(models.Model):
    """The steps from a sealed key to the certificate of it. Each is committed before
    the next question to KSeF; none waits for KSeF with a transaction of ours open."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    def _step(self, office):
        """One question to KSeF, or the request itself.

        :raises KsefError: no or no usable answer; nothing is lost by it.
        """
        if self.enrolment_state == "sent":
            self._find(office)
        if self.enrolment_state == "prepared":
            if not self._was_issued(office):
                self._hand_in(office)
        elif self.enrolment_state == "requested":
            self._look(office)

    def _hand_in(self, office):
        """Send the request; from here on a certificate may exist."""
        key = csr.load_key(self._secret())
        name, kind = self.name, KINDS[self.type]
        left = self._asked(office.limits).enrolments_left
        request = csr.request(office.subject(), key)
        self.write(
            {
                "enrolment_state": "sent",
                "enrolment_limit_left": -1 if left is None else left,
                "enrolment_requested_at": fields.Datetime.now(),
                "enrolment_attempts": self.enrolment_attempts + 1,
                "enrolment_problem": False,
            }
        )
        commit(self.env)
        try:
            reference = office.enrol(name, kind, request)
        except ApiError as error:
            self._note_not_taken(error)
            return
        self.write({"enrolment_state": "requested", "enrolment_reference": reference})
        commit(self.env)

    def _note_not_taken(self, error):
        """KSeF answered with a refusal, or asks to come back later.

        :raises ApiError: it is to be tried again.
        """
        if is_decision(error):
            self._refuse(user_message(self.env, error))
            return
        if isinstance(error, RateLimitError) or error.status == 401:
            self.enrolment_state = "prepared"
            commit(self.env)
        raise error  # else it may have arrived

    def _find(self, office):
        """The answer was lost."""
        if not self._was_issued(office) and self._is_lost(office):
            self._repeat(self.env._("KSeF did not answer the request."))

    def _was_issued(self, office):
        """Take in what KSeF made of an earlier try: recognised by its public key."""
        if not self.enrolment_requested_at:
            return False
        found = self._asked(office.find, self.public_key_hash, self.name)
        if found:
            self._take_in(found)
        return bool(found)

    def _is_lost(self, office):
        """Whether KSeF never got the request: it counts each one at once, but lists it
        only once it has issued the certificate."""
        age = fields.Datetime.now() - self.enrolment_requested_at
        if age < LOST:
            return False
        before = self.enrolment_limit_left
        left = self._asked(office.limits).enrolments_left
        counted = before < 0 or left is None or left < before
        return not counted or age > FORGOTTEN

    def _look(self, office):
        """Ask what became of the request."""
        try:
            answer = self._asked(office.enrolment, self.enrolment_reference)
        except ApiError as error:
            if error.code != UNKNOWN_REQUEST and error.status not in (404, 410):
                raise
            self.write({"enrolment_state": "sent", "enrolment_reference": False})
            commit(self.env)
            return
        phase = enrolment_phase(answer.code)
        if phase is EnrolmentPhase.ISSUED:
            self._fetch_issued(office, answer.serial_number)
        elif phase is EnrolmentPhase.REFUSED:
            self._refuse(enrolment_message(self.env, answer))
        elif phase is EnrolmentPhase.AGAIN:
            self._repeat(enrolment_message(self.env, answer))

    def _fetch_issued(self, office, serial_number):
        issued = self._asked(office.retrieve, [serial_number]) if serial_number else ()
        mine = [one for one in issued if self._is_of_key(one)]
        found = mine[0] if mine else None
        if not found:
            found = self._asked(office.find, self.public_key_hash, self.name)
        if not found:
            raise ProtocolError("the certificate that was issued is not delivered")
        self._take_in(found)

    def _is_of_key(self, issued):
        try:
            return csr.public_key_hash(issued.der) == self.public_key_hash
        except CertificateError:
            return False

    def _asked(self, question, *args):
        """Return an answer of KSeF, with no transaction of ours open meanwhile."""
        commit(self.env)
        return question(*args)

    def _repeat(self, problem):
        """Send the same request, of the same key, once more."""
        if self.enrolment_attempts >= MOST_ATTEMPTS:
            self._refuse(problem)
            return
        self.write({"enrolment_state": "prepared", "enrolment_reference": False})
        commit(self.env)

    # ------------------------------------------------------------------
    # End
    # ------------------------------------------------------------------

    def _take_in(self, issued):
        """Store the certificate beside its key: from now on it is used.

        :raises KsefError: the key cannot be opened, or it is of another type.
        """
        credential = Credential.from_der(issued.der, self._secret())
        if credential.purpose != self.type:
            raise ProtocolError("KSeF issued a certificate of another type")
        self.write(
            {
                **self._values_of_credential(credential),
                "enrolment_state": "issued",
                "enrolment_problem": False,
            }
        )
        text = self.env._("KSeF has issued the certificate %s.", self.serial_number)
        for record in self | self.renews_id:
            record._message_log(body=text)
        commit(self.env)

    @api.model
    def _values_of_credential(self, credential):
        """Return what a certificate says of itself."""
        return {
            "certificate": base64.b64encode(credential.certificate_der),
            "public_key_hash": csr.public_key_hash(credential.certificate),
            "serial_number": credential.serial_number,
            "owner": credential.owner,
            "subject_identifier_type": credential.identifier_type,
            "subject_identifier": credential.identifier,
            "valid_from": warsaw.naive(credential.valid_from),
            "valid_to": warsaw.naive(credential.valid_to),
        }

    def _check_issued(self):
        """A new login is proven before it is preferred to an old one."""
        issued = self.enrolment_state == "issued" and self.type == "authentication"
        # By our clock its validity may begin in some seconds: the watch tries it then.
        if issued and self.state != "not_yet_valid":
            self._check_and_note()

    def _refuse(self, text):
        self.write({"enrolment_state": "refused", "enrolment_problem": text})
        name = self.name
        self._remind_administrators(
            lambda env: env._("KSeF: the request for certificate %s is refused", name),
            note=lambda _env: text,
        )
        commit(self.env)
