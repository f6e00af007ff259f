"""Finding invoices: filters, roles, the high water mark, metadata."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from .answers import json_answer
from .call import Fields, invalid
from .clock import (
    UTC,
    WARSAW,
    first_at_or_after,
    last_at_or_before,
    polish_day,
    stamp,
)
from .errors import BadRequest
from .judging import store_waiting
from .sessions import FORM

ROLES = ("Subject1", "Subject2", "Subject3", "SubjectAuthorized")
DATES = ("Issue", "Invoicing", "PermanentStorage")
BUYERS = ("Nip", "VatUe", "Other", "None")
AMOUNTS = {"Brutto": "gross", "Netto": "net", "Vat": "vat"}
TYPES = {
    "VAT": "Vat",
    "KOR": "Kor",
    "ZAL": "Zal",
    "ROZ": "Roz",
    "UPR": "Upr",
    "KOR_ZAL": "KorZal",
    "KOR_ROZ": "KorRoz",
}
ALL_TYPES = (*TYPES.values(), "VatPef", "VatPefSp", "KorPef", "VatRr", "KorVatRr")


@dataclass(frozen=True)
class Window:
    """The date range asked for, cut at the high water mark if that was wished."""

    date_type: str
    start: datetime
    end: datetime
    beyond: bool
    mark: datetime | None

    def holds(self, invoice) -> bool:
        """Whether the invoice lies in it, both ends included."""
        if invoice.storage_date is None:
            return False
        if self.date_type == "Issue":
            day = invoice.facts.issue_date
            return polish_day(self.start) <= day <= polish_day(self.end)
        return self.start <= self.date(invoice) <= self.end

    def date(self, invoice):
        """The date by which results are ordered."""
        if self.date_type == "Issue":
            return invoice.facts.issue_date
        storage = self.date_type == "PermanentStorage"
        return invoice.storage_date if storage else invoice.invoicing_date


def metadata(call):
    """POST /invoices/query/metadata"""
    filters = call.body()
    offset, size = call.page(10, 250)
    order = call.choice("sortOrder", ("Asc", "Desc"), "Asc")
    most = call.simulator.query_limit
    if offset * size >= most:
        raise invalid(f"Można pobrać najwyżej {most} rekordów.")
    window = date_window(call, filters)
    if window.beyond:
        raise BadRequest(21183, "Parametr dateRange.from jest późniejszy niż HWM.")
    found = search(call, filters, window)
    if order == "Desc":
        found.reverse()
    end = min((offset + 1) * size, most)
    answer = {
        "hasMore": len(found) > end,
        "isTruncated": len(found) > end == most,
        "invoices": [describe(row) for row in found[offset * size : end]],
    }
    if window.mark:
        answer["permanentStorageHwmDate"] = stamp(window.mark)
    return json_answer(call, answer)


def search(call, filters: Fields, window: Window) -> list:
    """Everything that matches, in ascending order of the window's date."""
    role = filters.choice("subjectType", ROLES)
    tests = _tests(filters)
    found = [
        invoice
        for invoice in call.store.invoices.values()
        if concerns(invoice, call.login.context, role)
        and window.holds(invoice)
        and not (invoice.hidden_until and call.now < invoice.hidden_until)
        and all(test(invoice) for test in tests)
    ]
    return sorted(found, key=window.date)


def concerns(invoice, context, role) -> bool:
    """Whether the context plays this role on the invoice."""
    facts = invoice.facts
    if role == "Subject1":
        return context.value == facts.seller_nip
    if role == "Subject2":
        return context == facts.buyer
    if role == "Subject3":
        return any(context == third[0] for third in facts.thirds)
    return bool(facts.authorized) and context.value == facts.authorized[0]


def date_window(call, filters: Fields) -> Window:
    """Read dateRange. Raises BadRequest 21405."""
    store_waiting(call.simulator, call.now)
    part = filters.part("dateRange")
    kind = part.choice("dateType", DATES)
    start = part.moment("from", read=first_at_or_after)
    end = part.moment("to", required=False, read=last_at_or_before)
    restricted = bool(part.flag("restrictToPermanentStorageHwmDate"))
    now = call.simulator.clock.now()
    end = end or max(now, start)
    if end < start or not _within_three_months(start, end):
        raise invalid("Zakres dat jest nieprawidłowy lub dłuższy niż 3 miesiące.")
    if kind != "PermanentStorage":
        return Window(kind, start, end, beyond=False, mark=None)
    mark = now - timedelta(seconds=call.simulator.mark_lag)
    beyond = restricted and start > mark
    shown = min(end, mark)
    return Window(kind, start, shown if restricted else end, beyond, shown)


def describe(invoice) -> dict:
    """InvoiceMetadata."""
    facts = invoice.facts
    described = {
        "ksefNumber": invoice.ksef_number,
        "invoiceNumber": facts.number,
        "issueDate": facts.issue_date.isoformat(),
        "invoicingDate": stamp(invoice.invoicing_date),
        "acquisitionDate": stamp(invoice.acquisition_date),
        "permanentStorageDate": stamp(invoice.storage_date),
        "seller": {"nip": facts.seller_nip, "name": facts.seller_name},
        "buyer": {"identifier": _identifier(facts.buyer), "name": facts.buyer_name},
        "netAmount": facts.net,
        "grossAmount": facts.gross,
        "vatAmount": facts.vat,
        "currency": facts.currency,
        "invoicingMode": invoice.mode,
        "invoiceType": TYPES.get(facts.kind, "Vat"),
        "formCode": FORM,
        "isSelfInvoicing": facts.self_billing,
        "hasAttachment": facts.attachment,
        "invoiceHash": invoice.hash,
        "thirdSubjects": [_third(third) for third in facts.thirds],
    }
    if invoice.corrected_hash:
        described["hashOfCorrectedInvoice"] = invoice.corrected_hash
    if facts.authorized:
        nip, name, role = facts.authorized
        described["authorizedSubject"] = {"nip": nip, "name": name, "role": role}
    return described


def _identifier(identity):
    kept = {"type": identity.type}
    return kept | ({"value": identity.value} if identity.value else {})


def _third(third):
    identity, name, role = third
    return {"identifier": _identifier(identity), "name": name, "role": role}


def _within_three_months(start, end):
    """Three calendar months, in UTC or in Polish time: either suffices."""
    for zone in (UTC, WARSAW):
        local = start.astimezone(zone)
        month = local.month + 2
        year, month = local.year + month // 12, month % 12 + 1
        day = min(local.day, monthrange(year, month)[1])
        if end.astimezone(zone) <= local.replace(year=year, month=month, day=day):
            return True
    return False


def _tests(filters):
    """The optional filters, each as a question to one invoice."""
    equal = {
        "ksefNumber": lambda i: i.ksef_number,
        "invoiceNumber": lambda i: i.facts.number,
        "sellerNip": lambda i: i.facts.seller_nip,
    }
    flags = {
        "isSelfInvoicing": lambda i: i.facts.self_billing,
        "hasAttachment": lambda i: i.facts.attachment,
    }
    wanted = [(filters.text(name, required=False), equal[name]) for name in equal]
    wanted += [(filters.flag(name), flags[name]) for name in flags]
    tests = [
        lambda i, value=value, read=read: read(i) == value
        for value, read in wanted
        if value is not None
    ]
    return tests + _lists(filters) + _parts(filters)


def _lists(filters):
    tests = []
    kinds = filters.choices("invoiceTypes", ALL_TYPES)
    currencies = filters.raw().get("currencyCodes") or []
    mode = filters.choice("invoicingMode", ("Online", "Offline"), required=False)
    form = filters.choice("formType", ("FA", "PEF", "FA_RR"), required=False)
    if kinds:
        tests.append(lambda i: TYPES.get(i.facts.kind, "Vat") in kinds)
    if currencies:
        tests.append(lambda i: i.facts.currency in currencies)
    if mode:
        tests.append(lambda i: i.mode == mode)
    if form:
        tests.append(lambda i: form == "FA")
    return tests


def _parts(filters):
    tests = []
    buyer = filters.part("buyerIdentifier", required=False)
    amount = filters.part("amount", required=False)
    if buyer:
        kind, value = buyer.choice("type", BUYERS), buyer.text("value", required=False)
        tests.append(lambda i: i.facts.buyer.type == kind)
        tests.append(lambda i: value is None or i.facts.buyer.value == value)
    if amount:
        name = AMOUNTS[amount.choice("type", AMOUNTS)]
        least, most = amount.amount("from"), amount.amount("to")
        tests.append(lambda i: least is None or getattr(i.facts, name) >= least)
        tests.append(lambda i: most is None or getattr(i.facts, name) <= most)
    return tests
