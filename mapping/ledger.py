"""What is booked on an invoice: its journal items, read once."""

from collections import defaultdict
from functools import cached_property


class Ledger:
    """Sums of the journal items of an invoice by KSeF rate, as the journal has them: a
    sale is negative. Taxes are told by the tax of the item, never by its tags, which
    items under cash accounting do not bear (fa3.md section 4)."""

    def __init__(self, facts):
        self._facts = facts
        self.net = defaultdict(float)
        self.tax = defaultdict(float)
        #: VAT in the currency of the company
        self.tax_booked = defaultdict(float)
        #: Items of Rozliczenie: outside VAT, and cash rounding
        self.outside = []
        for kind, items in facts.items.items():
            for item in items:
                self._read(item, kind)

    def _read(self, item, kind):
        if kind == "product":
            self._read_sale(item, self._facts.rate(item))
        elif tax := item.tax_line_id:
            self._read_tax(item, tax)
        elif kind == "rounding":
            self.outside.append(item)

    def _read_tax(self, item, tax):
        rate = tax.ksef_rate
        if rate == "outside":
            self.outside.append(item)
        elif rate:
            self.tax[rate] += item.amount_currency
            self.tax_booked[rate] += item.balance
        elif item.tax_ids:  # a duty that VAT is charged on
            self._read_sale(item, self._facts.rate(item))

    def _read_sale(self, item, rate):
        if rate == "outside":
            self.outside.append(item)
        elif rate:
            self.net[rate] += item.amount_currency

    @cached_property
    def gross_rates(self):
        """The rates whose prices all include VAT: the VAT is then told from the gross
        amounts (art. 106e(7)-(8)). A correction speaks of a rate as what it corrects:
        its rows are set against those (fa3.md 6.2)."""
        corrected = self._gross_rates(self._facts.corrected_lines)
        own = self._gross_rates(self._facts.lines)
        return {rate for rate, gross in {**own, **corrected}.items() if gross}

    def _gross_rates(self, lines):
        """Return {rate: whether all prices of it in ``lines`` include VAT}."""
        included = defaultdict(set)
        for line in lines:
            taxes = self._facts.line_taxes(line)
            included[self._facts.rate(line)].add(taxes.includes_vat)
        return {rate: answers == {True} for rate, answers in included.items()}

    @cached_property
    def details(self):
        """Odoo's tax details by line id; they add up to the journal items. Costly, for
        what the lines themselves do not say."""
        base_lines, _tax_lines = self._facts.move._get_rounded_base_and_tax_lines()
        return {
            base_line["record"].id: base_line["tax_details"]
            for base_line in base_lines
            if base_line["record"]
        }

    def vat_details(self, line):
        """Return Odoo's details of the VAT of a line."""
        vat = self._facts.taxes(line)
        data = self.details[line.id]["taxes_data"]
        return next(one for one in data if one["tax"] in vat)
