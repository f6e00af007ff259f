from odoo import fields, models


class ProductTemplate(models.Model):
    """What an invoice in KSeF says of a product beyond its name and price."""

    _inherit = "product.template"

    ksef_pkwiu = fields.Char(
        "PKWiU",
        help="Polish classification of goods and services (PKWiU 2015), stated on"
        " invoices in KSeF.",
    )
    ksef_cn = fields.Char(
        "CN code",
        help="Combined Nomenclature, stated on invoices in KSeF. Left empty, the HS"
        " code of the product is stated where there is one.",
    )
    ksef_pkob = fields.Char(
        "PKOB",
        help="Polish classification of buildings, stated on invoices in KSeF.",
    )
    ksef_annex_15 = fields.Boolean(
        "Annex 15 to the VAT Act",
        help="Goods or services of annex 15. An invoice over 15 000 PLN with them must"
        " be paid with split payment (MPP), which it states.",
    )
    ksef_excise = fields.Monetary(
        "Excise duty per unit",
        help="Excise duty contained in the price of one unit, in the currency of the"
        " product. Stated on invoices in KSeF; buyers may ask for it.",
    )
