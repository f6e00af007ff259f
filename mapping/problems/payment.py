"""How the invoice is to be paid."""

from .problem import Problem

ACCOUNT_LENGTHS = (10, 34)  # NrRB


def problems(facts):
    yield from _account(facts)
    yield from _discount(facts)


def _account(facts):
    bank = facts.move.partner_bank_id
    account = bank.sanitized_acc_number
    shortest, longest = ACCOUNT_LENGTHS
    if not facts.adds or not account:
        return
    if not shortest <= len(account) <= longest:
        text = facts.env._(
            "Bank account %(account)s has %(length)s characters, KSeF admits"
            " %(shortest)s to %(longest)s. Correct the account or choose another.",
            account=account,
            length=len(account),
            shortest=shortest,
            longest=longest,
        )
        yield Problem(text, bank, "acc_number")


def _discount(facts):
    """A discount that lowers the tax base at once leaves the lines as they are: P_13
    would say one base, the ledger and JPK_V7 another."""
    move = facts.move
    if move.line_ids.filtered(lambda line: line.display_type == "epd"):
        text = facts.env._(
            "Payment terms %s: the early payment discount reduces the VAT at once. That"
            " cannot be stated in KSeF. Choose other payment terms, or reduce the VAT"
            " only on early payment.",
            move.invoice_payment_term_id.name,
        )
        yield Problem(text, field="invoice_payment_term_id")
