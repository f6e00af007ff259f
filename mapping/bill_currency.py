"""The currency of a received invoice, and the rate at which it was converted."""

from decimal import Decimal


def currency(company, code):
    """Return the currency even when it is not active: amounts in another one would be
    wrong. ``bill_notes`` tells the user."""
    if company.currency_id.name == code:
        return company.currency_id
    currencies = company.env["res.currency"].with_context(active_test=False)
    return currencies.search([("name", "=", code)], limit=1)


def rates(invoice):
    """Return the rates that the invoice states: PLN for one unit of its currency."""
    stated = {line.exchange_rate for line in invoice.lines} | {invoice.advance_rate}
    return sorted(rate for rate in stated if rate)


def rate_of(invoice, company):
    """Return the rate at which the supplier told the VAT in PLN (art. 106e(11)), the
    mean one where the lines state several; ``None`` where there is none, or the books
    are in neither currency."""
    if company.currency_id.name != "PLN" or invoice.currency == "PLN":
        return None
    stated = rates(invoice)
    if len(stated) == 1:
        return stated[0]
    told = [total for total in invoice.totals if total.tax and total.tax_pln]
    taxed = sum(total.tax for total in told)
    return sum(total.tax_pln for total in told) / taxed if taxed else None


def odoo_rate(invoice, company):
    """Return the rate as Odoo has it, units of the currency for 1 PLN, or ``None``."""
    rate = rate_of(invoice, company)
    return float(Decimal(1) / rate) if rate and rate > 0 else None
