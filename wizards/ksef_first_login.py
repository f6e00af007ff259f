import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..ksef.errors import CertificateError, KsefError
from ..tools.user_message import user_message


class KsefFirstLogin(models.TransientModel):
    """The first login, without a KSeF certificate: the request is signed outside Odoo
    by a qualified seal or a trusted profile. With it Odoo gets its own certificate.

    The login lives for this one request; nothing of it is kept.
    """

    _name = "ksef.first.login"
    _description = "First login to KSeF"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    unfinished_id = fields.Many2one(
        "ksef.certificate",
        "Unfinished request",
        compute="_compute_unfinished",
        help="Odoo goes on with it.",
    )
    name = fields.Char(
        default=lambda self: self.env["ksef.certificate"]._proposed_name(
            self.env.company, "authentication"
        ),
        help="The name in KSeF. Odoo adds an ending that makes it unique.",
    )
    request_file = fields.Binary("Login request", attachment=False, readonly=True)
    requested_at = fields.Datetime("Made on", readonly=True)
    signed_file = fields.Binary("Signed request (.xml)", attachment=False)
    signed_filename = fields.Char("Name of the signed file")

    def _compute_unfinished(self):
        certificates = self.env["ksef.certificate"].sudo()
        for wizard in self:
            wizard.unfinished_id = certificates._first_request(wizard.company_id)

    def action_download(self):
        """Ask KSeF for a challenge and download the request that carries it."""
        self.ensure_one()
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            request = certificates.sudo()._login_request(self.company_id)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        self.request_file = base64.b64encode(request)
        self.requested_at = fields.Datetime.now()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/request_file"
            "?download=true&filename=AuthTokenRequest.xml",
            "target": "download",
        }

    def action_log_in(self):
        """Log in with the signed request and get the first certificate."""
        self.ensure_one()
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            certificate = self._certificate()
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        self.sudo().unlink()
        return certificate.sudo(False)._told_of_request()

    def _certificate(self):
        """Return the record of the request, taken as far as it goes now.

        :raises KsefError: the login failed, or KSeF would not issue one.
        """
        record = self.with_context(bin_size=False)
        if not record.request_file:
            raise CertificateError("request_missing")
        if not record.signed_file:
            raise CertificateError("signed_file_missing")
        certificates = self.env["ksef.certificate"].sudo()
        return certificates._enrol_by_signed_request(
            self.company_id,
            base64.b64decode(record.request_file),
            base64.b64decode(record.signed_file),
            self.name,
        )
