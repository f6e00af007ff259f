"""Everything that forbids issuing an invoice in KSeF, told at once, before it is
posted: each sentence names the field and says what to do."""

from ..ksef import fa3
from ..tools import warsaw
from . import amounts, parties
from .invoice_out import corrected_invoice, correction_reason, exemption

ACCOUNT_LENGTHS = (10, 34)  # NrRB


def problems(move):
    """Return the sentences for the user, in the language of the environment; an empty
    list when the invoice may be issued."""
    found = [
        *_company(move),
        *_buyer(move),
        *_header(move),
        *_correction(move),
        *_lines(move),
        *_payment(move),
        *_discount(move),
    ]
    # Amounts can only be added up once every line has its rate.
    return found or [*_exemption(move), *_sums(move)]


def _company(move):
    env = move.env
    partner = move.company_id.partner_id
    digits = parties.nip(partner)
    if not digits:
        yield env._(
            "Company %s: enter the NIP (Tax ID). Without it no invoice can be issued"
            " in KSeF.",
            partner.name,
        )
    elif not parties.nip_is_valid(digits):
        yield env._(
            "Company %(company)s: the NIP %(nip)s is not valid. Correct the Tax ID of"
            " the company.",
            company=partner.name,
            nip=digits,
        )
    yield from _party(move, partner, env._("Company %s", partner.name), fa3.Seller)


def _buyer(move):
    env = move.env
    partner = move.commercial_partner_id
    if not partner:
        yield env._("Customer: choose the customer of the invoice.")
        return
    digits = parties.nip(partner)
    if digits and not parties.nip_is_valid(digits):
        yield env._(
            "Customer %(customer)s: the NIP %(nip)s is not valid. Correct the Tax ID"
            ' of the customer, or enter "/" for a customer without one.',
            customer=partner.name,
            nip=digits,
        )
    yield from _identity(move, partner)
    yield from _party(move, partner, env._("Customer %s", partner.name), fa3.Buyer)


def _identity(move, partner):
    env = move.env
    prefix, number = parties.split_vat(partner)
    if prefix == "PL" or not number:
        return
    longest = 12 if prefix in parties.EU_PREFIXES else fa3.limit(fa3.Buyer, "other_id")
    if len(number) > longest:
        yield env._(
            "Customer %(customer)s: the Tax ID %(vat)s has %(length)s characters, KSeF"
            " admits %(limit)s. Correct the Tax ID.",
            customer=partner.name,
            vat=number,
            length=len(number),
            limit=longest,
        )


def _party(move, partner, who, record_class):
    """Name and address of the company or the customer."""
    env = move.env
    country = partner.country_id
    if not fa3.token(partner.name or ""):
        yield env._("%s: enter the name.", who)
    if not country:
        yield env._("%s: choose the country of the address.", who)
    elif country.code not in fa3.COUNTRIES:
        yield env._(
            "%(who)s: KSeF does not know the country %(country)s. Choose another.",
            who=who,
            country=country.name,
        )
    if not (partner.street or partner.street2 or partner.zip or partner.city):
        yield env._("%s: enter the address (street, postcode, city).", who)
    address = parties.address(partner)
    yield from _too_long(move, who, env._("name"), record_class, "name", partner.name)
    yield from _too_long(
        move, who, env._("street"), fa3.Address, "line1", address.line1
    )
    yield from _too_long(
        move, who, env._("postcode and city"), fa3.Address, "line2", address.line2
    )


def _header(move):
    env = move.env
    if move.currency_id.name != "PLN":
        yield env._(
            "Currency %s: only invoices in PLN can be sent to KSeF for now. Change the"
            ' currency, or tick "Do not send to KSeF".',
            move.currency_id.name,
        )
    if move.invoice_date and move.invoice_date > warsaw.today():
        yield env._(
            "Invoice date %s lies in the future. KSeF accepts invoices dated today or"
            " earlier: change the date, or post the invoice on that day.",
            move.invoice_date,
        )
    if not amounts.product_lines(move):
        yield env._("The invoice has no lines. Add at least one.")
    who = env._("Invoice")
    yield from _too_long(move, who, env._("number"), fa3.Invoice, "number", move.name)


def _correction(move):
    env = move.env
    original = corrected_invoice(move)
    if original:
        yield from _original(env, original)
    elif move.move_type == "out_refund":
        yield env._(
            "Credit note: KSeF wants to know which invoice it corrects. Make it with"
            ' the button "Credit Note" on that invoice.'
        )
    who, field = env._("Credit note"), env._("reason (reference)")
    reason = correction_reason(move) if original else None
    yield from _too_long(move, who, field, fa3.Invoice, "correction_reason", reason)


def _original(env, original):
    """The corrected invoice must be in KSeF, on its way, or lawfully outside it."""
    if original.state != "posted":
        yield env._(
            "Corrected invoice %s is not posted: nothing is there to correct. Post it"
            " first, or leave the correction in draft.",
            original.name,
        )
    elif original.ksef_state == "rejected" and not original.ksef_locked:
        yield env._(
            "Corrected invoice %s was rejected by KSeF: nothing is there to correct."
            " Correct that invoice itself and send it again.",
            original.name,
        )


def _lines(move):
    env = move.env
    for line in amounts.product_lines(move):
        name = fa3.token(line.name or line.product_id.name or "")
        who = env._("Line “%s”", _shortened(name))
        if not name:
            yield env._("A line without description: enter what is sold.")
        yield from _too_long(move, who, env._("description"), fa3.Line, "name", name)
        yield from _line_tax(move, line, who)
    for line in move.line_ids.filtered("tax_repartition_line_id"):
        if line.display_type == "rounding":
            yield env._(
                "Cash rounding %s changes the VAT. Choose a rounding method with the"
                ' strategy "Add a rounding line".',
                line.name,
            )


def _line_tax(move, line, who):
    env = move.env
    taxes = line.tax_ids.flatten_taxes_hierarchy()
    rated = amounts.vat_taxes(line)
    if not taxes:
        yield env._("%s: choose a tax. KSeF wants a VAT rate on every line.", who)
    elif not rated:
        yield env._(
            "%(who)s: choose the KSeF rate of the tax %(tax)s (Accounting >"
            " Configuration > Taxes > Advanced Options).",
            who=who,
            tax=", ".join(taxes.mapped("name")),
        )
    elif len(rated) > 1:
        yield env._(
            "%(who)s: keep one VAT rate; it has %(taxes)s.",
            who=who,
            taxes=", ".join(rated.mapped("name")),
        )


def _payment(move):
    env = move.env
    account = move.partner_bank_id.sanitized_acc_number
    shortest, longest = ACCOUNT_LENGTHS
    if move.move_type == "out_refund" or not account:
        return
    if not shortest <= len(account) <= longest:
        yield env._(
            "Bank account %(account)s has %(length)s characters, KSeF admits"
            " %(shortest)s to %(longest)s. Correct the account or choose another.",
            account=account,
            length=len(account),
            shortest=shortest,
            longest=longest,
        )


def _discount(move):
    """A discount that lowers the tax base at once leaves the lines as they are: P_13
    would say one base, the ledger and JPK_V7 another."""
    if move.line_ids.filtered(lambda line: line.display_type == "epd"):
        yield move.env._(
            "Payment terms %s: the early payment discount reduces the VAT at once. That"
            " cannot be stated in KSeF. Choose other payment terms, or reduce the VAT"
            " only on early payment.",
            move.invoice_payment_term_id.name,
        )


def _exemption(move):
    env = move.env
    taxes = amounts.product_lines(move).tax_ids.flatten_taxes_hierarchy()
    exempt = taxes.filtered(lambda tax: tax.ksef_rate == "zw")
    bare = exempt.filtered(lambda t: not (t.ksef_exemption and t.ksef_exemption_basis))
    for tax in bare:
        yield env._(
            "Tax %s: enter the provision that exempts the sale from VAT (Accounting >"
            " Configuration > Taxes > Advanced Options > KSeF exemption).",
            tax.name,
        )
    if bare or not exempt:
        return
    if len(set(exempt.mapped("ksef_exemption_basis"))) > 1:
        yield env._(
            "Taxes %s are exempt on different kinds of legal basis, an invoice in KSeF"
            " can name one. Issue separate invoices.",
            ", ".join(exempt.mapped("name")),
        )
    who = env._("Tax %s", ", ".join(exempt.mapped("name")))
    field = env._("KSeF exemption provision")
    provision = exemption(move).text
    yield from _too_long(move, who, field, fa3.Exemption, "text", provision)


def _sums(move):
    """The total must be the sum of net and VAT; other taxes would be lost."""
    env = move.env
    stated = sum(rate.net + (rate.tax or 0) for rate in amounts.totals(move))
    if stated != amounts.total(move):
        yield env._(
            "The total of the invoice, %(total)s, differs from the sum of net and VAT,"
            " %(sum)s. Remove taxes that are not VAT.",
            total=amounts.total(move),
            sum=stated,
        )


def _too_long(move, who, field, record_class, name, text):
    """``who`` and ``field`` say it to the user, the class and ``name`` to the model."""
    limit = fa3.limit(record_class, name)
    length = len(fa3.token(text or ""))
    if length > limit:
        yield move.env._(
            "%(who)s: the %(field)s has %(length)s characters, KSeF admits %(limit)s."
            " Shorten it.",
            who=who,
            field=field,
            length=length,
            limit=limit,
        )


def _shortened(text):
    return text if len(text) <= 40 else f"{text[:39]}…"
