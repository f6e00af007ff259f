"""What every section of a document needs to know of an invoice, found once."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from . import dates, deliveries
from .chain import chain, moves
from .corrected import corrected_invoice, is_correction, originals
from .kinds import ADVANCES, kind, settling_lines
from .known import Known
from .ledger import Ledger
from .line_taxes import line_taxes

CENT = Decimal("0.01")
RATE_UNIT = Decimal("0.000001")


def money(amount):
    """Return a float amount of the ledger as exact grosze."""
    return Decimal(repr(amount)).quantize(CENT, rounding=ROUND_HALF_UP) + 0


def _database(parameters):
    return (parameters.sudo().get_param("database.uuid") or "")[:8]


def _rounding(company):
    return company.tax_calculation_rounding_method


def _flat(taxes):
    return taxes.flatten_taxes_hierarchy()


def _is_untaxed(line):
    """Return whether a line without a tax is outside VAT: its product is, or it is the
    down payment for such products of its order."""
    if "is_downpayment" not in line._fields or not line.is_downpayment:
        return line.product_id.ksef_outside_vat
    line = line.sudo()
    orders = (
        line.order_id
        if line._name == "sale.order.line"
        else line.sale_line_ids.order_id
    )
    ordered = orders.order_line.filtered(
        lambda one: not (one.display_type or one.is_downpayment or one.tax_ids)
    )
    return bool(ordered) and all(one.product_id.ksef_outside_vat for one in ordered)


class Facts:
    """One invoice, credit note or self-billed bill. Reads records, writes nothing."""

    def __init__(self, move):
        self.move = move
        self.env = move.env
        self.company = move.company_id
        self.known = Known.of(move.env)
        self._line_taxes, self._rates = {}, {}

    @cached_property
    def self_billing(self):
        """The buyer issues the document: a bill in a journal for self-billing."""
        return self.move.is_purchase_document()

    @cached_property
    def seller(self):
        if self.self_billing:
            return self.move.commercial_partner_id
        return self.company.partner_id

    @cached_property
    def buyer(self):
        if self.self_billing:
            return self.company.partner_id
        return self.move.commercial_partner_id

    @cached_property
    def adds(self):
        """The document adds to what is owed: it is no credit note."""
        return self.move.move_type not in ("out_refund", "in_refund")

    def stated(self, amount):
        """Return an amount of a journal item with the sign of the document: an invoice
        adds, a credit note takes away."""
        return money(amount if self.self_billing else -amount)

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    @cached_property
    def lines(self):
        """The lines that sell something, in the order of the printed invoice."""
        lines = self.move.invoice_line_ids
        sold = [line.id for line, kind in self.printed if kind == "product"]
        # Those of all invoices at hand are read together.
        return lines.browse(sold).with_prefetch(lines._prefetch_ids)

    @cached_property
    def printed(self):
        """(line, its ``display_type``) of the printed invoice, from top to bottom."""
        lines = self.move.invoice_line_ids.sorted("sequence")
        return [(line, line.display_type) for line in lines]

    @cached_property
    def items(self):
        """{``display_type``: journal items}; those of all invoices at hand are read
        together."""
        lines = self.move.line_ids
        found = defaultdict(list)
        for line in lines:
            found[line.display_type].append(line.id)
        prefetch = lines._prefetch_ids
        return {
            kind: lines.browse(ids).with_prefetch(prefetch)
            for kind, ids in found.items()
        }

    def items_of(self, display_type):
        """Return the journal items of a kind."""
        return self.items.get(display_type, self.move.line_ids.browse())

    @cached_property
    def sold(self):
        """The lines of FaWiersz: goods and services inside VAT. An advance has none,
        its settlement does not repeat the advance (fa3.md 6.3)."""
        if self.kind in ADVANCES:
            return self.lines.browse()
        left_out = self.outside | self.settling
        return self.lines - left_out if left_out else self.lines

    @cached_property
    def settling(self):
        """The lines that take an advance away from what is sold."""
        if self.kind in ADVANCES:
            return self.lines.browse()
        marked = self.settles_advances
        return self.lines & marked if marked else marked

    @cached_property
    def settles_advances(self):
        """The lines that would do so on an invoice that is no advance itself."""
        return settling_lines(self.move)

    @cached_property
    def rounds_per_line(self):
        """The company computes the VAT of each line by itself."""
        return self.known.once(_rounding, self.company) == "round_per_line"

    @cached_property
    def outside(self):
        """The lines of Rozliczenie: deposits, fees, costs reimbursed (fa3.md 6.4)."""
        return self.lines.filtered(lambda line: self.rate(line) == "outside")

    def taxes(self, line):
        """Return the taxes of a line that bear a KSeF rate; a right line has one. A
        deposit beside the VAT is none of them."""
        return self.line_taxes(line).vat

    def line_taxes(self, line):
        """Return the ``LineTaxes`` of a line."""
        key = line._name, line.id
        if key not in self._line_taxes:
            self._line_taxes[key] = self.known.once(line_taxes, line.tax_ids)
        return self._line_taxes[key]

    def rate(self, line):
        """Return the KSeF rate of a line, ``None`` when it has none. Without a tax only
        the product can say that the line is outside VAT."""
        key = line._name, line.id
        if key not in self._rates:
            rate = self.line_taxes(line).rate
            if not rate and not line.tax_ids and _is_untaxed(line):
                rate = "outside"
            self._rates[key] = rate
        return self._rates[key]

    @cached_property
    def numbers(self):
        """{id of a line: NrWierszaFa}."""
        return {line.id: number for number, line in enumerate(self.sold, start=1)}

    @cached_property
    def supply_days(self):
        """{id of a line: its day of supply}."""
        return dates.supply_days(self)

    @cached_property
    def deliveries(self):
        """{id of a line: (its stock moves, whether they are all of it)}."""
        return deliveries.deliveries(self)

    @cached_property
    def database(self):
        """What tells the lines of this database from those of another."""
        return self.known.once(_database, self.env["ir.config_parameter"])

    @cached_property
    def all_taxes(self):
        return self.known.once(_flat, self.lines.tax_ids)

    # ------------------------------------------------------------------
    # Currency
    # ------------------------------------------------------------------

    @cached_property
    def currency(self):
        return self.move.currency_id.name

    @cached_property
    def is_foreign(self):
        return self.currency != "PLN"

    @cached_property
    def books_pln(self):
        """The company keeps its books in PLN."""
        return self.company.currency_id.name == "PLN"

    @cached_property
    def exchange_rate(self):
        """PLN for one unit of the currency, as KursWaluty wants it: the rate of the
        books. Books in another currency have no PLN rate: then that of Odoo's table
        for the day that decides, of a correction the original's (fa3.md 7.6, 7.8)."""
        if self.books_pln:
            rate = 1 / Decimal(repr(self.move.invoice_currency_rate or 1.0))
        else:
            move = self.original or self.move
            rate = Decimal(repr(move._ksef_pln_rate()))
        return rate.quantize(RATE_UNIT, rounding=ROUND_HALF_UP)

    @cached_property
    def ledger(self):
        """What is booked."""
        return Ledger(self)

    # ------------------------------------------------------------------
    # Kind
    # ------------------------------------------------------------------

    @cached_property
    def corrects(self):
        """The document is a correction."""
        return is_correction(self.move)

    @cached_property
    def originals(self):
        """The invoices of Odoo that this one corrects in the end."""
        return originals(self.move)

    @cached_property
    def corrected_lines(self):
        """The lines that these invoices sell."""
        lines = self.originals.invoice_line_ids
        return lines.filtered(lambda line: line.display_type == "product")

    @cached_property
    def standing_lines(self):
        """The lines that tell how what is sold is taxed: of a correction its own and
        those of its original whose tax it leaves in force, since it states what is
        right after it (fa3.md 6.2)."""
        if not self.corrects:
            return self.lines
        lines = self.lines
        if not lines or len(self.originals) == 1:
            lines |= self.corrected_lines
        left = defaultdict(float)
        for move in (*moves(self.move), self.move):
            for line in move.invoice_line_ids:
                left[line.tax_ids] += line.amount_currency
        return lines.filtered(lambda line: abs(left[line.tax_ids]) > 0.005) or lines

    @cached_property
    def standing_taxes(self):
        """The taxes of these lines."""
        if not self.corrects:
            return self.all_taxes
        return self.known.once(_flat, self.standing_lines.tax_ids)

    @cached_property
    def chain(self):
        """The ``fa3.Invoice`` of these originals and of their earlier corrections,
        oldest first; ``None`` where Odoo does not hold all of them."""
        return chain(self.move)

    @cached_property
    def original(self):
        """The invoice that this one corrects in the end, empty for none."""
        return corrected_invoice(self.move)

    @cached_property
    def kind(self):
        """RodzajFaktury."""
        return kind(self)
