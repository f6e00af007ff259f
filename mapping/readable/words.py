"""The words of a readable invoice, English here and Polish in the translations.

The Polish ones are those of the law and of FA(3), which an accountant looks for.
"""

from odoo.tools.translate import LazyTranslate

from ...ksef.fa3 import Basis, Bucket, Kind, Margin

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

YES = _lt("yes")

KINDS = {
    Kind.INVOICE: _lt("Invoice"),
    Kind.CORRECTION: _lt("Correction invoice"),
    Kind.ADVANCE: _lt("Advance invoice"),
    Kind.SETTLEMENT: _lt("Settlement invoice"),
    Kind.SIMPLIFIED: _lt("Simplified invoice"),
    Kind.ADVANCE_CORRECTION: _lt("Correction of an advance invoice"),
    Kind.SETTLEMENT_CORRECTION: _lt("Correction of a settlement invoice"),
}

#: What P_15 is, by kind; of a correction it is a difference.
TOTALS = {
    Kind.INVOICE: _lt("Total amount due"),
    Kind.SIMPLIFIED: _lt("Total amount due"),
    Kind.ADVANCE: _lt("Payment that this invoice documents"),
    Kind.SETTLEMENT: _lt("Amount left to pay"),
}
CORRECTED_TOTAL = _lt("Change of the amount due")

ROLES = {
    "1": _lt("Factor"),
    "2": _lt("Recipient"),
    "3": _lt("Original entity"),
    "4": _lt("Additional buyer"),
    "5": _lt("Issuer of the invoice"),
    "6": _lt("Payer"),
    "7": _lt("Local authority unit that issues"),
    "8": _lt("Local authority unit that receives"),
    "9": _lt("VAT group member that issues"),
    "10": _lt("VAT group member that receives"),
    "11": _lt("Employee"),
}

AUTHORIZED_ROLES = {
    "1": _lt("Enforcement authority"),
    "2": _lt("Court bailiff"),
    "3": _lt("Tax representative"),
}

SELLER_STATES = {
    "1": _lt("In liquidation"),
    "2": _lt("In restructuring"),
    "3": _lt("Bankrupt"),
    "4": _lt("Business in succession"),
}

EFFECTS = {
    "1": _lt("on the date of the corrected invoice"),
    "2": _lt("on the date of this correction"),
    "3": _lt("on another date, or on several"),
}

METHODS = {
    "1": _lt("Cash"),
    "2": _lt("Card"),
    "3": _lt("Voucher"),
    "4": _lt("Cheque"),
    "5": _lt("Credit"),
    "6": _lt("Bank transfer"),
    "7": _lt("Mobile payment"),
}

PARTIAL = {
    "1": _lt("paid in part"),
    "2": _lt("paid in full, in several parts"),
}

OWN_BANK = {
    "1": _lt("Settlement of claims bought by the bank"),
    "2": _lt("Collection of what the buyer owes"),
    "3": _lt("The bank's own business"),
}

TRANSPORTS = {
    "1": _lt("Sea transport"),
    "2": _lt("Rail transport"),
    "3": _lt("Road transport"),
    "4": _lt("Air transport"),
    "5": _lt("Post"),
    "7": _lt("Fixed transport installations"),
    "8": _lt("Inland waterway transport"),
}

CARGOES = {
    "1": _lt("Can"),
    "2": _lt("Barrel"),
    "3": _lt("Cylinder"),
    "4": _lt("Cardboard box"),
    "5": _lt("Canister"),
    "6": _lt("Cage"),
    "7": _lt("Container"),
    "8": _lt("Basket"),
    "9": _lt("Punnet"),
    "10": _lt("Bulk packaging"),
    "11": _lt("Parcel"),
    "12": _lt("Package"),
    "13": _lt("Pallet"),
    "14": _lt("Receptacle"),
    "15": _lt("Container for solid bulk cargo"),
    "16": _lt("Container for liquid bulk cargo"),
    "17": _lt("Box"),
    "18": _lt("Tin"),
    "19": _lt("Crate"),
    "20": _lt("Sack"),
}

#: The totals that no rate of VAT names by itself.
BUCKETS = {
    Bucket.STANDARD: _lt("23% or 22%"),
    Bucket.REDUCED: _lt("8% or 7%"),
    Bucket.SUPER_REDUCED: _lt("5%"),
    Bucket.TAXI: _lt("Lump sum for taxis"),
    Bucket.OSS: _lt("OSS: VAT of another EU country"),
    Bucket.ZERO_DOMESTIC: _lt("0% in Poland"),
    Bucket.ZERO_EU_GOODS: _lt("0% supply of goods within the EU (WDT)"),
    Bucket.ZERO_EXPORT: _lt("0% export"),
    Bucket.EXEMPT: _lt("exempt (zw)"),
    Bucket.OUTSIDE_POLAND: _lt("outside Poland (np I)"),
    Bucket.EU_SERVICES: _lt("services, art. 100(1)(4) (np II)"),
    Bucket.REVERSE_CHARGE: _lt("reverse charge in Poland (oo)"),
    Bucket.MARGIN: _lt("margin scheme"),
}

BASES = {
    Basis.ACT: _lt("Exempt from VAT: Polish act or regulation"),
    Basis.DIRECTIVE: _lt("Exempt from VAT: Directive 2006/112/EC"),
    Basis.OTHER: _lt("Exempt from VAT: other legal basis"),
}

#: Literally what the law wants to stand on the invoice, in the translation.
MARGINS = {
    Margin.TRAVEL_AGENT: _lt("margin scheme for travel agents"),
    Margin.SECOND_HAND: _lt("margin scheme - second-hand goods"),
    Margin.WORKS_OF_ART: _lt("margin scheme - works of art"),
    Margin.ANTIQUES: _lt("margin scheme - collectors' items and antiques"),
}
