"""What a person should know about a received invoice before the bill is posted."""

from ..ksef.fa3 import PERCENTS, Kind, Payment
from . import bill_currency, bill_header, parties
from .bill_prices import kept_quantity

# Elements that could not be read: so many are named.
_NAMED = 5


def line_name(item, env):
    """Return the description of a bill line."""
    added = {
        "rest": env._("Amount without a line on the invoice"),
        "advance": env._("Advance payment"),
        "settled": env._("Advances invoiced before"),
        "rounding": env._("Difference from the total of the invoice"),
        "nothing": env._("No amount on the invoice"),
    }
    if item.before:
        return env._("Before correction: %s", item.name)
    return item.name or added[item.added or "rest"]


def notes(invoice, items, booking):
    """Return the sentences, in the language of the environment of the company.

    :param booking: where the invoice is booked, with which taxes
    """
    company = booking.company
    return [
        *_buyer(invoice, booking),
        *_others(invoice, company),
        *_kind(invoice, company),
        *_advances(invoice, company),
        *_taxes(items, booking),
        *_amounts(invoice, items, company),
        *_quantities(items, booking),
        *_currency(invoice, booking),
        *_payment(invoice, booking),
        *_unread(invoice, company),
    ]


def _buyer(invoice, booking):
    env, own = booking.company.env, parties.nip(booking.company.partner_id)
    if booking.sale:
        if invoice.seller.nip != own:
            yield env._(
                "The invoice names another seller: %(name)s, NIP %(nip)s. Check whether"
                " it is yours.",
                name=invoice.seller.name,
                nip=invoice.seller.nip,
            )
        return
    if invoice.buyer.nip != own:
        yield env._(
            "The invoice names another buyer: %(name)s, NIP %(nip)s. Check whether it"
            " is yours.",
            name=invoice.buyer.name or "",
            nip=invoice.buyer.nip or "-",
        )
    if invoice.annotations.self_billing:
        yield env._("Self-billing: the invoice was issued by the buyer.")


def _others(invoice, company):
    """Who else the invoice concerns, beside seller and buyer."""
    env = company.env
    roles = dict(env["ksef.third.party"]._fields["role"]._description_selection(env))
    for party in invoice.third_parties:
        yield env._(
            "Also on the invoice: %(name)s. %(role)s.",
            name=_named(party),
            role=party.other_role or roles.get(party.role) or party.role,
        )
    offices = {
        "1": env._("Enforcement authority"),
        "2": env._("Court bailiff"),
        "3": env._("Tax representative"),
    }
    if invoice.authorized:
        yield env._(
            "Also on the invoice: %(name)s. %(role)s.",
            name=_named(invoice.authorized),
            role=offices.get(invoice.authorized.role) or invoice.authorized.role,
        )


def _named(party):
    """Return the name and the number of a party, as far as they are given."""
    numbers = ("nip", "internal_id", "eu_number", "other_id")
    given = [getattr(party, name, None) for name in numbers]
    return ", ".join(filter(None, [party.name, *given])) or "-"


def _kind(invoice, company):
    env = company.env
    if invoice.kind.is_correction:
        numbers = ", ".join(
            f"{one.number} ({one.ksef_number})" if one.ksef_number else one.number
            for one in invoice.corrected
        )
        yield env._(
            "Correction of invoice %(numbers)s. Reason: %(reason)s",
            numbers=numbers or "-",
            reason=invoice.correction_reason or "-",
        )
        if invoice.corrected_period:
            yield env._("Corrected period: %s", invoice.corrected_period)
        if invoice.corrected_number:
            yield env._(
                "The right number of the corrected invoice is %s.",
                invoice.corrected_number,
            )
        for party in filter(None, (invoice.former_seller, *invoice.former_buyers)):
            yield env._(
                "The correction changes the data of the seller or the buyer. Before it"
                " was %s.",
                _named(party),
            )
        yield from _unchanged(invoice, env)
    if invoice.kind is Kind.ADVANCE:
        yield env._("Advance invoice: the goods or services are still to come.")
    if invoice.kind is Kind.SETTLEMENT:
        yield env._("Settlement of advances: the amounts are what is left to pay.")


def _unchanged(invoice, env):
    """A correction of nothing, or of the exchange rate alone: Odoo has no amount in
    PLN without one in the currency of the invoice."""
    in_pln = sum(total.tax_pln or 0 for total in invoice.totals)
    if invoice.total:
        return
    if any(total.net or total.tax for total in invoice.totals):
        yield env._("The correction changes net and VAT, but not the total.")
    elif in_pln:
        yield env._(
            "The correction changes the VAT in PLN alone, by %s: the bill does not"
            " contain that. Book it by a journal entry.",
            in_pln,
        )
    else:
        yield env._("The correction changes no amount: compare its data.")


def _advances(invoice, company):
    env = company.env
    numbers = [one.ksef_number or one.number for one in invoice.advances]
    if numbers:
        yield env._("Advance invoices of this sale: %s", ", ".join(numbers))
    for part in invoice.part_advances:
        yield env._(
            "Advance of %(amount)s %(currency)s, paid on %(day)s.",
            amount=part.amount,
            currency=invoice.currency,
            day=part.day,
        )


def _taxes(items, booking):
    env = booking.company.env
    of_why = {}
    for code, choice in booking.choices.items():
        of_why.setdefault(choice.why, []).append(code)
    unknown = of_why.get("unknown", [])
    for rate in sorted({item.rate for item in items if item.rate in unknown} - {None}):
        yield env._(
            "No tax has the KSeF rate %s: the lines are booked without tax. Choose"
            " their tax.",
            rate,
        )
    if any(not item.rate and item.tax_code in unknown for item in items):
        yield env._(
            "Lines without a Polish VAT rate (margin scheme or OSS): check them."
        )
    for rate in sorted(of_why.get("kept", [])):
        yield env._(
            "The tax of the rate %(rate)s was kept, since the invoice charges it. The"
            " fiscal position %(position)s would replace it.",
            rate=rate,
            position=booking.position.display_name,
        )
    if of_why.get("imported"):
        yield env._(
            "Service from abroad (%s): the tax of the fiscal position was taken, under"
            " which the buyer accounts for the VAT. Check it.",
            ", ".join(sorted(of_why["imported"])),
        )


def _amounts(invoice, items, company):
    yield from _untotalled(invoice, items, company)
    env = company.env
    for item in items:
        if item.added == "rounding":
            yield env._(
                "The total of the invoice differs by %s from its lines and VAT. A line"
                " was added.",
                item.net,
            )
        elif item.added == "rest" and not item.name and invoice.lines:
            yield env._("Lines and totals of the invoice differ by %s net.", item.net)


def _quantities(items, booking):
    """Quantities that Odoo does not keep; the amounts of their lines are right."""
    coarse = [
        f"{item.name}: {abs(item.quantity).normalize():f}"
        for item in items
        if kept_quantity(item, booking) != abs(item.quantity)
    ]
    if coarse:
        yield booking.company.env._(
            "Quantities with more decimals than Odoo keeps (Decimal Accuracy: Product"
            " Unit) are not shown as the invoice states them, the amounts are: %s.",
            "; ".join(coarse[:_NAMED]),
        )


def _untotalled(invoice, items, company):
    """Lines whose net and VAT the totals of the invoice do not contain."""
    env, totalled = company.env, {total.bucket for total in invoice.totals}
    missing = [item for item in items if item.rate and item.bucket not in totalled]
    rates = {item.rate for item in missing}
    if any(item.tax for item in missing):
        yield env._(
            "The invoice states no net and VAT of the rate %s (P_13, P_14): they were"
            " worked out from its lines and its total.",
            ", ".join(sorted(rates)),
        )
    elif any(PERCENTS.get(rate) for rate in rates):
        yield env._(
            "The totals of the invoice (P_13, P_14) do not contain its lines of the"
            " rate %s: these are booked without VAT. Check them.",
            ", ".join(sorted(rates)),
        )


def _currency(invoice, booking):
    env, currency = booking.company.env, booking.currency
    if currency == booking.company.currency_id:
        return
    if not currency.active:
        yield env._("The currency %s is not active. Activate it.", currency.name)
    rates = bill_currency.rates(invoice)
    if not bill_currency.rate_of(invoice, booking.company):
        yield env._("Invoice in %s: check the exchange rate.", currency.name)
    elif len(rates) > 1:
        yield env._(
            "The lines of the invoice have several exchange rates (%s): the bill has"
            " their mean.",
            ", ".join(map(str, rates)),
        )


def _payment(invoice, booking):
    payment, company = invoice.payment or Payment(), booking.company
    if invoice.annotations.split_payment:
        yield company.env._("Split payment (MPP) is obligatory.")
    yield from _paid(payment, company)
    yield from _due(invoice, payment, booking)
    if not booking.sale:
        yield from _accounts(payment, booking)
    yield from _settlement(invoice, company)


def _paid(payment, company):
    env = company.env
    if payment.paid:
        yield env._("The supplier notes it as paid on %s.", payment.paid_on or "-")
    for part in payment.parts:
        yield env._(
            "The supplier notes %(amount)s as paid on %(day)s.",
            amount=part.amount,
            day=part.day,
        )


def _due(invoice, payment, booking):
    env = booking.company.env
    if len(payment.due) > 1:
        days = ", ".join(map(str, bill_header.due_days(invoice)))
        yield (
            env._("Payable in instalments: %s", days)
            if booking.sale
            else env._(
                "Payable in instalments: %s. The invoice does not say how much is due"
                " when: the bill is due on the first of these days.",
                days,
            )
        )
    for due in payment.due:
        known = due.day or bill_header.described_day(due, invoice)
        if not known and due.count:
            yield env._("Payment term: %s", f"{due.count} {due.unit}, {due.event}")
    if payment.discount:
        yield env._(
            "Discount for early payment: %(size)s, %(terms)s",
            size=payment.discount.size,
            terms=payment.discount.terms,
        )


def _accounts(payment, booking):
    env, banks = booking.company.env, booking.partner.bank_ids
    known = {parties.account_number(bank.acc_number) for bank in banks}
    for account in payment.factor_accounts:
        yield env._("Pay to the account of the factor: %s", account.number)
    for account in payment.accounts:
        if parties.account_number(account.number) not in known:
            yield env._(
                "The account %s is not among the bank accounts of the supplier.",
                account.number,
            )


def _settlement(invoice, company):
    settlement = invoice.settlement
    if settlement is None:
        return
    charges = [*settlement.charges, *settlement.deductions]
    due = settlement.to_pay
    if not any(charge.amount for charge in charges) and due in (None, invoice.total):
        return
    yield company.env._(
        "Charges or deductions outside the invoice total: %(reasons)s. To pay: %(due)s",
        reasons="; ".join(f"{charge.reason} {charge.amount}" for charge in charges),
        due="-" if due is None else due,
    )


def _unread(invoice, company):
    env = company.env
    if invoice.attachment:
        yield env._("The invoice has an attachment: see its full text.")
    if invoice.unread:
        named = ", ".join(invoice.unread[:_NAMED])
        if len(invoice.unread) > _NAMED:
            named += ", …"
        yield env._("The file also contains %s: see its full text.", named)
