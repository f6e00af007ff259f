"""Posted customer invoice → ``fa3.Invoice``. What must not be is in ``problems``."""

import re

from odoo import release

from ..ksef import fa3
from . import amounts, parties

SYSTEM = f"Odoo {release.series} / l10n_pl_ksef"
BANK_TRANSFER = "6"  # FormaPlatnosci
SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
AT_CORRECTION = "2"  # TypKorekty: booked on the date of the correction


def to_fa3(move, *, created, issue_date):
    """Return the document of an invoice or credit note that ``problems`` finds right.

    :param created: aware datetime of the document, DataWytworzeniaFa
    :param issue_date: P_1
    """
    original = corrected_invoice(move)
    lines = amounts.lines(move, original)
    in_eu_trade = _in_eu_trade(lines)
    partner = move.commercial_partner_id
    return fa3.Invoice(
        created=created,
        system=SYSTEM,
        seller=parties.seller(move.company_id, in_eu_trade=in_eu_trade),
        buyer=parties.buyer(partner, in_eu_trade=in_eu_trade),
        currency=move.currency_id.name,
        issue_date=issue_date,
        issue_place=parties.fitting(fa3.Invoice, "issue_place", move.company_id.city),
        number=fa3.token(move.name),
        supply_date=_supply_date(original or move),
        totals=amounts.totals(move),
        total=amounts.total(move),
        annotations=_annotations(move, lines),
        **_correction(move, original),
        lines=lines,
        settlement=amounts.settlement(move),
        payment=_payment(move),
    )


def corrected_invoice(move):
    """Return the invoice that a credit or debit note corrects in the end: further
    corrections name the first invoice again (FA(3) brochure p. 69-70)."""
    original = move.reversed_entry_id or move.debit_origin_id
    while earlier := original.reversed_entry_id or original.debit_origin_id:
        original = earlier
    return original


def correction_reason(move):
    """Return the reason that the user gave. Odoo writes it after the number of the
    corrected invoice, in the language of the partner."""
    number = (move.reversed_entry_id or move.debit_origin_id).name or ""
    _before, found, after = (move.ref or "").partition(number)
    reason = after.lstrip(", ") if number and found else move.ref
    return fa3.token(reason or "") or None


def exemption(move):
    """Return the provision that exempts the exempt lines, ``None`` without such lines.
    Several provisions of one basis are joined."""
    taxes = amounts.product_lines(move).tax_ids.flatten_taxes_hierarchy()
    exempt = taxes.filtered(lambda tax: tax.ksef_rate == "zw")
    if not exempt:
        return None
    provisions = dict.fromkeys(fa3.token(tax.ksef_exemption) for tax in exempt)
    return fa3.Exemption(
        basis=fa3.Basis(exempt[0].ksef_exemption_basis), text="; ".join(provisions)
    )


def _in_eu_trade(lines):
    return any(
        line.rate in parties.EU_RATES or line.procedure == "TT_D" for line in lines
    )


def _supply_date(move):
    """Return P_6: the date of supply where it differs from the date of issue; of a
    correction that of the corrected invoice (example 2 of the ministry)."""
    supplied = move.taxable_supply_date
    return supplied if supplied and supplied != move.invoice_date else None


def _annotations(move, lines):
    taxes = amounts.product_lines(move).tax_ids.flatten_taxes_hierarchy()
    return fa3.Annotations(
        cash_accounting="on_payment" in taxes.mapped("tax_exigibility"),
        reverse_charge=_buyer_accounts_for_vat(move, lines),
        split_payment=move.ksef_split_payment,
        exemption=exemption(move),
        triangular=any(line.procedure == "TT_D" for line in lines),
    )


def _buyer_accounts_for_vat(move, lines):
    """P_18, art. 106e(1)(18): also where the tax is foreign or of a similar kind."""
    business = parties.is_business(move.commercial_partner_id)
    rates = {line.rate for line in lines}
    return bool(rates & {"np II", "oo"}) or ("np I" in rates and business)


def _correction(move, original):
    if not original:
        return {"kind": fa3.Kind.INVOICE}
    corrected = fa3.CorrectedInvoice(
        issue_date=original.invoice_date,
        number=fa3.token(original.name),
        ksef_number=original.ksef_number or None,
    )
    return {
        "kind": fa3.Kind.CORRECTION,
        "correction_reason": correction_reason(move),
        "correction_type": AT_CORRECTION if move.move_type == "out_refund" else None,
        "corrected": (corrected,),
    }


def _payment(move):
    """Return due dates and the account to pay to; none on a credit note, which asks
    for no payment."""
    if move.move_type == "out_refund":
        return None
    instalments = move.line_ids.filtered(
        lambda line: line.display_type == "payment_term"
    )
    days = sorted(set(instalments.mapped("date_maturity")) - {False})
    account = _bank_account(move.partner_bank_id)
    if not days and not account:
        return None
    return fa3.Payment(
        due=tuple(fa3.Due(day=day) for day in days),
        method=BANK_TRANSFER if account else None,
        accounts=(account,) if account else (),
    )


def _bank_account(account):
    if not account:
        return None
    bank = account.bank_id
    return fa3.BankAccount(
        number=account.sanitized_acc_number,
        swift=bank.bic if SWIFT.fullmatch(bank.bic or "") else None,
        bank=parties.fitting(fa3.BankAccount, "bank", bank.name),
    )
