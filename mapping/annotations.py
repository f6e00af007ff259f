"""Adnotacje: what the law wants said in words (art. 106e(1)(16)-(24), (2), (3))."""

from ..ksef import fa3
from . import amounts, parties


def elements(facts):
    return {
        "annotations": fa3.Annotations(
            cash_accounting="on_payment" in facts.all_taxes.mapped("tax_exigibility"),
            self_billing=facts.self_billing,
            reverse_charge=_buyer_accounts_for_vat(facts),
            split_payment=facts.move.ksef_split_payment,
            exemption=amounts.exemption(facts),
            triangular=is_triangular(facts),
        )
    }


def is_triangular(facts):
    """P_23: the second taxpayer of a simplified triangular transaction."""
    return any(tax._ksef_procedure() == "TT_D" for tax in facts.all_taxes)


def _buyer_accounts_for_vat(facts):
    """P_18, art. 106e(1)(18): also where the tax is foreign or of a similar kind."""
    rates = {facts.rate(line) for line in facts.sold}
    business = parties.is_business(facts.buyer)
    return bool(rates & {"np II", "oo"}) or ("np I" in rates and business)
