import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..ksef.crypto import Credential
from ..ksef.errors import KsefError
from ..tools import tokens, warsaw
from ..tools.user_message import user_message

#: Of several credentials the first in this order logs in: a new one is proven first.
LOGIN_ORDER = (
    "active",
    "unchecked",
    "failed",
    "not_yet_valid",
    "locked",
    "revoked",
    "expired",
)

ENVIRONMENTS = [
    ("test", "Test"),
    ("demo", "Demo"),
    ("production", "Production"),
    ("own", "Own addresses"),
]


class KsefCertificate(models.Model):
    """One credential of one company: authentication certificate, offline certificate
    or KSeF token. Its secret is sealed; records are made by the upload wizard and by
    the enrolment only."""

    _name = "ksef.certificate"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "KSeF certificate"
    _order = "type, valid_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    type = fields.Selection(
        [
            ("authentication", "Authentication"),
            ("offline", "Offline"),
            ("token", "KSeF token"),
        ],
        required=True,
        readonly=True,
    )
    certificate = fields.Binary(attachment=False, readonly=True)
    sealed_secret = fields.Binary(
        "Sealed key or token", attachment=False, readonly=True, groups="."
    )
    serial_number = fields.Char("Serial number", readonly=True)
    owner = fields.Char(readonly=True, help="Name in the certificate.")
    subject_identifier_type = fields.Selection(
        [("Nip", "NIP"), ("Pesel", "PESEL"), ("Fingerprint", "Fingerprint")],
        string="Identifier type",
        readonly=True,
    )
    subject_identifier = fields.Char("Subject identifier", readonly=True)
    # of the key: what belongs to it is recognised by this
    public_key_hash = fields.Char("Public key (SHA-256)", readonly=True)
    valid_from = fields.Datetime("Valid from", readonly=True)
    valid_to = fields.Datetime("Valid to", readonly=True)
    checked_at = fields.Datetime("Last check", readonly=True)
    check_error = fields.Text("Result of the last check", readonly=True)
    rights = fields.Char("Rights in KSeF", readonly=True)
    state = fields.Selection(
        [
            ("unchecked", "Not checked yet"),
            ("active", "Active connection"),
            ("failed", "Connection failed"),
            ("not_yet_valid", "Not yet valid"),
            ("expired", "Expired"),
            ("stored", "Ready for offline work"),
            ("enrolling", "Requested from KSeF"),
            ("refused", "Request refused"),
            ("revoked", "Revoked"),
            ("locked", "Key cannot be opened"),
        ],
        string="Status",
        compute="_compute_state",
    )

    @api.depends(
        "type",
        "valid_from",
        "valid_to",
        "checked_at",
        "check_error",
        "sealed_secret",
        "enrolment_state",
        "ksef_status",
    )
    def _compute_state(self):
        now = fields.Datetime.now()
        for certificate in self:
            certificate.state = (
                certificate._state_of_enrolment()
                or certificate._state_of_validity(now)
                or certificate._state_of_use()
            )

    def _state_of_validity(self, now):
        if self.ksef_status in ("Revoked", "Blocked"):
            return "revoked"
        if self.valid_to and self.valid_to <= now:
            return "expired"
        if not self._opens():
            return "locked"
        return "not_yet_valid" if self.valid_from and self.valid_from > now else None

    def _state_of_use(self):
        if self.type == "offline":
            return "stored"
        if not self.checked_at:
            return "unchecked"
        return "failed" if self.check_error else "active"

    @api.depends("name", "type")
    def _compute_display_name(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        for certificate in self:
            kind = labels.get(certificate.type)
            certificate.display_name = f"{certificate.name} ({kind})"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_open_session(self):
        # KSeF shows a session only to the subject that opened it.
        sessions = self.env["ksef.session"].sudo()
        unfinished = sessions.search_count(
            Domain("certificate_id", "in", self.ids) & sessions._domain_unfinished(),
            limit=1,
        )
        if unfinished:
            raise UserError(
                self.env._(
                    "KSeF has not confirmed every invoice sent with this certificate"
                    " yet. Delete it once the sessions under KSeF > Sessions are done."
                )
            )

    def unlink(self):
        for certificate in self.sudo():
            tokens.forget_all(certificate._token_key())
        return super().unlink()

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------

    def _credential(self):
        """Return what logs in: a Credential, or a KSeF token as a string.

        :raises KsefError: sealed with another key, or out of its validity.
        """
        self.ensure_one()
        if self.type == "token":
            return self._secret().decode()
        record = self.sudo().with_context(bin_size=False)
        der = base64.b64decode(record.certificate)
        credential = Credential.from_der(der, self._secret())
        credential.check_valid(warsaw.now())
        return credential

    def _preferred(self):
        """Return what one can log in with, the best first: what is proven to work, then
        what is valid longest. One that is only requested is none."""
        usable = self.filtered(lambda c: c.state in LOGIN_ORDER)
        return usable.sorted(
            lambda c: (c.valid_to or fields.Datetime.now(), c.id), reverse=True
        ).sorted(lambda c: LOGIN_ORDER.index(c.state))

    # ------------------------------------------------------------------
    # Connection
    # ------------------------------------------------------------------

    def _token_key(self, *context):
        """Return what tokens are kept under: this credential, then address and NIP."""
        self.ensure_one()
        return (self.env.cr.dbname, self.id, self.serial_number, *context)

    def action_check_connection(self):
        """Log in, note who may do what, and tell the user."""
        self.ensure_one()
        self.check_access("read")
        record = self.sudo()
        record._check_and_note()
        if record.check_error:
            return self._notification("danger", record.check_error)
        clock = record.company_id._ksef_clock_text()
        if clock:
            return self._notification(
                "warning", f"{record._connection_text()} · {clock}"
            )
        return self._notification("success", record._connection_text())

    def _check_and_note(self):
        """Check the connection and keep what came of it."""
        values = {"checked_at": fields.Datetime.now(), "check_error": False}
        try:
            values["rights"] = ", ".join(self._check_connection())
        except KsefError as error:
            values["check_error"] = user_message(self.env, error)
        self.write(values)
        company = self.company_id.sudo()
        works = self.type == "authentication" and not self.check_error
        if works and company.ksef_leaves_token:
            company.write({"ksef_login": "certificate", "ksef_leaves_token": False})

    def _check_connection(self):
        """Return the rights that KSeF reports for a fresh login.

        :raises KsefError: why the login failed.
        """
        tokens.forget_all(self._token_key())
        client = self.company_id._ksef_client(self, purpose="check")
        granted = {grant.permission for grant in client.personal_grants()}
        self._learn_name(client)
        # Rights of an owner are never listed; the token's payload hints at them.
        return sorted(granted | set(client.rights()))

    def _learn_name(self, client):
        """Take over the name that KSeF knows, unless one was typed. Whoever may not ask
        for it (a token, say) has a connection all the same."""
        if self.type == "token" or self.name != self._credential().common_name:
            return
        try:
            known = client.certificate_name(self.serial_number)
        except KsefError:
            return
        self.name = known or self.name

    def _connection_text(self):
        """Return the line of the settings page: state, kind, validity."""
        self.ensure_one()
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("state", "type")
        }
        parts = [labels["state"][self.state], labels["type"][self.type]]
        if self.valid_to:
            day = fields.Date.to_string(warsaw.day_of(self.valid_to))
            parts.append(self.env._("valid to %s", day))
        if self.rights:
            parts.append(self.env._("rights: %s", self.rights))
        return " · ".join(parts)

    def _offline_text(self):
        """Return the line of the settings page for an Offline certificate."""
        self.ensure_one()
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [state, self.owner or self.name, self.serial_number]
        if self.valid_to:
            day = fields.Date.to_string(warsaw.day_of(self.valid_to))
            parts.append(self.env._("valid to %s", day))
        return " · ".join(filter(None, parts))

    def _notification(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_download(self):
        """Download the certificate (never the key)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/ksef.certificate/{self.id}/certificate"
            f"?download=true&filename={self.serial_number}.crt",
            "target": "download",
        }
