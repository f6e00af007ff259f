import logging

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef import qr
from ..ksef.errors import CertificateError, KsefError
from ..tools import warsaw
from ..tools.user_message import user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: Somebody wants to hand the invoice over: at once, or by the company's settings. In
#: the other cases the law alone gives the mode.
CHOSEN = ("choice", "unreachable")

#: The mode that an announcement of the ministry opens (art. 106nh and 106nf of the
#: VAT act); without one it is offline24 (art. 106nda).
MODE_OF_OUTAGE = {"maintenance": "offline", "failure": "emergency"}

_WAITING_ONLINE = [
    ("direction", "=", "issued"),
    ("state", "=", "ready"),
    ("offline_mode", "=", False),
    ("to_send", "=", True),
]


class KsefDocument(models.Model):
    """Offline: the invoice is issued and handed to the buyer before KSeF has it.

    Nothing of it changes afterwards: the bytes, the number and both codes are in the
    buyer's hands. KOD II is signed once and stored, since every signature differs.
    """

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    offline_mode = fields.Selection(
        [
            ("offline24", "offline24"),
            ("offline", "Offline (announced unavailability)"),
            ("emergency", "Emergency (announced failure)"),
        ],
        string="Offline mode",
        help="Empty: issued online.",
    )
    offline_reason = fields.Selection(
        [
            ("choice", "Chosen by a person"),
            ("unreachable", "KSeF did not answer"),
            ("outage", "Announced by the ministry"),
            ("date", "Dated before it is sent"),
        ],
        string="Reason of offline work",
    )
    offline_at = fields.Datetime("Issued offline on")
    certificate_link = fields.Char(
        "Link of the certificate's QR code", help="The link in KOD II."
    )
    offline_certificate_id = fields.Many2one(
        "ksef.certificate", "Offline certificate", ondelete="set null"
    )
    deadline = fields.Date(
        "To be sent by", index="btree_not_null", help="The legal deadline (Poland)."
    )
    deadline_waived = fields.Boolean(
        "No duty to send", help="A total failure of KSeF was announced meanwhile."
    )
    corrects_id = fields.Many2one(
        "ksef.document",
        "Technical correction of",
        index="btree_not_null",
        help="The refused file whose QR codes the buyer holds.",
    )

    codes_given = fields.Boolean(
        "Printed with both codes",
        readonly=True,
        help="Printed or shown to the customer with KOD II: the invoice is final.",
    )

    def _is_final(self):
        """Whether the buyer may hold this invoice with its offline codes."""
        self.ensure_one()
        chosen = self.offline_reason in CHOSEN
        given = chosen or self.codes_given or self.move_id.is_move_sent
        return bool(self.offline_mode and given)

    def _note_codes_given(self):
        """From here on the buyer may hold both codes."""
        offline = self.sudo().filtered(
            lambda d: d.certificate_link and d.state in ("ready", "pending")
        )
        offline.filtered(lambda d: not d.codes_given).codes_given = True

    # ------------------------------------------------------------------
    # Going offline
    # ------------------------------------------------------------------

    def _go_offline(self, reason, mode=None):
        """Issue documents offline that KSeF has not accepted: same bytes, both codes.

        :param reason: one of ``offline_reason``.
        :param mode: one of ``offline_mode``; else what the ministry has announced.
        :return: the documents that went offline now.
        :raises KsefError: no usable Offline certificate; nothing has changed then.
        """
        documents = self._take_for_offline(reason)
        for (company, environment), group in documents.grouped(
            lambda document: (document.company_id, document.environment)
        ).items():
            outage = self.env["ksef.outage"]._current(environment)
            group._sign_certificate_links(company._ksef_owner())
            group._note_offline(reason, mode or MODE_OF_OUTAGE.get(outage.kind))
        documents._refresh_deadlines()
        if documents:
            self.env["ksef.session"]._wake_up("send")
        return documents

    def _take_for_offline(self, reason):
        """Lock what is not accepted yet and still online. What is offline by law alone
        becomes final once a person chooses so."""
        documents = self.try_lock_for_update(allow_referencing=True)
        documents.invalidate_recordset(["state", "offline_mode", "offline_reason"])
        chosen = reason == "choice"
        return documents.filtered(
            lambda d: d._may_go_offline() and (chosen or not d.offline_mode)
        )

    def _may_go_offline(self):
        """Whether a person may still choose to give it to the buyer as offline."""
        self.ensure_one()
        by_law = self.offline_reason not in CHOSEN
        waits = self.state in ("ready", "pending")
        # Its codes have to lead to the environment that they were made for.
        owner = self.company_id._ksef_owner()
        here = self.environment == owner.ksef_environment
        return waits and here and by_law

    def _note_offline(self, reason, mode):
        today = warsaw.today()
        for document in self:
            # Issued on its date (P_1): what is announced later changes no mode.
            issued_now = not document.issue_date or document.issue_date >= today
            found = (issued_now and mode) or "offline24"
            document.offline_mode = document.offline_mode or found
            document.offline_at = document.offline_at or fields.Datetime.now()
        self.write({"offline_reason": reason})
        if reason != "date":
            self.to_send = True  # the buyer holds it: nobody may forget it
        labels = dict(self._fields["offline_reason"]._description_selection(self.env))
        self._log(
            self.env._(
                "Issued offline (%s): the invoice may be given to the customer with its"
                " two QR codes and reaches KSeF later by itself.",
                labels[reason],
            )
        )

    def _sign_certificate_links(self, owner):
        """Sign KOD II of documents of one company, each once.

        :raises KsefError: no usable Offline certificate.
        """
        certificate = owner._ksef_offline_certificate()
        if not certificate:
            raise CertificateError("offline_missing")
        credential = certificate._credential()
        qr_url = owner._ksef_environment().qr_url
        for document in self.filtered(lambda d: not d.certificate_link):
            document.write(
                {
                    "offline_certificate_id": certificate.id,
                    "certificate_link": qr.certificate_link(
                        qr_url,
                        context_type="Nip",
                        context_value=owner._ksef_nip(),
                        seller_nip=document.seller_nip,
                        sha256_b64=document.sha256,
                        credential=credential,
                    ),
                }
            )

    # ------------------------------------------------------------------
    # Offline by itself
    # ------------------------------------------------------------------

    def _settle_mode(self):
        """Give documents the mode that the law gives them: dated before today they are
        offline24, during an announced outage they are offline. No network."""
        today = warsaw.today()
        online = self.filtered(lambda d: d.state == "ready" and not d.offline_mode)
        earlier = online.filtered(lambda d: d.issue_date and d.issue_date < today)
        earlier._go_offline_by_law("date", "offline24")
        for environment, group in (online - earlier).grouped("environment").items():
            outage = self.env["ksef.outage"]._current(environment)
            if outage.kind in MODE_OF_OUTAGE:
                group._go_offline_in_outage()

    def _go_offline_in_outage(self):
        self.filtered(
            lambda d: d.company_id._ksef_owner().ksef_offline_when != "never"
        )._go_offline_by_law("outage")

    def _go_offline_by_law(self, reason, mode=None):
        """The same without a person who could be told: what cannot be signed says so,
        and is sent all the same."""
        for group in self.grouped(lambda d: d.company_id._ksef_owner()).values():
            try:
                group._go_offline(reason, mode)
            except KsefError as error:
                group._note_offline_without_code(reason, mode, error)

    def _note_offline_without_code(self, reason, mode, error):
        if reason == "date":
            # Offline24 all the same. KSeF numbers it before the buyer gets it.
            self._note_offline(reason, mode)
            self._refresh_deadlines()
        if getattr(error, "reason", None) != "offline_missing":
            _logger.warning("KSeF, no KOD II: %s", error)
        self._note_problem(
            self.env._(
                "This invoice has no QR code of the issuer's certificate (KOD II): give"
                " it to the customer only once it has its KSeF number. %s",
                user_message(self.env, error),
            )
        )

    def _go_offline_when_due(self):
        """KSeF has not answered for as long as the company wants to wait."""
        now = fields.Datetime.now()
        online = self.filtered(
            lambda d: d.state in ("ready", "pending") and not d.offline_mode
        )
        for owner, group in online.grouped(
            lambda document: document.company_id._ksef_owner()
        ).items():
            moment = owner._ksef_offline_at()
            if moment and moment > now:
                self.env["ksef.session"]._wake_up("send", moment)
            elif moment:
                group._go_offline_by_law("unreachable")

    @api.model
    def _wake_up_corrections(self):
        """Corrections may have waited for the numbers that have just come."""
        moves = self.env["account.move"]
        if moves.search_count(moves._ksef_domain_waiting_corrections(), limit=1):
            self.env["ksef.session"]._wake_up("send")

    @api.model
    def _waiting_online(self, owner):
        """Return everything that waits for the connection of this company, also of its
        branches: more than one session carries."""
        companies = owner.search([("id", "child_of", owner.id)])
        companies = companies.filtered(lambda c: c._ksef_owner() == owner)
        return self.search(
            [("company_id", "in", companies.ids), *_WAITING_ONLINE],
            order="id",
        )

    @api.model
    def _settle_modes(self):
        """What waited over midnight is offline24 from then on, what meets an announced
        outage is offline."""
        affected = Domain("issue_date", "<", warsaw.today())
        for environment, _label in ENVIRONMENTS:
            if self.env["ksef.outage"]._current(environment):
                affected |= Domain("environment", "=", environment)
        self.search(affected & Domain(_WAITING_ONLINE))._settle_mode()
