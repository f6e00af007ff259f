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
    ]
    # Amounts can only be added up once every line has its rate.
    return found or [*_exemption(move), *_sums(move)]


def _company(move):
    _ = move.env._
    partner = move.company_id.partner_id
    digits = parties.nip(partner)
    if not digits:
        yield _(
            "Company %s: enter the NIP (Tax ID). Without it no invoice can be issued"
            " in KSeF.",
            partner.name,
        )
    elif not parties.nip_is_valid(digits):
        yield _(
            "Company %(company)s: the NIP %(nip)s is not valid. Correct the Tax ID of"
            " the company.",
            company=partner.name,
            nip=digits,
        )
    yield from _party(move, partner, _("Company %s", partner.name), fa3.Seller)


def _buyer(move):
    _ = move.env._
    partner = move.commercial_partner_id
    if not partner:
        yield _("Customer: choose the customer of the invoice.")
        return
    digits = parties.nip(partner)
    if digits and not parties.nip_is_valid(digits):
        yield _(
            "Customer %(customer)s: the NIP %(nip)s is not valid. Correct the Tax ID"
            ' of the customer, or enter "/" for a customer without one.',
            customer=partner.name,
            nip=digits,
        )
    yield from _identity(move, partner)
    yield from _party(move, partner, _("Customer %s", partner.name), fa3.Buyer)


def _identity(move, partner):
    _ = move.env._
    prefix, number = parties.split_vat(partner)
    if prefix == "PL" or not number:
        return
    longest = 12 if prefix in parties.EU_PREFIXES else fa3.limit(fa3.Buyer, "other_id")
    if len(number) > longest:
        yield _(
            "Customer %(customer)s: the Tax ID %(vat)s has %(length)s characters, KSeF"
            " admits %(limit)s. Correct the Tax ID.",
            customer=partner.name,
            vat=number,
            length=len(number),
            limit=longest,
        )


def _party(move, partner, who, record_class):
    """Name and address of the company or the customer."""
    _ = move.env._
    country = partner.country_id
    if not fa3.token(partner.name or ""):
        yield _("%s: enter the name.", who)
    if not country:
        yield _("%s: choose the country of the address.", who)
    elif country.code not in fa3.COUNTRIES:
        yield _(
            "%(who)s: KSeF does not know the country %(country)s. Choose another.",
            who=who,
            country=country.name,
        )
    if not (partner.street or partner.street2 or partner.zip or partner.city):
        yield _("%s: enter the address (street, postcode, city).", who)
    address = parties.address(partner)
    yield from _too_long(move, who, _("name"), record_class, "name", partner.name)
    yield from _too_long(move, who, _("street"), fa3.Address, "line1", address.line1)
    yield from _too_long(
        move, who, _("postcode and city"), fa3.Address, "line2", address.line2
    )


def _header(move):
    _ = move.env._
    if move.currency_id.name != "PLN":
        yield _(
            "Currency %s: only invoices in PLN can be sent to KSeF for now. Change the"
            ' currency, or tick "Do not send to KSeF".',
            move.currency_id.name,
        )
    if move.invoice_date and move.invoice_date > warsaw.today():
        yield _(
            "Invoice date %s lies in the future. KSeF accepts invoices dated today or"
            " earlier: change the date, or post the invoice on that day.",
            move.invoice_date,
        )
    if not amounts.product_lines(move):
        yield _("The invoice has no lines. Add at least one.")
    who = _("Invoice")
    yield from _too_long(move, who, _("number"), fa3.Invoice, "number", move.name)


def _correction(move):
    _ = move.env._
    original = corrected_invoice(move)
    if not original:
        if move.move_type == "out_refund":
            yield _(
                "Credit note: KSeF wants to know which invoice it corrects. Make it"
                ' with the button "Credit Note" on that invoice.'
            )
        return
    if original.ksef_state == "rejected":
        yield _(
            "Corrected invoice %s was rejected by KSeF: nothing is there to correct."
            " Correct that invoice itself and send it again.",
            original.name,
        )
    elif original.ksef_document_id and not original.ksef_number:
        yield _(
            "Corrected invoice %s has no KSeF number yet. Wait until KSeF has accepted"
            " it, then post the correction.",
            original.name,
        )
    yield from _too_long(
        move,
        _("Credit note"),
        _("reason (reference)"),
        fa3.Invoice,
        "correction_reason",
        correction_reason(move),
    )


def _lines(move):
    _ = move.env._
    for line in amounts.product_lines(move):
        name = fa3.token(line.name or line.product_id.name or "")
        who = _("Line %s", f"“{_shortened(name)}”")
        if not name:
            yield _("A line without description: enter what is sold.")
        yield from _too_long(move, who, _("description"), fa3.Line, "name", name)
        yield from _line_tax(move, line, who)
    for line in move.line_ids.filtered("tax_repartition_line_id"):
        if line.display_type == "rounding":
            yield _(
                "Cash rounding %s changes the VAT. Choose a rounding method with the"
                ' strategy "Add a rounding line".',
                line.name,
            )


def _line_tax(move, line, who):
    _ = move.env._
    taxes = line.tax_ids.flatten_taxes_hierarchy()
    rated = amounts.vat_taxes(line)
    if not taxes:
        yield _("%s: choose a tax. KSeF wants a VAT rate on every line.", who)
    elif not rated:
        yield _(
            "%(who)s: choose the KSeF rate of the tax %(tax)s (Accounting >"
            " Configuration > Taxes > Advanced Options).",
            who=who,
            tax=", ".join(taxes.mapped("name")),
        )
    elif len(rated) > 1:
        yield _(
            "%(who)s: keep one VAT rate; it has %(taxes)s.",
            who=who,
            taxes=", ".join(rated.mapped("name")),
        )


def _payment(move):
    _ = move.env._
    account = move.partner_bank_id.sanitized_acc_number
    shortest, longest = ACCOUNT_LENGTHS
    if move.move_type == "out_refund" or not account:
        return
    if not shortest <= len(account) <= longest:
        yield _(
            "Bank account %(account)s has %(length)s characters, KSeF admits"
            " %(shortest)s to %(longest)s. Correct the account or choose another.",
            account=account,
            length=len(account),
            shortest=shortest,
            longest=longest,
        )


def _exemption(move):
    _ = move.env._
    taxes = amounts.product_lines(move).tax_ids.flatten_taxes_hierarchy()
    exempt = taxes.filtered(lambda tax: tax.ksef_rate == "zw")
    bare = exempt.filtered(lambda t: not (t.ksef_exemption and t.ksef_exemption_basis))
    for tax in bare:
        yield _(
            "Tax %s: enter the provision that exempts the sale from VAT (Accounting >"
            " Configuration > Taxes > Advanced Options > KSeF exemption).",
            tax.name,
        )
    if bare or not exempt:
        return
    if len(set(exempt.mapped("ksef_exemption_basis"))) > 1:
        yield _(
            "Taxes %s are exempt on different kinds of legal basis, an invoice in KSeF"
            " can name one. Issue separate invoices.",
            ", ".join(exempt.mapped("name")),
        )
    who = _("Tax %s", ", ".join(exempt.mapped("name")))
    field = _("KSeF exemption provision")
    provision = exemption(move).text
    yield from _too_long(move, who, field, fa3.Exemption, "text", provision)


def _sums(move):
    """The total must be the sum of net and VAT; other taxes would be lost."""
    _ = move.env._
    stated = sum(rate.net + (rate.tax or 0) for rate in amounts.totals(move))
    if stated != amounts.total(move):
        yield _(
            "The total of the invoice, %(total)s, differs from the sum of net and VAT,"
            " %(sum)s. Remove taxes that are not VAT and early payment discounts that"
            " reduce the VAT.",
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
