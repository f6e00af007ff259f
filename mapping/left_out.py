"""Characters that KSeF takes in no text: they are left out of the document (R14).

None of them is printable; they come along with texts copied from other programs.
"""

from ..ksef.fa3.text import permitted

#: What an invoice, its lines and its parties say in the document.
OF_MOVE = (
    "narration",
    "ref",
    "ksef_order_number",
    "ksef_contract_number",
    "ksef_payment_method_other",
    "ksef_exemption",
)
OF_LINE = ("name",)
OF_UNIT = ("name",)
OF_TERM = ("ksef_due_event",)
OF_ROLE = ("other_role", "customer_number")
OF_PARTY = ("name", "street", "street2", "city")
OF_DESCRIPTION = ("key", "value")


def left_out(move):
    """Yield (record, field name) of every text of an invoice with such a character."""
    sources = (
        (move, OF_MOVE),
        (move.invoice_line_ids, OF_LINE),
        (move.invoice_line_ids.product_uom_id, OF_UNIT),
        (move.invoice_payment_term_id, OF_TERM),
        (move.ksef_description_ids, OF_DESCRIPTION),
        (move.ksef_third_party_ids, OF_ROLE),
        (move.partner_id | move.partner_shipping_id, OF_PARTY),
        (move.ksef_third_party_ids.partner_id, OF_PARTY),
        (move.company_id.partner_id, OF_PARTY),
    )
    for records, names in sources:
        for record in records:
            for name in names:
                text = record[name] or ""
                if permitted(text) != text:
                    yield record, name
