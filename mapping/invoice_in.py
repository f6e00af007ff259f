"""Received ``fa3.Invoice`` → values of a draft vendor bill."""

from typing import NamedTuple

from odoo import Command

from ..ksef import fa3
from . import bill_currency, bill_header, bill_notes, bill_positions, parties
from .bill_forced import Charge, forced_amounts, forced_taxes
from .bill_items import bill_items
from .bill_prices import priced_as
from .bill_taxes import choices
from .bill_units import unit_id


class Bill(NamedTuple):
    values: dict  # for account.move.create
    notes: list  # sentences on what a person should look at


class _Booking(NamedTuple):
    """Where an invoice is booked, and how its amounts are turned into lines."""

    company: object
    journal: object
    partner: object
    position: object  # the fiscal position, may be empty
    currency: object
    refund: bool  # a credit note, whose lines carry the reduction as plus
    choices: dict  # bill_taxes.Choice by KSeF rate
    known_values: object
    rate: float | None  # Odoo's, where the invoice states one

    @property
    def sale(self):
        """Issued by the company itself, elsewhere."""
        return self.journal.type == "sale"

    @property
    def sign(self):
        return -1 if self.refund else 1

    @property
    def move_type(self):
        kind = "refund" if self.refund else "invoice"
        return f"out_{kind}" if self.sale else f"in_{kind}"

    def tax(self, item):
        return self.choices[item.tax_code].tax

    def is_gross(self, tax):
        """A line without a tax bears its VAT as cost, so that the total holds."""
        return not tax or any(tax.mapped("price_include"))

    def amount(self, item, tax):
        """Return what quantity, price and discount have to give."""
        return (item.net + item.tax if self.is_gross(tax) else item.net) * self.sign


def bill(invoice, *, company, journal, partner, tax_for, known_values=None):
    """Return the ``Bill`` of a received invoice: its total is P_15, its VAT P_14. In a
    journal for sales it is the company's own invoice, issued elsewhere.

    Its lines stand in the order of ``bill_items``, one for each.

    :param tax_for: function from a KSeF rate to the tax, empty if none
    :param known_values: function from an ``Item`` to values of its line that follow
        from earlier bills and products
    """
    items = bill_items(invoice)
    position = bill_positions.position_of(partner, company)
    codes = {item.tax_code for item in items}
    booking = _Booking(
        company=company,
        journal=journal,
        partner=partner,
        position=position,
        currency=bill_currency.currency(company, invoice.currency),
        refund=_is_refund(invoice),
        choices=choices(codes, company, position, tax_for),
        known_values=known_values or _nothing,
        rate=bill_currency.odoo_rate(invoice, company),
    )
    lines = [Command.create(one) for one in _lines(items, booking)]
    values = _head(invoice, booking) | {"invoice_line_ids": lines}
    return Bill(values, bill_notes.notes(invoice, items, booking))


def _head(invoice, booking):
    """Return the values of the bill itself."""
    return {
        "move_type": booking.move_type,
        "company_id": booking.company.id,
        "journal_id": booking.journal.id,
        "partner_id": booking.partner.id,
        "fiscal_position_id": booking.position.id,
        "currency_id": booking.currency.id,
        "ref": invoice.number,
        **bill_header.values(invoice),
        **({"invoice_currency_rate": booking.rate} if booking.rate else {}),
        **(_own(invoice) if booking.sale else _bought(invoice, booking)),
    }


def _is_refund(invoice):
    """Odoo posts no negative bill; a correction of data alone takes nothing more."""
    return invoice.total < 0 or (invoice.kind.is_correction and not invoice.total)


def _own(invoice):
    """The buyer pays under the number of the invoice."""
    return {"payment_reference": invoice.number}


def _nothing(_item):
    return {}


def _bought(invoice, booking):
    values = {"date": bill_header.deduction_day(invoice)}
    days = bill_header.due_days(invoice)
    if days:  # the amounts of instalments are not stated: better early than late
        values["invoice_date_due"] = days[0]
    if booking.refund:  # the supplier pays: to an account of ours
        return values
    return values | _payee(invoice.payment or fa3.Payment(), booking.partner)


def _payee(payment, partner):
    """Return the account that the invoice names, where we know it; else none. Odoo
    would take any other of the supplier, even where a factor is to be paid."""
    named = payment.factor_accounts or payment.accounts
    numbers = {parties.account_number(account.number) for account in named}
    known = partner.bank_ids.filtered(
        lambda bank: parties.account_number(bank.acc_number) in numbers
    )
    return {"partner_bank_id": known[:1].id} if named else {}


def _lines(items, booking):
    """Return the values of the bill lines; amounts are forced only where Odoo would
    compute others."""
    charges = []
    for item in items:
        tax = booking.tax(item)
        charges.append(Charge(item, tax, priced_as(item, tax, booking)))
    forced = forced_taxes(charges, booking)
    for charge in charges:
        values = _line(charge, booking)
        if charge.tax in forced:
            values["extra_tax_data"] = forced_amounts(charge, booking)
        yield values


def _line(charge, booking):
    item, tax, priced = charge
    unit = unit_id(item.line.unit, booking.company.env) if item.line else False
    return booking.known_values(item) | {
        "name": bill_notes.line_name(item, booking.company.env),
        "quantity": float(priced.quantity),
        "price_unit": float(priced.price),
        "discount": float(priced.discount),
        **({"product_uom_id": unit} if unit else {}),
        "tax_ids": [Command.set(tax.ids)],
    }
