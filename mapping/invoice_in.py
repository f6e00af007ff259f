"""Received ``fa3.Invoice`` → values of a draft vendor bill."""

from decimal import Decimal
from typing import NamedTuple

from odoo import Command

from ..ksef import fa3
from . import bill_currency, bill_header, bill_notes, bill_positions, parties
from .bill_items import bill_items, grosze
from .bill_prices import priced_as
from .bill_taxes import choices, is_reverse_charge
from .bill_units import unit_id


class Bill(NamedTuple):
    values: dict  # for account.move.create
    notes: list  # sentences on what a person should look at


class _Booking(NamedTuple):
    """What turning items into lines needs to know."""

    company: object
    currency: object
    sign: int  # -1: credit note, whose lines carry the reduction as plus
    sale: bool  # issued by the company itself, elsewhere
    choices: dict  # bill_taxes.Choice by KSeF rate
    known_values: object
    rate: float | None  # Odoo's, where the invoice states one

    def tax(self, item):
        return self.choices[item.tax_code].tax


def bill(invoice, *, company, journal, partner, tax_for, known_values=None):
    """Return the ``Bill`` of a received invoice: its total is P_15, its VAT P_14. In a
    journal for sales it is the company's own invoice, issued elsewhere.

    Its lines stand in the order of ``bill_items``, one for each.

    :param tax_for: function from a KSeF rate to the tax, empty if none
    :param known_values: function from an ``Item`` to values of its line that follow
        from earlier bills and products
    """
    sale = journal.type == "sale"
    refund = invoice.total < 0 or (invoice.kind.is_correction and not invoice.total)
    currency = bill_currency.currency(company, invoice.currency)
    position = bill_positions.position_of(partner, company)
    items = bill_items(invoice)
    chosen = choices({i.tax_code for i in items}, company, position, tax_for)
    sign = -1 if refund else 1
    known = known_values or _nothing
    rate = bill_currency.odoo_rate(invoice, company)
    booking = _Booking(company, currency, sign, sale, chosen, known, rate)
    values = {
        "move_type": f"{'out' if sale else 'in'}_{'refund' if refund else 'invoice'}",
        "company_id": company.id,
        "journal_id": journal.id,
        "partner_id": partner.id,
        "fiscal_position_id": position.id,
        "currency_id": currency.id,
        "ref": invoice.number,
        **bill_header.values(invoice),
        **({"invoice_currency_rate": rate} if rate else {}),
        **(_own(invoice) if sale else _bought(invoice, partner)),
        "invoice_line_ids": [
            Command.create(values) for values in _lines(items, booking)
        ],
    }
    return Bill(values, bill_notes.notes(invoice, items, booking, partner, position))


def _own(invoice):
    """The buyer pays under the number of the invoice."""
    return {"payment_reference": invoice.number}


def _nothing(_item):
    return {}


def known_account(invoice, partner):
    """Return the supplier's bank account on the invoice, if it is one that we know;
    where a factor is to be paid, the factor's."""
    payment = invoice.payment or fa3.Payment()
    numbers = {
        parties.account_number(account.number)
        for account in payment.factor_accounts or payment.accounts
    }
    return partner.bank_ids.filtered(
        lambda known: parties.account_number(known.acc_number) in numbers
    )[:1]


def _bought(invoice, partner):
    account = known_account(invoice, partner)
    known = {"partner_bank_id": account.id} if account else {}
    return {"date": bill_header.deduction_day(invoice), **known}


def _lines(items, booking):
    """Return the values of the bill lines; tax amounts are forced only where Odoo would
    compute others."""
    by_tax = {}
    for item in items:
        by_tax.setdefault(booking.tax(item), []).append(item)
    forced = {tax for tax, taxed in by_tax.items() if _differs(tax, taxed, booking)}
    for item in items:
        tax = booking.tax(item)
        values = _line(item, tax, booking)
        if tax in forced:
            values["extra_tax_data"] = _forced_amounts(item, tax, values, booking)
        yield values


def _line(item, tax, booking):
    priced = priced_as(item, tax, booking)
    unit = unit_id(item.line.unit, booking.company.env) if item.line else False
    return booking.known_values(item) | {
        "name": bill_notes.line_name(item, booking.company.env),
        "quantity": float(priced.quantity),
        "price_unit": float(priced.price),
        "discount": float(priced.discount),
        **({"product_uom_id": unit} if unit else {}),
        "tax_ids": [Command.set(tax.ids)],
    }


def _differs(tax, items, booking):
    """Tell whether Odoo would compute another net or VAT for ``items``. VAT that the
    buyer accounts for is no amount of the document."""
    if not tax or not tax.amount or len(tax) > 1 or tax.amount_type != "percent":
        return False
    if is_reverse_charge(tax):
        return False
    in_pln = booking.rate and any(item.tax_pln is not None for item in items)
    if in_pln or any(tax.mapped("price_include")):
        return True
    nets = [item.net * booking.sign for item in items]
    values = [priced_as(item, tax, booking).value for item in items]
    if [grosze(value) for value in values] != nets:
        return True
    percent = Decimal(repr(tax.amount)) / 100
    if booking.company.tax_calculation_rounding_method == "round_per_line":
        computed = sum(grosze(net * percent) for net in nets)
    else:
        computed = grosze(sum(values) * percent)
    return computed != sum(item.tax for item in items) * booking.sign


def _forced_amounts(item, tax, line, booking):
    """Return what Odoo's tax engine takes for given: net and VAT of the line, as long
    as nobody changes its price, quantity, discount or tax; and the VAT in PLN, which
    is that of the invoice (art. 106e(11))."""
    net = float(item.net * booking.sign)
    amounts = {
        "tax_amount_currency": float(item.tax * booking.sign),
        "base_amount_currency": net,
    }
    rate = {}
    if booking.rate and item.tax_pln is not None:
        amounts["tax_amount"] = float(item.tax_pln * booking.sign)
        rate = {"rate": booking.rate}
    return {
        **rate,
        "currency_id": booking.currency.id,
        "price_unit": line["price_unit"],
        "quantity": line["quantity"],
        "discount": line["discount"],
        "manual_total_excluded_currency": net,
        "manual_tax_amounts": {str(tax.id): amounts},
    }
