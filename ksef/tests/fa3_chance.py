"""FA(3) invoices by chance, of whatever the model describes and the schema admits."""

import random
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from ksef import fa3
from ksef.fa3 import values
from ksef.fa3.elements import Inner, elements
from ksef.tests.fa3_tree import declared

_PARTY = [("nip",), ("eu_prefix", "eu_number"), ("id_country", "other_id")]
_PARTY += [("other_id",), ("no_id",)]
_METHOD = [("method",), ("other_method",), ()]
# The choices of the schema: of each group one alternative is given, all of it.
_CHOICES = {
    fa3.Buyer: [_PARTY],
    fa3.FormerBuyer: [_PARTY],
    fa3.Carrier: [_PARTY],
    fa3.ThirdParty: [[*_PARTY, ("internal_id",)], [("role",), ("other_role",)]],
    fa3.Vehicle: [
        [
            ("mileage", "vin", "type"),
            ("mileage", "body_number"),
            ("mileage", "chassis_number"),
            ("mileage", "frame_number"),
            ("vessel_hours", "hull_number"),
            ("aircraft_hours", "factory_number"),
        ]
    ],
    fa3.NewTransport: [[("vehicles",)]],
    fa3.AdvanceInvoice: [[("number",), ("ksef_number",)]],
    fa3.Settlement: [[("to_pay",), ("overpaid",), ()]],
    fa3.PartPayment: [_METHOD],
    fa3.Payment: [_METHOD, [("paid", "paid_on"), ("partial", "parts"), ()]],
    fa3.Due: [[("count", "unit", "event"), ()]],
    fa3.Terms: [[("contract_rate", "contract_currency"), ()]],
    fa3.Transport: [[("kind",), ("other_kind",)], [("cargo",), ("other_cargo",)]],
    fa3.Invoice: [
        [("supply_date",), ("period_from", "period_to"), ()],
        [("total_before", "rate_before"), ("total_before",), ()],
    ],
}
_CORRECTION = ["correction_reason", "correction_type", "corrected_period"]
_CORRECTION += ["corrected_number", "former_seller", "former_buyers"]
_CORRECTION += ["total_before", "rate_before"]

_LETTERS = "aąćżŻ0 9-&<>\"'/€漢🙂\u0085\u00a0]"


class Chance:
    """Makes records. ``share``: how much of what is optional is given; at 1 everything
    that the choices of the schema leave."""

    def __init__(self, seed, share):
        self.random = random.Random(seed)
        self.share = share

    def some(self):
        return self.random.random() < self.share

    def invoice(self, kind):
        corrected = self.share == 1 or self.some()
        without = () if corrected else ("corrected", *_CORRECTION)
        return self.record(fa3.Invoice, "", {"kind": kind}, without, corrected)

    def record(self, record_class, path, given=(), without=(), corrected=False):
        """A ``record_class`` whose element is ``path``."""
        chosen, refused = self._chosen(record_class)
        chosen |= {"corrected"} if corrected else set()
        result = dict(given)
        optional = {f.name for f in fields(record_class) if f.default is not MISSING}
        for name, described in elements(record_class).items():
            where = "/".join(step for step in (path, *described.path) if step)
            if name in result or name in refused or name in without:
                continue
            must = name in chosen or name not in optional
            if not (must or self._must(where, described) or self._given(described)):
                continue
            value = self._value(name, where, described, must)
            if value is not None:
                result[name] = value
        return record_class(**result)

    def _chosen(self, record_class):
        chosen, refused = set(), set()
        for group in _CHOICES.get(record_class, ()):
            taken = self.random.choice([one for one in group if one or self.share < 1])
            chosen |= set(taken)
            refused |= {name for one in group for name in one} - set(taken)
        return chosen, refused

    def _given(self, described):
        """What has an element for its absence is absent now and then."""
        if described.otherwise or described.path[0] in ("Zwolnienie", "PMarzy"):
            return self.some() and self.random.random() < 0.7
        return self.some()

    def _must(self, where, described):
        return described.many and declared()[where].mandatory

    def _value(self, name, where, described, must):
        special = getattr(self, f"_{name}", None)
        if described.path[-1] == "":
            return special(must)
        if not described.many:
            return self._one(where, described.type)
        count = self.random.choice([1, 2])
        return tuple(self._one(where, described.type) for _each in range(count))

    def _one(self, where, type_):
        if isinstance(type_, type):
            return self.record(type_, where)
        if isinstance(type_, Inner):
            inside = f"{where}/{type_.name}"
            if not type_.many:
                return self._one(inside, type_.type)
            return (self._one(inside, type_.type), self._one(inside, type_.type))
        if where.endswith("@Typ"):
            return self.random.choice(["date", "datetime", "dec", "int", "time", "txt"])
        codes = declared()[where].codes
        if codes:
            return type_.from_text(self.random.choice(codes))
        return self._simple(where.rpartition("/")[2], type_)

    def _simple(self, name, type_):
        pattern = _PATTERNS.get(name)
        if pattern:
            return self._like(pattern)
        if isinstance(type_, values.Number):
            digits = 2 if type_ is values.PERCENT else 14
            limit = 10 ** (digits + type_.places)
            low = 0 if type_ is values.PERCENT else -limit
            return Decimal(self.random.randint(low + 1, limit - 1)).scaleb(
                -type_.places
            )
        if type_ is values.DAY:
            return date(2016, 7, 1) + timedelta(days=self.random.randint(0, 12000))
        if type_ is values.MOMENT:
            return self._created(True)
        if isinstance(type_, values.Whole):
            return self.random.randint(1, 10**14 - 1)
        if type_ is values.FLAG:
            return True
        if type_ is values.YES_NO:
            return self.random.random() < 0.5
        return self._text(type_)

    def _like(self, pattern):
        """``pattern`` with a digit for every 9 and a letter for every A."""
        digit, letter = "123456789", "ABCXYZ"
        return "".join(
            self.random.choice({"9": digit, "A": letter}.get(one, one))
            for one in pattern
        )

    def _text(self, type_):
        length = self.random.choice([type_.limit, self.random.randint(1, 9)])
        length = min(length, type_.limit)
        body = "".join(self.random.choices(_LETTERS, k=length))
        if isinstance(type_, values.Lines):
            return f"x\n  {body}"[:length]
        if isinstance(type_, values.Cell) and not self.some():
            return ""
        return f"x{fa3.token(body)}"[:length].strip()

    def _created(self, _must):
        seconds = self.random.randint(0, 700_000_000)
        return datetime(2025, 9, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)

    def _totals(self, _must):
        return tuple(self._total(bucket) for bucket in fa3.Bucket if self.some())

    def _total(self, bucket):
        amount = lambda: self._simple("", values.AMOUNT)  # noqa: E731
        tax = amount() if bucket.tax else None
        if bucket is fa3.Bucket.OSS and not self.some():
            tax = None
        pln = amount() if bucket.tax_pln and self.some() else None
        return fa3.RateTotal(bucket=bucket, net=amount(), tax=tax, tax_pln=pln)

    def _exemption(self, _must):
        basis = self.random.choice(list(fa3.Basis))
        return fa3.Exemption(basis=basis, text=self._text(values.TEXT))

    def _margin(self, _must):
        return self.random.choice(list(fa3.Margin))


_PATTERNS = {
    "NIP": "9999999999",
    "IDWew": "9999999999-99999",
    "NrVatUE": "AA999999999A",
    "NrID": "A-99/99 A",
    "NrKSeFFaKorygowanej": "9999999999-20260131-999999999999-99",
    "NrKSeFFaZaliczkowej": "9999999999-20260131-999999999999-99",
    "Email": "A@A.pl",
    "EmailPU": "A@A.pl",
    "NrRB": "99999999999999999999999999",
    "SWIFT": "AAAAAA99AAA",
    "LinkDoPlatnosci": "https://AA.example.com/?a=9&IPKSeF=999AAAAAAAAAA",
    "IPKSeF": "999AAAAAAAAAA",
    "KRS": "9999999999",
    "REGON": "999999999",
}
