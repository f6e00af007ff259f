"""Bank accounts to pay to."""

import re

from ..ksef import fa3
from .parties import fitting
from .third_parties import factor

SHORTEST, LONGEST = 10, 34  # NrRB
SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def own_accounts(facts):
    """Return the accounts of the seller: the recipient bank of the invoice and those
    added for KSeF."""
    chosen = facts.known.once(_chosen, facts.move)
    return chosen - _of_factor(chosen, facts) if factor(facts) else chosen


def _chosen(move):
    return move.partner_bank_id | move.ksef_bank_ids


def factor_accounts(facts):
    """Return the accounts of the factor, who has bought the claim: those chosen on the
    invoice, else its account in the currency of the invoice, else its first."""
    chosen = facts.known.once(_chosen, facts.move)
    if not factor(facts):
        return chosen.browse()
    found = _of_factor(chosen, facts)
    banks = factor(facts).commercial_partner_id.bank_ids
    same = banks.filtered(lambda b: b.currency_id == facts.move.currency_id)
    return found or (same or banks)[:1]


def _of_factor(banks, facts):
    partner = factor(facts).commercial_partner_id
    return banks.filtered(lambda b: b.partner_id.commercial_partner_id == partner)


def account(record):
    """Return the ``BankAccount`` of a ``res.partner.bank``. What the schema does not
    admit of the bank is left out."""
    bank = record.bank_id
    bic = (bank.bic or "").upper()
    return fa3.BankAccount(
        number=number(record),
        swift=bic if SWIFT.fullmatch(bic) else None,
        own_bank=record.ksef_own_bank or None,
        bank=fitting(fa3.BankAccount, "bank", bank.name),
        description=record.currency_id.name or None,
    )


def number(record):
    """Return NrRB. A short number, as of an account in the USA, is preceded by the
    clearing (routing) number of its bank."""
    digits = record.sanitized_acc_number or ""
    if len(digits) < SHORTEST and record.clearing_number:
        return re.sub(r"\W", "", record.clearing_number).upper() + digits
    return digits
