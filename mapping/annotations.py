"""Adnotacje: what the law wants said in words (art. 106e(1)(16)-(24), (2), (3))."""

from dataclasses import replace
from decimal import Decimal

from ..ksef import fa3
from . import amounts, parties, vehicles
from .facts import Facts, money

#: Art. 106e(1)(18a), art. 108a(1a).
SPLIT_PAYMENT_ABOVE = Decimal(15000)

#: The words of the law, in the order of Adnotacje.
WORDS = {
    "cash_accounting": "metoda kasowa",
    "self_billing": "samofakturowanie",
    "reverse_charge": "odwrotne obciążenie",
    "split_payment": "mechanizm podzielonej płatności",
    "triangular": "VAT: Faktura WE uproszczona na mocy art. 135-138 ustawy o ptu",
}
#: The scheme of a tax that names none.
COMMON_MARGIN = fa3.Margin.SECOND_HAND.value

MARGIN_WORDS = {
    fa3.Margin.TRAVEL_AGENT: "procedura marży dla biur podróży",
    fa3.Margin.SECOND_HAND: "procedura marży - towary używane",
    fa3.Margin.WORKS_OF_ART: "procedura marży - dzieła sztuki",
    fa3.Margin.ANTIQUES: "procedura marży - przedmioty kolekcjonerskie i antyki",
}


def elements(facts):
    """Return Adnotacje, FP and TP. A correction without lines of its own states what
    its original does."""
    stating = facts if facts.lines or not facts.original else Facts(facts.original)
    made = replace(
        _stated(stating),
        self_billing=facts.self_billing,
        split_payment=facts.move.ksef_split_payment,
        exemption=amounts.exemption(stating),
        new_transport=vehicles.new_transport(facts),
    )
    return {
        "annotations": made,
        "receipt": facts.move.ksef_receipt,
        "related_parties": _is_related(facts),
    }


def _stated(facts):
    return fa3.Annotations(
        **facts.known.once(_of_taxes, facts.standing_taxes),
        reverse_charge=_buyer_accounts_for_vat(facts),
    )


def _of_taxes(taxes):
    """Return the annotations that follow from the taxes alone."""
    return {
        "cash_accounting": "on_payment" in taxes.mapped("tax_exigibility"),
        "triangular": "TT_D" in taxes.mapped("ksef_procedure"),
        "margin": next(iter(_margins(taxes)), None),
    }


def is_triangular(facts):
    """P_23: the second taxpayer of a simplified triangular transaction."""
    return facts.known.once(_of_taxes, facts.standing_taxes)["triangular"]


def margins(facts):
    """Return the margin schemes of the lines; an invoice can state one."""
    return facts.known.once(_margins, facts.all_taxes)


def _margins(taxes):
    taxes = taxes.filtered(lambda tax: tax.ksef_rate == "margin")
    schemes = dict.fromkeys(tax.ksef_margin or COMMON_MARGIN for tax in taxes)
    return [fa3.Margin(scheme) for scheme in schemes]


def _buyer_accounts_for_vat(facts):
    """P_18, art. 106e(1)(18): also where the tax is foreign or of a similar kind."""
    rates = {facts.rate(line) for line in facts.standing_lines}
    return bool(rates & {"np II", "oo"}) or (
        "np I" in rates and parties.is_business(facts.buyer)
    )


def _is_related(facts):
    """TP: the other party has links with the company."""
    other = facts.move.partner_id | facts.move.commercial_partner_id
    return facts.known.once(_has_links, other)


def _has_links(partners):
    return any(partners.mapped("l10n_pl_links_with_customer"))


def split_payment_due(facts):
    """Whether P_18A must be stated: over 15 000 PLN gross, with goods or services of
    annex 15 that bear Polish VAT, to a taxpayer (art. 106e(1)(18a)). Where no VAT is
    charged there is none to pay apart. A correction counts with its original: what it
    states is the state after it."""
    if not any(facts.lines.product_id.mapped("ksef_annex_15")):
        return False
    lines = facts.lines.filtered("product_id.ksef_annex_15")
    return bool(
        any(_bears_vat(facts.rate(line)) for line in lines)
        and parties.is_business(facts.buyer)
        and _total_in_pln(facts) + _corrected_in_pln(facts) > SPLIT_PAYMENT_ABOVE
    )


def _bears_vat(rate):
    return bool(fa3.PERCENTS.get(rate))


def _total_in_pln(facts):
    """Return P_15 in PLN; of an invoice that is being typed in, without journal items
    yet, the sum of its lines."""
    total = amounts.total(facts) if facts.move.id else _total_of_lines(facts)
    return total * facts.exchange_rate if facts.is_foreign else total


def _total_of_lines(facts):
    inside = facts.lines - facts.outside
    total = money(sum(inside.mapped("price_total")))
    return total if facts.adds else -total


def _corrected_in_pln(facts):
    return sum(_total_in_pln(Facts(move)) for move in facts.originals)


def sentences(facts):
    """Return the words that the printed invoice must bear, in Polish, as the law has
    them; the exemption where the document is issued and so proven right."""
    made = replace(
        _stated(facts),
        self_billing=facts.self_billing,
        split_payment=facts.move.ksef_split_payment,
    )
    words = [text for name, text in WORDS.items() if getattr(made, name)]
    words += [MARGIN_WORDS[margin] for margin in margins(facts)]
    exemption = facts.move.ksef_document_id and amounts.exemption(facts)
    if exemption:
        words.append(f"zwolnienie od podatku: {exemption.text}")
    return words + vehicles.sentences(facts)
