from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_date

from ..ksef.errors import KsefError
from ..mapping.chain import earlier
from ..mapping.corrected import originals
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message


class AccountMove(models.Model):
    """Invoices while KSeF is away: offline, outside it, or behind their original."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_offline_mode = fields.Selection(
        related="ksef_document_id.offline_mode", string="KSeF offline mode"
    )
    ksef_deadline = fields.Date(
        related="ksef_document_id.deadline", string="To be sent to KSeF by"
    )
    ksef_total_failure = fields.Boolean(
        "Issued during a total failure of KSeF",
        readonly=True,
        copy=False,
        tracking=True,
        help="Issued outside KSeF while a total failure was announced: without QR"
        " codes, and never to be sent (art. 106ne of the VAT act).",
    )
    ksef_waits_for_original = fields.Boolean(
        "Waits for the KSeF number of another invoice",
        readonly=True,
        copy=False,
    )
    ksef_may_go_offline = fields.Boolean(
        "Can be issued offline",
        compute="_compute_ksef_may_go_offline",
        compute_sudo=True,
    )

    # As Odoo asks for it: PostgreSQL takes no index for other words.
    _ksef_waits_for_original_index = models.Index(
        "(id) WHERE ksef_waits_for_original IS TRUE"
    )

    @api.depends("ksef_document_id.state", "ksef_document_id.offline_reason")
    def _compute_ksef_may_go_offline(self):
        for move in self:
            document = move.ksef_document_id
            move.ksef_may_go_offline = bool(document) and document._may_go_offline()

    # ------------------------------------------------------------------
    # Issue offline
    # ------------------------------------------------------------------

    def action_ksef_issue_offline(self):
        """Issue invoices offline, to be given to the customer now; several at once.

        :raises UserError: none of them can be issued offline, and why.
        """
        self.check_access("write")
        here = self.filtered("ksef_may_go_offline")
        outside = here._ksef_in_total_failure()._ksef_withdrawable()
        outside._ksef_issue_outside()
        documents = self.sudo().ksef_document_id
        try:
            gone = documents._go_offline("choice")
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        if not gone and not outside:
            raise UserError(
                self.env._(
                    "Nothing to issue offline: choose posted invoices that wait for"
                    " KSeF and are not issued offline yet."
                )
            )

    def _ksef_in_total_failure(self):
        """Return the invoices whose environment has an announced total failure now."""
        found = self.browse()
        for owner, moves in self.grouped(lambda m: m.company_id._ksef_owner()).items():
            outage = self.env["ksef.outage"]._current(owner.ksef_environment)
            if outage.kind == "total_failure":
                found |= moves
        return found

    def _ksef_withdrawable(self):
        return self.filtered(lambda m: m.sudo().ksef_document_id._may_be_withdrawn())

    def _ksef_issue_outside(self):
        """Mark invoices of a total failure: what never left Odoo is not sent."""
        waiting = self.filtered("ksef_locked")
        waiting.sudo().ksef_document_id._withdraw()
        self._ksef_note({"ksef_total_failure": True})

    # ------------------------------------------------------------------
    # Corrections behind their original (R19), settlements behind their advances
    # ------------------------------------------------------------------

    def _ksef_named_invoices(self):
        """Return the invoices that the document builds on: those whose KSeF numbers it
        has to name, and earlier corrections of them, which tell the state before."""
        self.ensure_one()
        first = originals(self)
        return first | earlier(self, first) if first else first

    def _ksef_awaited_original(self):
        """Return the first invoice to name that KSeF has still to number, else none."""
        self.ensure_one()
        for named in self._ksef_named_invoices():
            document = named.sudo().ksef_document_id
            if document and document._locks_invoice() and document.state != "accepted":
                return named
        return self.browse()

    def _ksef_wait_for_original(self):
        beginning = self.filtered(lambda move: not move.ksef_waits_for_original)
        beginning._ksef_note({"ksef_waits_for_original": True})
        for move in beginning:
            move._message_log(
                body=self.env._(
                    "This invoice has to name the KSeF number of %s, which is not"
                    " there yet. It is issued in KSeF by itself afterwards.",
                    move._ksef_awaited_original().name,
                )
            )

    @api.model
    def _ksef_domain_waiting_corrections(self):
        return Domain("ksef_waits_for_original", "=", True) & Domain(
            "state", "=", "posted"
        )

    @api.model
    def _ksef_issue_waiting_corrections(self):
        """Issue what waited for KSeF numbers that are there by now. One that cannot be
        issued holds nothing else up."""
        # The order of posting: each correction states what the one before has left.
        waiting = self.search(self._ksef_domain_waiting_corrections(), order="id")
        for move in waiting.filtered(lambda move: move._ksef_is_due()):
            try:
                with self.env.cr.savepoint():
                    move._ksef_issue_after_original()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                roll_back(self.env)
            except (UserError, KsefError, IntegrityError) as error:
                move._ksef_remind_of_correction(error)
            commit(self.env)

    def _ksef_issue_after_original(self):
        """Issue this invoice unless one that it names is still on its way.

        :raises UserError: what forbids it.
        """
        if self._ksef_awaited_original():
            return
        if not self._ksef_named_invoices():
            raise UserError(
                self.env._(
                    "The invoice that this one waited for has been deleted. Reset this"
                    " one to draft."
                )
            )
        self._ksef_check_problems()
        self._ksef_issue()

    def _ksef_check_nothing_waits(self):
        """Refuse to change an invoice that another one, posted, waits for.

        :raises UserError: which one waits.
        """
        moves = self.sudo().filtered("ksef_document_id")
        if not moves.filtered(lambda move: move._ksef_is_ours()):
            return
        for waiting in moves.search(self._ksef_domain_waiting_corrections()):
            named = waiting._ksef_named_invoices() & self
            if named and waiting not in self:
                raise UserError(
                    self.env._(
                        "%(waiting)s names %(invoice)s and waits for its KSeF number."
                        " Reset %(waiting)s to draft first.",
                        waiting=waiting.name,
                        invoice=named[0].name,
                    )
                )

    def _ksef_remind_of_correction(self, error):
        text = user_message(self.env, error) if isinstance(error, KsefError) else error
        self._ksef_call_person(str(text))

    # ------------------------------------------------------------------
    # What the user sees
    # ------------------------------------------------------------------

    def _get_alerts(self):
        alerts = super()._get_alerts()
        text = self._ksef_offline_alert()
        if text:
            alerts["ksef_offline"] = {"level": "info", "message": text}
        if self.state == "draft" and self._ksef_is_backdated():
            text = self._ksef_backdated_alert()
            alerts["ksef_backdated"] = {"level": "warning", "message": text}
        return alerts

    def _ksef_is_backdated(self):
        date = self.invoice_date
        return bool(date and date < warsaw.today() and self._ksef_is_due())

    def _ksef_backdated_alert(self):
        environment = self.company_id._ksef_owner().ksef_environment
        documents = self.env["ksef.document"]
        deadline = documents._deadline_of_date(environment, self.invoice_date)
        if deadline and deadline < warsaw.today():
            return self.env._(
                "The invoice date is before today: for KSeF this invoice is issued in"
                " the mode offline24. Its deadline, %s, has passed. Check the date."
                " KSeF accepts it all the same.",
                format_date(self.env, deadline),
            )
        return self.env._(
            "The invoice date is before today: for KSeF this invoice is issued in the"
            " mode offline24 and has to reach it by %s. It is sent by itself.",
            format_date(self.env, deadline) or "–",
        )

    def _ksef_offline_alert(self):
        document = self.sudo().ksef_document_id
        owner = self.company_id and self.company_id._ksef_owner()
        if self.ksef_total_failure:
            return self.env._(
                "KSeF: issued during a total failure, outside KSeF. It is not sent."
            )
        if self.ksef_waits_for_original and self.state == "posted":
            return self.env._(
                "KSeF: this invoice waits until %s has its KSeF number. It is then"
                " issued by itself; do not give it to the customer before.",
                (self._ksef_awaited_original() or self._ksef_named_invoices()[:1]).name,
            )
        online = self.ksef_may_go_offline and not document.offline_mode
        silent = owner and owner._ksef_unreachable_since()
        if online and silent:
            since = fields.Datetime.context_timestamp(
                self.with_context(tz=warsaw.WARSAW.key), silent
            )
            return self.env._(
                "KSeF has not answered since %s. If the customer needs the invoice now,"
                " choose “Issue offline”.",
                f"{since:%Y-%m-%d %H:%M}",
            )
        if document.offline_mode and document.state in ("ready", "pending"):
            if not document.certificate_link:
                return self._ksef_no_code_alert()
            return self._ksef_offline_duty(document)
        return False

    def _ksef_no_code_alert(self):
        return self.env._(
            "KSeF: this invoice has no QR code of the issuer's certificate (KOD II)."
            " Give it to the customer only once it has its KSeF number."
        )

    def _ksef_offline_duty(self, document):
        """Return until when an offline invoice has to reach KSeF."""
        if document.deadline_waived:
            return self.env._("KSeF: issued offline; there is no duty to send it.")
        if not document.deadline:
            return self.env._(
                "KSeF: issued offline. The deadline for sending begins once the"
                " announced outage has ended; it is sent by itself."
            )
        return self.env._(
            "KSeF: issued offline, to be sent by %s. It is sent by itself.",
            format_date(self.env, document.deadline),
        )
