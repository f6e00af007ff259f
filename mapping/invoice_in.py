"""Received ``fa3.Invoice`` → values of a draft vendor bill."""

from decimal import Decimal
from typing import NamedTuple

from odoo import Command

from ..ksef import fa3
from . import bill_notes, parties
from .bill_items import bill_items, grosze


class Bill(NamedTuple):
    values: dict  # for account.move.create
    notes: list  # sentences on what a person should look at


class _Booking(NamedTuple):
    """What turning items into lines needs to know."""

    company: object
    currency: object
    sign: int  # -1: credit note, whose lines carry the reduction as plus
    tax_for: object
    known_values: object


def bill(invoice, *, company, journal, partner, tax_for, known_values=None):
    """Return the ``Bill`` of a received invoice: its total is P_15, its VAT P_14.

    :param tax_for: function from a P_12 code to the purchase tax, empty if none
    :param known_values: function from an ``Item`` to values of its line that follow
        from earlier bills and products
    """
    refund = invoice.kind.is_correction and invoice.total <= 0
    currency = _currency(company, invoice.currency)
    sign = -1 if refund else 1
    booking = _Booking(company, currency, sign, tax_for, known_values or _nothing)
    items = bill_items(invoice)
    values = {
        "move_type": "in_refund" if refund else "in_invoice",
        "company_id": company.id,
        "journal_id": journal.id,
        "partner_id": partner.id,
        "currency_id": currency.id,
        "ref": invoice.number,
        "invoice_origin": ", ".join(one.number for one in invoice.corrected) or False,
        **_dates(invoice),
        **_account(invoice, partner),
        "invoice_line_ids": [
            Command.create(values) for values in _lines(items, booking)
        ],
    }
    untaxed = {i.rate for i in items if i.rate and not tax_for(i.rate)}
    notes = bill_notes.notes(invoice, items, untaxed, company, currency, partner)
    return Bill(values, notes)


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


def _currency(company, code):
    """Return the currency even when it is not active: amounts in another one would be
    wrong. ``bill_notes`` tells the user."""
    if company.currency_id.name == code:
        return company.currency_id
    currencies = company.env["res.currency"].with_context(active_test=False)
    return currencies.search([("name", "=", code)], limit=1)


def _dates(invoice):
    """Return the dates of the bill: VAT may be deducted neither before the supply nor
    before the invoice (art. 86(10), (10b))."""
    supplied = invoice.supply_date or invoice.period_to
    values = {
        "invoice_date": invoice.issue_date,
        "taxable_supply_date": supplied or False,
        "date": max(invoice.issue_date, supplied or invoice.issue_date),
    }
    due = [due.day for due in invoice.payment.due if due.day] if invoice.payment else []
    if due:
        values |= {"invoice_payment_term_id": False, "invoice_date_due": max(due)}
    return values


def _account(invoice, partner):
    account = known_account(invoice, partner)
    return {"partner_bank_id": account.id} if account else {}


def _lines(items, booking):
    """Return the values of the bill lines; tax amounts are forced only where Odoo would
    compute others."""
    by_tax = {}
    for item in items:
        tax = (
            booking.tax_for(item.rate)
            if item.rate
            else booking.company.env["account.tax"]
        )
        by_tax.setdefault(tax, []).append(item)
    forced = {tax for tax, taxed in by_tax.items() if _differs(tax, taxed, booking)}
    tax_of = {id(item): tax for tax, taxed in by_tax.items() for item in taxed}
    for item in items:
        tax = tax_of[id(item)]
        values = _line(item, tax, booking)
        if tax in forced:
            values["extra_tax_data"] = _forced_amounts(item, tax, values, booking)
        yield values


def _line(item, tax, booking):
    quantity, price = _quantity_and_price(item, tax, booking)
    return booking.known_values(item) | {
        "name": bill_notes.line_name(item, booking.company.env),
        "quantity": float(quantity),
        "price_unit": float(price),
        "tax_ids": [Command.set(tax.ids)],
    }


def _quantity_and_price(item, tax, booking):
    """Return a positive quantity and the price that gives the amount of the item. A
    line without a purchase tax bears its VAT as cost, so that the total holds."""
    gross = not tax or any(tax.mapped("price_include"))
    amount = (item.net + item.tax if gross else item.net) * booking.sign
    digits = booking.company.env["decimal.precision"].precision_get("Product Unit")
    quantity = round(abs(item.quantity), digits)
    if not quantity:
        return Decimal(1), amount
    price = round(amount / quantity, 8)
    if not tax and grosze(price * quantity) != amount:
        return Decimal(1), amount
    return quantity, price


def _differs(tax, items, booking):
    """Tell whether Odoo would compute another net or VAT for ``items``."""
    if not tax or not tax.amount or len(tax) > 1 or tax.amount_type != "percent":
        return False
    lines = [_quantity_and_price(item, tax, booking) for item in items]
    values = [quantity * price for quantity, price in lines]
    if any(tax.mapped("price_include")):
        return True
    nets = [item.net * booking.sign for item in items]
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
    as nobody changes its price, quantity, discount or tax."""
    net = float(item.net * booking.sign)
    vat = float(item.tax * booking.sign)
    return {
        "currency_id": booking.currency.id,
        "price_unit": line["price_unit"],
        "quantity": line["quantity"],
        "discount": 0.0,
        "manual_total_excluded_currency": net,
        "manual_tax_amounts": {
            str(tax.id): {"tax_amount_currency": vat, "base_amount_currency": net}
        },
    }
