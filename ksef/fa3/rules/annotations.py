"""Kind, annotations, dates and payment against what is sold. Sources: FA(3) brochure
of 2026-03-04, pages 40-46 and 54-81; art. 106b, 106e, 106f of the VAT Act."""

import re
from decimal import Decimal

from .document import Document, Findings, Section, error, warning

#: Art. 106e(5)(3): how much a simplified invoice may come to.
_SIMPLIFIED = {"PLN": Decimal(450), "EUR": Decimal(100)}

#: The buyer accounts for the VAT; under the last for a foreign one, if a taxpayer.
_FOR_BUYERS = frozenset({"oo", "np II", "np I"})


def correction_block(document: Document) -> Findings:
    named = document.body.has("DaneFaKorygowanej")
    where = document.body.at("DaneFaKorygowanej")
    if document.is_correction and not named:
        yield error("kor-without-original", where, "names no corrected invoice")
    block = ("TypKorekty", "DaneFaKorygowanej", "PrzyczynaKorekty", "Podmiot2K")
    for name in () if document.is_correction or not document.kind else block:
        if document.body.has(name):
            message = f"RodzajFaktury {document.kind} is no correction"
            yield error("correction-without-kor", document.body.at(name), message)
            return


def exemption(document: Document) -> Findings:
    """Art. 106e(1)(19): the provision that exempts is stated, and only then."""
    section = document.annotations.section("Zwolnienie")
    sold = "zw" in document.stated_rates or _is_sold(document, "P_13_7")
    if sold and not section.has("P_19"):
        told = document.duty
        message = "an exempt sale needs its legal basis"
        yield told("exemption-missing", section.at("P_19"), message)
    named = sold or "zw" in document.named_rates
    if section.has("P_19") and not named and _says_rates(document):
        message = "a basis of exemption, but no exempt sale"
        yield warning("exemption-unused", section.at("P_19"), message)


def reverse_charge(document: Document) -> Findings:
    """Art. 106e(1)(18)."""
    rates = document.stated_rates & _FOR_BUYERS - {"np I"}
    triangular = document.annotations.text("P_23") == "1"
    totals = _is_sold(document, "P_13_9") or _is_sold(document, "P_13_10")
    marked = document.annotations.text("P_18") == "1"
    where = document.annotations.at("P_18")
    if (rates or totals or triangular) and not marked:
        told = document.duty
        yield told("reverse-charge-missing", where, "the buyer accounts for this VAT")
    possible = totals or triangular or document.named_rates & _FOR_BUYERS
    if marked and not possible and _says_rates(document):
        message = "marked as reverse charge, but nothing is sold so"
        yield warning("reverse-charge-unused", where, message)


def margin(document: Document) -> Findings:
    """Art. 106e(2) and (3)."""
    section = document.annotations.section("PMarzy")
    sold = bool(document.body.number("P_13_11"))
    if sold and not section.has("P_PMarzy"):
        told = document.duty
        message = "a sale under a margin scheme must say which"
        yield told("margin-missing", section.at("P_PMarzy"), message)
    without_rate = any(
        not row.rate and not row.has("P_12_XII") for row in document.stated_rows
    )
    if section.has("P_PMarzy") and not sold and not without_rate:
        if _says_rates(document):
            message = "a margin scheme, but no sale under it"
            yield warning("margin-unused", section.at("P_PMarzy"), message)


def _is_sold(document: Document, total: str) -> bool:
    """Of a correction the total is a difference and tells nothing of today."""
    return not document.is_correction and bool(document.body.number(total))


def _says_rates(document: Document) -> bool:
    return any(document.stated_rates)


def split_payment(document: Document) -> Findings:
    payment = document.payment
    accounts = payment.has("RachunekBankowy") or payment.has("RachunekBankowyFaktora")
    if document.annotations.text("P_18A") == "1" and not accounts:
        message = "split payment, but no account to pay to"
        yield warning("split-payment-account", payment.at("RachunekBankowy"), message)


def simplified(document: Document) -> Findings:
    if document.kind != "UPR":
        return
    largest = _SIMPLIFIED.get(document.currency)
    total = document.total
    if largest is None or (total is not None and total > largest):
        told = error if largest else warning  # the act names no other currency
        value = f"{total} {document.currency}"
        message = f"{value} is too much for a simplified invoice"
        yield told("simplified-too-large", document.body.at("P_15"), message, value)


def lines(document: Document) -> Findings:
    """Art. 106e(1)(7): an invoice says what is sold."""
    if document.kind != "VAT":
        return
    if not document.rows:
        yield error("no-lines", document.body.at("FaWiersz"), "says nothing sold")
    for row in document.rows:
        if not row.text("P_7"):
            yield error("line-without-name", row.at("P_7"), "says not what is sold")


def advances(document: Document) -> Findings:
    """Art. 106f(1)(4) and (3)."""
    body = document.body
    if document.kind == "ZAL" and not body.has("Zamowienie"):
        message = "an advance invoice states the order"
        yield warning("advance-without-order", body.at("Zamowienie"), message)
    named = body.has("FakturaZaliczkowa") or body.has("ZaliczkaCzesciowa")
    if document.kind == "ROZ" and not named:
        message = "a final invoice names its advances"
        where = body.at("FakturaZaliczkowa")
        yield warning("settlement-without-advance", where, message)
    yield from _part_advances(document)


def _part_advances(document: Document) -> Findings:
    parts = document.body.sections("ZaliczkaCzesciowa")
    total = document.total
    if not parts or total is None or document.is_correction:
        return
    paid = sum((part.number("P_15Z") or Decimal() for part in parts), Decimal())
    if paid > total or (document.kind == "ZAL" and paid != total):
        where = document.body.at("ZaliczkaCzesciowa")
        message = f"the parts come to {paid}, P_15 is {total}"
        yield warning("part-advances-sum", where, message, str(paid))


def supply_dates(document: Document) -> Findings:
    """P_6A is for dates that differ; one common date is P_6, except of a correction,
    whose lines keep their dates however few it states."""
    common = document.body.text("P_6")
    days = [row.text("P_6A") for row in document.rows]
    if not any(days):
        return
    for row, day in zip(document.rows, days, strict=True):
        if day and day == common:
            message = "repeats the common date P_6"
            yield warning("supply-date-repeated", row.at("P_6A"), message, day)
    differ = document.is_correction or len(days) == 1 or len(set(days)) > 1
    if not common and not differ:
        where = document.rows[0].at("P_6A")
        message = "is the same on every line: state it as P_6"
        yield warning("supply-date-common", where, message, days[0])


def descriptions(document: Document) -> Findings:
    described = document.body.sections("DodatkowyOpis")
    if not described:
        return
    known = {row.text("NrWierszaFa") for row in document.rows}
    known |= {row.text("NrWierszaZam") for row in document.order_rows}
    for description in described:
        line = description.text("NrWiersza")
        if line and line not in known:
            where = description.at("NrWiersza")
            message = f"there is no line {line}"
            yield warning("description-of-no-line", where, message, line)


def accounts(document: Document) -> Findings:
    payment = document.payment
    for name in ("RachunekBankowy", "RachunekBankowyFaktora"):
        for account in payment.sections(name):
            yield from _account(account)


def _account(account: Section) -> Findings:
    """Polish numbers have 26 digits and a checksum, as an IBAN has; no other country
    has national numbers of 25 to 28 digits."""
    number = account.text("NrRB")
    polish = re.fullmatch("(PL)?[0-9]{25,28}", number)
    iban = re.fullmatch("[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", number)
    if polish and len(number.removeprefix("PL")) != 26:
        message = f"{number} is not a Polish account: 26 digits"
    elif (polish or iban) and not _checksum_is_right(number):
        message = f"the checksum of {number} is wrong"
    else:
        return
    yield warning("account-number", account.at("NrRB"), message, number)


def _checksum_is_right(number: str) -> bool:
    """ISO 13616."""
    if number[0].isdigit():
        return int(f"{number[2:]}2521{number[:2]}") % 97 == 1  # P is 25, L is 21
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


RULES = (
    correction_block,
    exemption,
    reverse_charge,
    margin,
    split_payment,
    simplified,
    lines,
    advances,
    supply_dates,
    descriptions,
    accounts,
)
