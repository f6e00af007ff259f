from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mapping import parties
from .ksef_third_party import ACCOUNTANTS


class ResPartner(models.Model):
    _inherit = "res.partner"

    ksef_internal_id = fields.Char(
        "KSeF internal identifier",
        help="IDWew of a unit or branch, as KSeF gave it: NIP, dash, five digits."
        " Invoices for the unit name it, so that it can read them in KSeF.",
    )
    ksef_eori = fields.Char("EORI number")
    ksef_local_authority_unit = fields.Boolean(
        "Buys for its units (local authority)",
        help="JST: every invoice concerns a unit of this local authority. The unit has"
        " to be named: as delivery address or as third party with the role “Local"
        " authority unit that receives”.",
    )
    ksef_vat_group_member = fields.Boolean(
        "Buys for its members (VAT group)",
        help="GV: every invoice concerns a member of this VAT group. The member has to"
        " be named as third party with the role “VAT group member that receives”.",
    )
    ksef_default_third_party_ids = fields.One2many(
        "ksef.default.third.party",
        "owner_id",
        "Third parties of new invoices",
        groups=ACCOUNTANTS,
        copy=True,
    )

    @api.constrains("ksef_internal_id")
    def _check_ksef_internal_id(self):
        for partner in self.filtered("ksef_internal_id"):
            if not parties.internal_id_is_valid(partner.ksef_internal_id):
                raise ValidationError(
                    self.env._(
                        "KSeF internal identifier %s: enter the NIP of the firm, a dash"
                        " and five digits, as 1111111111-00001.",
                        partner.ksef_internal_id,
                    )
                )
