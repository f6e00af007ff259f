from odoo import Command, api, fields, models

from ..mapping.corrected import is_correction, originals
from ..mapping.corrections import correction_reason, divided_reference

#: What a correction takes over from the invoice that it is made from.
CARRIED_FIELDS = frozenset({"ksef_split_payment"})

CORRECTION_FIELDS = frozenset(
    {
        "ksef_corrects",
        "ksef_correction_method",
        "ksef_correction_type",
        "ksef_corrected_period",
        "ksef_corrected_number",
        "ksef_former_parties",
    }
)

METHODS = [
    ("before_after", "Before and after"),
    ("difference", "Difference"),
]


class AccountMove(models.Model):
    """Credit and debit notes: what they say of the invoice that they correct."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_corrects = fields.Boolean(
        "Corrects an invoice",
        copy=False,
        help="This invoice raises the amount of an earlier one that is not in Odoo: for"
        " KSeF it is a correction.",
    )
    ksef_is_correction = fields.Boolean(
        "Is a correction", compute="_compute_ksef_is_correction", compute_sudo=True
    )
    ksef_corrected_ids = fields.One2many(
        "ksef.corrected.invoice",
        "move_id",
        "Corrected invoices",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_correction_row_ids = fields.One2many(
        "ksef.corrected.invoice",
        "original_id",
        "Named by corrections",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_original_ids = fields.Many2many(
        "account.move",
        string="Originals",
        compute="_compute_ksef_original_ids",
        compute_sudo=True,
    )
    ksef_correction_reason = fields.Char(
        "Reason of the correction",
        compute="_compute_ksef_correction_reason",
        compute_sudo=True,
        inverse="_inverse_ksef_correction_reason",
        help="What the correction says of its cause (PrzyczynaKorekty). It stands in"
        " the reference of the document.",
    )
    ksef_correction_type = fields.Selection(
        [
            ("1", "On the date of the corrected invoice"),
            ("2", "On the date of the correction"),
            ("3", "On another date, or on several"),
        ],
        "Takes effect",
        copy=False,
        help="When the correction counts for VAT (TypKorekty). Empty: a reduction on"
        " the date of the correction, an increase in the month in which it is booked,"
        " a correction of data on the date of the corrected invoice.",
    )
    ksef_correction_method = fields.Selection(
        [
            *METHODS,
            ("names", "Names of the goods only"),
            ("none", "No lines"),
        ],
        "Lines in KSeF",
        copy=False,
        help="Empty: as the company's settings say. Before and after needs the"
        " corrected invoice in KSeF and lines that are linked to its lines; otherwise"
        " the difference is stated. Names only, or no lines: collective discounts; no"
        " lines also where only data are corrected.",
    )
    ksef_corrected_period = fields.Char(
        "Period of the discount",
        copy=False,
        help="Period that a collective discount concerns (OkresFaKorygowanej).",
    )
    ksef_corrected_number = fields.Char(
        "Corrected invoice number",
        copy=False,
        help="The right number, where the number of the corrected invoice was wrong"
        " (NrFaKorygowany).",
    )
    ksef_former_parties = fields.Boolean(
        "Corrects names or addresses",
        copy=False,
        help="The document states the data of buyer and seller as they stood on the"
        " corrected invoice (Podmiot2K, Podmiot1K) beside the present ones.",
    )

    @api.depends("move_type", "debit_origin_id", "ksef_corrects", "ksef_corrected_ids")
    def _compute_ksef_is_correction(self):
        for move in self:
            move.ksef_is_correction = is_correction(move)

    @api.depends("reversed_entry_id", "debit_origin_id", "ksef_corrected_ids")
    def _compute_ksef_original_ids(self):
        for move in self:
            move.ksef_original_ids = originals(move)

    @api.depends("ref", "reversed_entry_id", "debit_origin_id")
    def _compute_ksef_correction_reason(self):
        for move in self:
            move.ksef_correction_reason = is_correction(move) and correction_reason(
                move
            )

    def _inverse_ksef_correction_reason(self):
        for move in self:
            number = (move.reversed_entry_id or move.debit_origin_id).name
            named = divided_reference(move)[0] or number
            parts = filter(None, (named, move.ksef_correction_reason))
            move.ref = ", ".join(parts) or False

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | CORRECTION_FIELDS

    def _ksef_carried_fields(self):
        """Return the fields that a credit or debit note takes over from its original:
        a correction states everything as it is after it."""
        return CARRIED_FIELDS

    def copy_data(self, default=None):
        if not (default or {}).keys() & {"reversed_entry_id", "debit_origin_id"}:
            return super().copy_data(default)
        origin = self.with_context(ksef_links_lines=True)
        vals_list = super(AccountMove, origin).copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            if move.is_sale_document() or move.is_purchase_document():
                vals.update(move._ksef_carried_values(vals))
        return vals_list

    def _ksef_carried_values(self, given):
        carried = {}
        for name in self._ksef_carried_fields() - given.keys():
            field = self._fields[name]
            if field.type == "one2many":
                carried[name] = [Command.create(v) for v in self[name].copy_data()]
            else:
                carried[name] = field.convert_to_write(self[name], self)
        return carried


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    ksef_corrected_line_id = fields.Many2one(
        "account.move.line",
        "Corrected line",
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="The line of the original invoice that this line of a correction is"
        " about.",
    )

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"ksef_corrected_line_id"}

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if self.env.context.get("ksef_links_lines"):
            for line, vals in zip(self, vals_list, strict=True):
                if line.display_type == "product":
                    first = line.ksef_corrected_line_id or line
                    vals["ksef_corrected_line_id"] = first.id
        return vals_list
