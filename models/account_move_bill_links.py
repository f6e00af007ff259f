from odoo import api, fields, models
from odoo.fields import Domain

#: Rows in which a received bill names others, and the field that ties them to Odoo.
NAMING = (
    ("ksef.corrected.invoice", "original_id"),
    ("ksef.settled.advance", "advance_id"),
)


class AccountMove(models.Model):
    """What a received bill names: the invoices that it corrects, the advances that it
    settles. They may arrive before it or after it."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_delivery_notes = fields.Char(
        "Delivery notes",
        copy=False,
        help="Delivery notes (WZ) that the supplier names on the invoice.",
    )

    ksef_received = fields.Boolean(
        "Received from KSeF", compute="_compute_ksef_received", compute_sudo=True
    )

    @api.depends("ksef_document_id")
    def _compute_ksef_received(self):
        for move in self:
            move.ksef_received = move._ksef_is_received()

    def _ksef_is_received(self):
        """The invoice came from KSeF: nobody issues it there again."""
        self.ensure_one()
        return self.sudo().ksef_document_id.direction == "received"

    def _ksef_link_named(self):
        """Tie the bills that these name to them, and these to earlier ones that name
        them; a few queries for all."""
        for model, link in NAMING:
            rows = self._ksef_open_rows(model, link)
            if rows:
                rows._ksef_link(link)
        self.env["ksef.corrected.invoice"].sudo()._ksef_reverse(self)

    def _ksef_open_rows(self, model, link):
        numbers = self.sudo().ksef_document_id.filtered("ksef_number")
        mine = Domain("move_id", "in", self.ids)
        naming_me = Domain("ksef_number", "in", numbers.mapped("ksef_number"))
        received = Domain("move_id.ksef_document_id.direction", "=", "received")
        return (
            self.env[model]
            .sudo()
            .search(
                Domain(link, "=", False)
                & Domain("company_id", "in", self.company_id.ids)
                & received
                & (mine | naming_me)
            )
        )

    def unlink(self):
        """A bill that is deleted may come again: what names it waits for it."""
        if not self:  # asked for each value that Odoo computes of a new bill
            return super().unlink()
        for model, link in NAMING:
            naming = self.env[model].sudo().search([(link, "in", self.ids)])
            received = naming.filtered(lambda row: row.move_id._ksef_is_received())
            received[link] = False
        return super().unlink()


class KsefInvoicePart(models.AbstractModel):
    _inherit = "ksef.invoice.part"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_link(self, link):
        """Tie each row to the invoice of Odoo that it names, by its KSeF number, else
        by supplier and number."""
        by_ksef_number, by_number = (
            self._ksef_named_in_ksef(),
            self._ksef_named_outside(),
        )
        for row in self:
            kind = (row.company_id, row.move_id.is_purchase_document())
            found = by_ksef_number.get((*kind, row.ksef_number))
            if not row.ksef_number:
                partner = row.move_id.commercial_partner_id
                found = by_number.get((*kind, partner, row.number))
            if found and found != row.move_id:
                row[link] = found

    def _ksef_named_in_ksef(self):
        numbers = [row.ksef_number for row in self if row.ksef_number]
        named = Domain("ksef_document_id.ksef_number", "in", numbers)
        return {
            (move.company_id, move.is_purchase_document(), move.ksef_number): move
            for move in self._ksef_candidates(named, numbers)
        }

    def _ksef_named_outside(self):
        outside = self.filtered(lambda row: row.number and not row.ksef_number)
        numbers = outside.mapped("number")
        partners = outside.move_id.commercial_partner_id
        named = Domain("ref", "in", numbers) & Domain(
            "commercial_partner_id", "in", partners.ids
        )
        return {
            (
                move.company_id,
                move.is_purchase_document(),
                move.commercial_partner_id,
                move.ref,
            ): move
            for move in self._ksef_candidates(named, numbers)
        }

    def _ksef_candidates(self, named, numbers):
        """Return the invoices ``named``, the oldest last: a number given twice means
        the first of them."""
        moves = self.env["account.move"].sudo()
        if not numbers:
            return moves
        own = Domain("company_id", "in", self.company_id.ids)
        alive = Domain("state", "!=", "cancel") & Domain("move_type", "!=", "entry")
        return moves.search(named & own & alive, order="id desc")


class KsefCorrectedInvoice(models.Model):
    _inherit = "ksef.corrected.invoice"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_reverse(self, moves):
        """Tell Odoo which bill a draft correction takes back or raises: as soon as it
        is known, and where it is one only."""
        changed = self.search(
            Domain("original_id", "!=", False)
            & (
                Domain("move_id", "in", moves.ids)
                | Domain("original_id", "in", moves.ids)
            )
            & Domain("move_id.state", "=", "draft")
            & Domain("move_id.ksef_document_id.direction", "=", "received")
        )
        for row in changed:
            move = row.move_id
            refund = move.move_type in ("in_refund", "out_refund")
            field = "reversed_entry_id" if refund else "debit_origin_id"
            if len(move.ksef_corrected_ids) == 1 and not move[field]:
                move[field] = row.original_id
