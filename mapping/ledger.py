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
        for item in facts.move.line_ids:
            self._read(item)

    def _read(self, item):
        tax = item.tax_line_id
        if item.display_type == "product":
            self._read_sale(item, self._facts.rate(item))
        elif item.display_type == "rounding" and not tax:
            self.outside.append(item)
        elif tax.ksef_rate == "outside":
            self.outside.append(item)
        elif tax.ksef_rate:
            self.tax[tax.ksef_rate] += item.amount_currency
            self.tax_booked[tax.ksef_rate] += item.balance
        elif tax and item.tax_ids:  # a duty that VAT is charged on
            self._read_sale(item, self._facts.rate(item))

    def _read_sale(self, item, rate):
        if rate == "outside":
            self.outside.append(item)
        elif rate:
            self.net[rate] += item.amount_currency

    @cached_property
    def gross_rates(self):
        """The rates whose prices all include VAT: the VAT is then told from the gross
        amounts (art. 106e(7)-(8))."""
        included = defaultdict(set)
        for line in self._facts.lines:
            included[self._facts.rate(line)].add(self._includes_vat(line))
        return {rate for rate, answers in included.items() if answers == {True}}

    def _includes_vat(self, line):
        tax = line.tax_ids
        return bool(
            is_plain(line)
            and tax.amount
            and tax.price_include
            and tax == self._facts.taxes(line)
        )

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


def is_plain(line):
    """Return whether the line has one simple tax of a percentage."""
    return len(line.tax_ids) == 1 and line.tax_ids.amount_type == "percent"
