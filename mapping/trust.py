"""What is odd about a received invoice: its sums, parties, account, dates.

Nothing here keeps an invoice out. Records are read, never written.
"""

import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..ksef.fa3 import PERCENTS, Kind, Payment, rates
from . import parties
from .annotations import SPLIT_PAYMENT_ABOVE
from .bill_currency import rate_of
from .bill_items import CENT, net_amount, rated_lines
from .identity import nip_is_valid

INFO, WARNING, DANGER = "info", "warning", "danger"

#: KSeF gets an invoice on the day of issue or on the next working day; offline ones
#: after an outage some days later. What is older is late (R60).
LATE = timedelta(days=14)

#: Scripts whose letters look like Latin ones.
_LOOKALIKES = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH")
_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn")


class Finding(NamedTuple):
    code: str
    level: str
    text: str  # a sentence in the language of the environment


class Case(NamedTuple):
    """What an invoice is compared with."""

    invoice: object
    company: object  # the company that has received it
    partner: object  # the supplier of the bill
    currency: object  # of the bill
    bill_total: Decimal | None  # of the bill, in the sign of the document
    arrived: date  # when KSeF took it, else today
    today: date
    again: str | None = None  # the KSeF number of the same invoice
    bill_date: date | None = None  # of a bill that was here before

    @property
    def env(self):
        return self.company.env


def findings(case):
    """Return the ``Finding`` of everything odd, the gravest first."""
    found = [
        *_sums(case),
        *_vat(case),
        *_lines(case),
        *_parties(case),
        *_characters(case),
        *_accounts(case),
        *_split_payment(case),
        *_currency(case),
        *_dates(case),
        *_again(case),
    ]
    order = (DANGER, WARNING, INFO)
    return sorted(found, key=lambda finding: order.index(finding.level))


def _sums(case):
    """P_13 and P_14 add up to P_15, and so does the bill (I08)."""
    invoice = case.invoice
    stated = sum((t.net + (t.tax or 0) for t in invoice.totals), Decimal())
    if invoice.totals and stated != invoice.total:
        level = INFO if abs(stated - invoice.total) <= 5 * CENT else WARNING
        text = case.env._(
            "Net and VAT of the invoice add up to %(sum)s, but its total is %(total)s.",
            sum=stated,
            total=invoice.total,
        )
        yield Finding("sums", level, text)
    if case.bill_total is not None and case.bill_total != invoice.total:
        text = case.env._(
            "The total of the bill is %(bill)s, that of the invoice %(total)s.",
            bill=case.bill_total,
            total=invoice.total,
        )
        yield Finding("bill_total", WARNING, text)


def _vat(case):
    """P_14 is what the rates of P_13 give; corrections may change either alone."""
    invoice = case.invoice
    if invoice.kind.is_correction:
        return
    for total in invoice.totals:
        percents = [PERCENTS[rate] for rate in rates(total.bucket)]
        if total.tax is None or not any(percents):
            continue
        expected = [total.net * percent / 100 for percent in percents]
        tolerance = CENT * max(len(invoice.lines), 1)
        if not min(expected) - tolerance <= total.tax <= max(expected) + tolerance:
            text = case.env._(
                "VAT of %(tax)s does not fit the net amount of %(net)s.",
                tax=total.tax,
                net=total.net,
            )
            yield Finding("vat", WARNING, text)


def _lines(case):
    """The lines add up to P_13. Of advances they are the order, and settlements deduct
    what was paid before."""
    invoice = case.invoice
    if invoice.kind not in (Kind.INVOICE, Kind.CORRECTION, Kind.SIMPLIFIED):
        return
    nets = [net_amount(line) for line in rated_lines(invoice)]
    if not nets or None in nets or not invoice.totals:
        return
    signed = zip(invoice.lines, nets, strict=True)
    lines = sum(-net if line.before else net for line, net in signed)
    totals = sum(total.net for total in invoice.totals)
    rounded = abs(lines - totals) <= CENT * len(nets)
    if lines == totals or (rounded and any(line.net is None for line in invoice.lines)):
        return
    text = case.env._(
        "The lines of the invoice add up to %(lines)s net, its totals to %(totals)s.",
        lines=lines,
        totals=totals,
    )
    yield Finding("lines", INFO if rounded else WARNING, text)


def _parties(case):
    env, invoice = case.env, case.invoice
    seller, own = invoice.seller.nip, parties.nip(case.company.partner_id)
    if not nip_is_valid(seller):
        text = env._("The seller's NIP %s is not valid.", seller)
        yield Finding("seller_nip", WARNING, text)
    named = {invoice.buyer.nip, *map(_third_nip, invoice.third_parties)}
    if own not in named and seller != own:
        text = env._(
            "Your company is neither the buyer nor a third party of the invoice. The"
            " buyer is %(name)s, NIP %(nip)s.",
            name=invoice.buyer.name or "-",
            nip=invoice.buyer.nip or "-",
        )
        yield Finding("buyer_nip", DANGER, text)
    known = parties.nip(case.partner.commercial_partner_id)
    if known and seller not in (known, own):
        text = env._(
            "The invoice comes from NIP %(seller)s, but supplier %(partner)s has NIP"
            " %(known)s.",
            seller=seller,
            partner=case.partner.display_name,
            known=known,
        )
        yield Finding("partner_nip", DANGER, text)


def _third_nip(party):
    """Return the NIP of a third party; that of a unit stands in its identifier."""
    return party.nip or (party.internal_id or "")[:10]


def _characters(case):
    invoice = case.invoice
    payment = invoice.payment or Payment()
    accounts = (*payment.accounts, *payment.factor_accounts)
    texts = [
        invoice.number,
        invoice.seller.name,
        invoice.buyer.name,
        *(party.name for party in invoice.third_parties),
        *(account.number for account in accounts),
        *(account.bank for account in accounts),
    ]
    for text in dict.fromkeys(filter(None, texts)):
        odd = odd_character(text)
        if odd:
            sentence = case.env._(
                "“%(text)s” contains a character that is not what it looks like:"
                " %(name)s.",
                text=text,
                name=odd,
            )
            yield Finding("characters", DANGER, sentence)


def odd_character(text):
    """Return the name of an invisible character, or of one that imitates a Latin letter
    in a word of Latin ones; nothing where there is none."""
    for character in text:
        if unicodedata.category(character) in _INVISIBLE:
            return unicodedata.name(character, f"U+{ord(character):04X}")
    for word in text.split():
        names = [unicodedata.name(letter, "") for letter in word if letter.isalpha()]
        strange = [name for name in names if name.startswith(_LOOKALIKES)]
        if strange and any(name.startswith("LATIN") for name in names):
            return strange[0]
    return None


def _accounts(case):
    """A new account is the usual trick of who imitates a supplier. Where nothing is to
    be paid to him it matters little."""
    invoice, own = case.invoice, parties.nip(case.company.partner_id)
    payment = invoice.payment or Payment()
    if payment.paid or invoice.total <= 0 or invoice.seller.nip == own:
        return
    banks = case.partner.commercial_partner_id.bank_ids | case.partner.bank_ids
    trusted = banks.filtered("allow_out_payment")
    accounts = payment.factor_accounts or payment.accounts
    for account in accounts:
        number = parties.account_number(account.number)
        if not account_is_valid(number, account.swift):
            text = case.env._("The bank account %s is not valid.", account.number)
            yield Finding("account", WARNING, text)
        known = {parties.account_number(bank.acc_number) for bank in trusted}
        if number not in known:
            yield _new_account(case, account, trusted)


def _new_account(case, account, trusted):
    if trusted:
        text = case.env._(
            "The account %(account)s is none of the trusted ones of %(partner)s. Ask"
            " the supplier in a way that you know from before.",
            account=account.number,
            partner=case.partner.display_name,
        )
        return Finding("account_changed", DANGER, text)
    text = case.env._(
        "Supplier %(partner)s has no trusted bank account yet. Check %(account)s before"
        " you pay.",
        account=account.number,
        partner=case.partner.display_name,
    )
    return Finding("account_new", WARNING, text)


def account_is_valid(number, swift=None):
    """Whether a bank account may exist: a Polish one or another IBAN by its checksum,
    any other only with the SWIFT code of its bank."""
    if number.isdigit() and len(number) == 26:
        return _is_iban(f"PL{number}")
    return _is_iban(number) if number[:2].isalpha() else bool(swift)


def _is_iban(number):
    """Whether the checksum holds (ISO 13616: modulo 97, letters count from ten)."""
    turned = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _split_payment(case):
    """The buyer pays goods of Annex 15 by split payment, whether the invoice says so or
    not (art. 108a(1a))."""
    invoice = case.invoice
    goods = any(line.annex_15 for line in invoice.lines)
    if not goods or invoice.annotations.split_payment:
        return
    rate = 1 if invoice.currency == "PLN" else rate_of(invoice, case.company)
    if rate and invoice.total * rate > SPLIT_PAYMENT_ABOVE:
        text = case.env._(
            "The invoice bears goods or services of Annex 15 and is above %s PLN, but"
            " does not demand split payment (MPP). Pay it that way all the same.",
            SPLIT_PAYMENT_ABOVE,
        )
        yield Finding("split_payment", WARNING, text)


def _currency(case):
    if not case.currency.active:
        name = case.currency.name
        text = case.env._("The currency %s is not active in Odoo.", name)
        yield Finding("currency", WARNING, text)


def _dates(case):
    env, issued = case.env, case.invoice.issue_date
    supplied = case.invoice.supply_date or case.invoice.period_to
    if case.bill_date and case.bill_date != issued:
        text = env._(
            "The bill is dated %(bill)s, the invoice %(issued)s.",
            bill=case.bill_date,
            issued=issued,
        )
        yield Finding("bill_date", WARNING, text)
    if issued > case.today:
        text = env._("The issue date %s is in the future.", issued)
        yield Finding("future", WARNING, text)
    if supplied and supplied > max(issued, case.today) + LATE:
        text = env._(
            "The supply ends on %s, far in the future: the bill is booked on that day."
            " Check when its VAT may be deducted.",
            supplied,
        )
        yield Finding("future_supply", WARNING, text)
    own = case.invoice.seller.nip == parties.nip(case.company.partner_id)
    if case.arrived - issued > LATE and not own:
        text = env._(
            "Issued on %(issued)s, the invoice came to KSeF on %(arrived)s only. Check"
            " in which period its VAT may be deducted.",
            issued=issued,
            arrived=case.arrived,
        )
        yield Finding("late", WARNING, text)


def _again(case):
    if case.again:
        text = case.env._(
            "An invoice with this number has come before: %s.", case.again
        )
        yield Finding("again", DANGER, text)
