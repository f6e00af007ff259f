from odoo import Command, api, fields, models

from .ksef_third_party import ACCOUNTANTS, BUYER_ROLES, SELLER_ROLES


class AccountMove(models.Model):
    """Third parties of an invoice (Podmiot3)."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_third_party_ids = fields.One2many(
        "ksef.third.party",
        "move_id",
        "KSeF third parties",
        compute="_compute_ksef_third_party_ids",
        store=True,
        readonly=False,
        copy=True,
        groups=ACCOUNTANTS,
    )

    @api.depends("commercial_partner_id", "company_id")
    def _compute_ksef_third_party_ids(self):
        """Those of the customer and of the company itself, as long as it is a draft."""
        for move in self.filtered(lambda move: move.state == "draft"):
            rows = move.ksef_third_party_ids
            defaults = move._ksef_default_third_parties()
            if rows or defaults:
                move.ksef_third_party_ids = [
                    Command.clear(),
                    *(Command.create(row._values_to_copy()) for row in defaults),
                ]

    def _ksef_default_third_parties(self):
        """Return the rows that seller and buyer bring. A company of this database may
        be both, of different invoices: its factor belongs to its own sales only."""
        if not (self.company_id and self.move_type and self._ksef_is_ours()):
            return self.env["ksef.default.third.party"]
        parties = (self.company_id.partner_id, self.commercial_partner_id)
        seller, buyer = reversed(parties) if self._ksef_is_self_billed() else parties
        of_seller = seller.ksef_default_third_party_ids.filtered(
            lambda row: row.role not in BUYER_ROLES
        )
        of_buyer = buyer.ksef_default_third_party_ids.filtered(
            lambda row: row.role not in SELLER_ROLES or not buyer.ref_company_ids
        )
        found = of_seller | of_buyer
        here = found.partner_id._check_company_domain(self.company_id)
        usable = found.partner_id.filtered_domain(here)
        return found.filtered(lambda row: row.partner_id in usable)

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"ksef_third_party_ids"}
