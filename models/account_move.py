from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..mapping.invoice_out import to_fa3
from ..mapping.known import Known
from ..tools import warsaw
from .account_move_line import changes

#: What an issued document says of an invoice, and what ties the two together.
FROZEN_FIELDS = frozenset(
    {
        "name",
        "state",
        "move_type",
        "journal_id",
        "company_id",
        "partner_id",
        "commercial_partner_id",
        "partner_shipping_id",
        "partner_bank_id",
        "currency_id",
        "invoice_currency_rate",
        "invoice_date",
        "taxable_supply_date",
        "delivery_date",
        "invoice_date_due",
        "invoice_payment_term_id",
        "invoice_cash_rounding_id",
        "fiscal_position_id",
        "reversed_entry_id",
        "debit_origin_id",
        "amount_untaxed",
        "amount_tax",
        "amount_total",
        "sequence_prefix",
        "sequence_number",
        "tax_totals",
        "ksef_exclude",
        "ksef_split_payment",
    }
)

#: What only Odoo itself notes on an invoice.
NOTED_FIELDS = frozenset(
    {"ksef_document_id", "ksef_total_failure", "ksef_waits_for_original"}
)

#: Only this object, which no call from outside can pass, opens them.
LINKING = object()


class AccountMove(models.Model):
    _inherit = "account.move"

    ksef_document_id = fields.Many2one(
        "ksef.document",
        "KSeF document",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_document_ids = fields.One2many(
        "ksef.document",
        "move_id",
        "KSeF documents",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_exclude = fields.Boolean(
        "Do not send to KSeF",
        copy=False,
        tracking=True,
        help="This invoice is issued outside KSeF. Can be set before posting only.",
    )
    ksef_split_payment = fields.Boolean(
        "Split payment (MPP)",
        copy=False,
        help="The invoice states “mechanizm podzielonej płatności” (P_18A): over 15 000"
        " PLN with goods or services of annex 15 to the VAT act.",
    )
    ksef_number = fields.Char(related="ksef_document_id.ksef_number")
    ksef_state = fields.Selection(
        related="ksef_document_id.state", string="KSeF status"
    )
    ksef_problem = fields.Text(
        related="ksef_document_id.problem", string="KSeF problem"
    )
    ksef_qr_link = fields.Char(
        related="ksef_document_id.qr_link", string="KSeF QR code link"
    )
    ksef_locked = fields.Boolean(
        "Locked by KSeF", compute="_compute_ksef_locked", compute_sudo=True
    )
    ksef_used = fields.Boolean(
        "Company uses KSeF", compute="_compute_ksef_used", compute_sudo=True
    )
    ksef_issues = fields.Boolean(
        "Issued in KSeF by the company",
        compute="_compute_ksef_issues",
        compute_sudo=True,
    )
    ksef_more = fields.Boolean(
        "Show more",
        compute="_compute_ksef_more",
        readonly=False,
        help="Third parties, orders and contracts, further information, attachments,"
        " corrections and advances entered by hand.",
    )

    @api.depends(
        "is_move_sent",
        "ksef_document_id.state",
        "ksef_document_id.offline_reason",
        "ksef_document_id.codes_given",
    )
    def _compute_ksef_locked(self):
        for move in self:
            document = move.ksef_document_id
            move.ksef_locked = bool(document) and document._locks_invoice()

    @api.depends("company_id")
    def _compute_ksef_used(self):
        for company, moves in self.grouped("company_id").items():
            moves.ksef_used = bool(company and company._ksef_owner())

    @api.depends(
        "ksef_used", "move_type", "journal_id.is_self_billing", "ksef_document_id"
    )
    def _compute_ksef_issues(self):
        for move in self:
            move.ksef_issues = move.ksef_used and move._ksef_is_ours()

    def _compute_ksef_more(self):
        """Of the form alone: what few invoices need is shown when somebody asks."""
        self.ksef_more = False

    # ------------------------------------------------------------------
    # Which invoices, and what they say
    # ------------------------------------------------------------------

    def _ksef_due(self):
        """Return the invoices that have to be issued in KSeF."""
        return self.filtered(lambda move: move._ksef_is_due())

    def _ksef_is_due(self):
        self.ensure_one()
        owner = self.company_id._ksef_owner() if self.company_id else False
        return bool(
            owner
            and self._ksef_is_ours()
            and self.company_id.account_fiscal_country_id.code == "PL"
            and not self.ksef_exclude
            and not self.ksef_total_failure
            and not self.ksef_locked
            and not self._ksef_sent_by_other_module()
            and (owner.ksef_send_consumers or not self._ksef_is_for_consumer())
        )

    def _ksef_is_ours(self):
        """The company issues this document: a sale that did not come from KSeF."""
        sale = self.move_type in ("out_invoice", "out_refund")
        return sale and not self._ksef_is_received()

    def _ksef_is_for_consumer(self):
        """A buyer without NIP, EU or foreign tax number need not get it in KSeF."""
        return not (self.commercial_partner_id.vat or "").strip("/ ")

    def _ksef_sent_by_other_module(self):
        """Odoo's own l10n_pl_edi has sent this invoice: never send it again."""
        move = self.sudo()  # its fields are for the technical mode
        names = ("l10n_pl_edi_status", "l10n_pl_edi_number")
        return any(name in move._fields and move[name] for name in names)

    def _ksef_at_once(self):
        """Return these invoices to be looked at together: what they have in common is
        found once. Nothing may be written before the last one has been seen."""
        return self.with_context(**{Known.CONTEXT: Known()})

    def _ksef_invoice(self):
        """Return what the FA(3) document will say of this invoice; before posting, what
        it would say today.

        Integrators extend it with ``super()`` and ``dataclasses.replace``.
        """
        self.ensure_one()
        issued = self.invoice_date or warsaw.today()
        return to_fa3(self, created=warsaw.now(), issue_date=issued)

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    def _post(self, soft=True):
        due = self._ksef_due()
        if soft:  # Odoo leaves these in draft until their day
            today = fields.Date.context_today(self)
            due = due.filtered(lambda move: not move.date or move.date <= today)
        due._ksef_fill_issue_date()
        outside = due._ksef_in_total_failure()
        due -= outside
        due._ksef_check_problems()
        posted = super()._post(soft)
        (posted & outside)._ksef_issue_outside()
        (posted & due)._ksef_issue()
        return posted

    def _ksef_fill_issue_date(self):
        """The issue date left empty is today in Poland, also for the root user, whose
        today is UTC."""
        for move in self.filtered(lambda move: not move.invoice_date):
            move.invoice_date = warsaw.today()

    def _ksef_issue(self):
        """Freeze the documents of posted invoices and wake the send cron. A correction
        waits until its original has a KSeF number."""
        waiting = self.filtered(lambda move: move._ksef_awaited_original())
        waiting._ksef_wait_for_original()
        issued = (self - waiting).filtered(lambda move: not move.ksef_locked)
        if not issued:
            return
        issued._ksef_note_left_out()
        documents = self.env["ksef.document"]._issue(issued)
        waited = issued.filtered("ksef_waits_for_original")
        waited._ksef_note({"ksef_waits_for_original": False})
        if any(documents.mapped("to_send")):
            self.env.ref("l10n_pl_ksef.cron_send").sudo()._trigger()

    def _ksef_link(self, document):
        """Note which document is the invoice's present one."""
        self._ksef_note({"ksef_document_id": document.id})

    def _ksef_link_issued(self, documents):
        """Note the new documents of these invoices: one statement for all. A write of
        an invoice costs more than posting it, since Odoo recomputes its lines."""
        self.flush_recordset(["ksef_document_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE account_move SET ksef_document_id = document.id"
                " FROM ksef_document AS document"
                " WHERE document.id = ANY(%s) AND account_move.id = document.move_id",
                documents.ids,
            )
        )
        self.invalidate_recordset(["ksef_document_id"])
        self.modified(["ksef_document_id"])

    def _ksef_note(self, values):
        """Write what nobody else may write."""
        if not self:
            return
        self.sudo().with_context(ksef_linking=LINKING).write(values)

    # ------------------------------------------------------------------
    # What is issued stays as it is
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if any(move[name] for move in moves.sudo() for name in NOTED_FIELDS):
            moves._ksef_check_linking()
        return moves

    def write(self, vals):
        if NOTED_FIELDS & vals.keys():
            self._ksef_check_linking()
        self._ksef_check_frozen(vals)
        return super().write(vals)

    def _ksef_check_linking(self):
        """Refuse what no method of ours has noted on the invoice."""
        if self.env.context.get("ksef_linking") is not LINKING:
            raise UserError(
                self.env._(
                    "What Odoo has noted about KSeF on an invoice cannot be changed."
                )
            )

    def _ksef_check_frozen(self, vals):
        if "ksef_exclude" in vals and "posted" in self.mapped("state"):
            raise UserError(
                self.env._("“Do not send to KSeF” can be set before posting only.")
            )
        # The reference is the reason of a correction, or the order of the customer.
        names = (self._ksef_frozen_fields() | {"ref"}).intersection(vals)
        for move in self.filtered("ksef_locked") if names else ():
            free = "ref" in names and not move._ksef_states_reference()
            said = names - {"ref"} if free else names
            changed = [name for name in said if changes(move, name, vals[name])]
            if changed:
                raise UserError(move._ksef_frozen_message(min(changed), move))

    def _ksef_frozen_fields(self):
        """Return the fields that nobody may change on an issued invoice. A module that
        states another field in the document adds it."""
        return FROZEN_FIELDS

    def _ksef_check_free(self):
        """Refuse to delete what KSeF knows or the queue holds."""
        for move in self.filtered("ksef_locked"):
            raise UserError(move._ksef_frozen_message("state", move))

    def _ksef_frozen_message(self, name, record):
        label = record._fields[name]._description_string(self.env)
        document = self.sudo().ksef_document_id
        if document._is_final() and document.state != "accepted":
            return f"{label}: {document._not_withdrawn_message()}"
        if document.state == "ready":
            return self.env._(
                "%(field)s: invoice %(invoice)s is issued and waits to be sent to KSeF."
                " Reset it to draft before you change it.",
                field=label,
                invoice=self.display_name,
            )
        return self.env._(
            "%(field)s: invoice %(invoice)s is in KSeF and cannot be changed. Issue a"
            " credit note or a debit note instead.",
            field=label,
            invoice=self.display_name,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued_in_ksef(self):
        self._ksef_check_free()

    def button_draft(self):
        if not self:  # asked twice for each invoice that Odoo posts
            return super().button_draft()
        self._ksef_check_nothing_waits()
        waiting = self.filtered("ksef_locked")
        waiting.sudo().ksef_document_id._withdraw()
        result = super().button_draft()
        noted = self.filtered(
            lambda move: move.ksef_total_failure or move.ksef_waits_for_original
        )
        noted._ksef_note(
            {"ksef_total_failure": False, "ksef_waits_for_original": False}
        )
        self.sudo().ksef_document_id._call_person()
        return result

    @api.depends("ksef_document_id.state")
    def _compute_show_reset_to_draft_button(self):
        result = super()._compute_show_reset_to_draft_button()
        for move in self.sudo().filtered("ksef_locked"):
            if not move.ksef_document_id._may_be_withdrawn():
                move.show_reset_to_draft_button = False
        return result

    # ------------------------------------------------------------------
    # What the user sees and does
    # ------------------------------------------------------------------

    def _get_alerts(self):
        alerts = super()._get_alerts()
        document = self.sudo().ksef_document_id
        if document.problem:
            alerts["ksef_problem"] = {
                "level": "danger" if document.state == "rejected" else "warning",
                "message": self.env._("KSeF: %s", document.problem),
            }
        return alerts

    def action_ksef_send(self):
        """Issue what is posted but not issued yet, and send it now."""
        self.check_access("write")
        missing = self.filtered(lambda m: m.state == "posted")._ksef_due()
        missing._ksef_check_problems()
        missing._ksef_issue()
        self.sudo().ksef_document_id.action_send_now()

    def action_ksef_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "ksef.document",
            "res_id": self.ksef_document_id.id,
            "view_mode": "form",
        }
