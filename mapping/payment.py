"""Platnosc: how and until when to pay."""

import re

from ..ksef import fa3
from . import parties

BANK_TRANSFER = "6"  # FormaPlatnosci
SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def elements(facts):
    return {"payment": _payment(facts)}


def _payment(facts):
    """Return due dates and the account to pay to; none on a credit note, which asks
    for no payment."""
    if not facts.adds:
        return None
    instalments = facts.move.line_ids.filtered(
        lambda line: line.display_type == "payment_term"
    )
    days = sorted(set(instalments.mapped("date_maturity")) - {False})
    account = _bank_account(facts.move.partner_bank_id)
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
