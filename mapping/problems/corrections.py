"""What a credit or debit note has to say of the invoice that it corrects."""

from ...ksef import fa3
from .. import amounts, former_parties, parties
from ..corrected import originals
from ..corrections import BEFORE_AFTER, NAMES, NONE, correction_reason
from .problem import Problem, shortened, too_long

#: Texts of a correction: field of the invoice, field of the model.
TEXTS = (
    ("ksef_corrected_period", "corrected_period"),
    (
        "ksef_corrected_number",
        "corrected_number",
    ),
)


def problems(facts):
    if not facts.corrects:
        return
    yield from _corrected(facts)
    yield from _texts(facts)
    yield from _lines(facts)
    if facts.chain:
        yield from _buyer(facts)
        yield from _seller(facts)
    yield from _former_parties(facts)


# ----------------------------------------------------------------------
# Corrected invoices
# ----------------------------------------------------------------------


def _corrected(facts):
    env, rows = facts.env, facts.move.ksef_corrected_ids
    if not facts.originals and not rows:
        text = env._(
            "Correction: KSeF wants to know which invoice it corrects. Make it with the"
            ' button "Credit Note" on that invoice, or enter that invoice on the tab'
            " KSeF, Corrected invoices."
        )
        yield Problem(text, field="ksef_corrected_ids")
    for original in facts.originals:
        yield from _original(env, original)
        if original.currency_id != facts.move.currency_id:
            text = env._(
                "Corrected invoice %(number)s is in %(currency)s, and so must be its"
                " correction: change the currency.",
                number=original.name,
                currency=original.currency_id.name,
            )
            yield Problem(text, field="currency_id")
    for row in rows.filtered(lambda row: not row.original_id):
        yield from _typed(env, row)


def _original(env, original):
    """The corrected invoice must be in KSeF, on its way, or lawfully outside it."""
    if original.state != "posted":
        text = env._(
            "Corrected invoice %s is not posted: nothing is there to correct. Post it"
            " first, or leave the correction in draft.",
            original.name,
        )
        yield Problem(text, original)
    elif original.ksef_state == "rejected" and not original.ksef_locked:
        text = env._(
            "Corrected invoice %s was rejected by KSeF: nothing is there to correct."
            " Correct that invoice itself and send it again.",
            original.name,
        )
        yield Problem(text, original)


def _typed(env, row):
    """An invoice of another program: number, date, and its number in KSeF."""
    number = fa3.token(row.number or "")
    who = env._("Corrected invoice %s", number or "–")
    told = list(
        too_long(env, who, env._("number"), fa3.CorrectedInvoice, "number", number)
    )
    if not number:
        told.append(env._("%s: enter its number.", who))
    if not row.issue_date:
        told.append(env._("%s: enter its date of issue.", who))
    told += _typed_ksef_number(env, row, who)
    for text in told:
        yield Problem(text, field="ksef_corrected_ids")


def _typed_ksef_number(env, row, who):
    if row.outside_ksef:
        return
    if not row._stated_number():
        yield env._(
            '%s: enter its KSeF number, or tick "Issued outside KSeF".',
            who,
        )
    elif not row._has_valid_number():
        yield env._(
            "%(who)s: %(number)s is no KSeF number, or one of its characters is wrong."
            " Copy it from KSeF.",
            who=who,
            number=row.ksef_number,
        )


# ----------------------------------------------------------------------
# What it says
# ----------------------------------------------------------------------


def _texts(facts):
    env, move = facts.env, facts.move
    who, field = env._("Correction"), env._("reason (reference)")
    reason = correction_reason(move)
    for told in too_long(env, who, field, fa3.Invoice, "correction_reason", reason):
        yield Problem(told, field="ref")
    for name, stated in TEXTS:
        label = move._fields[name]._description_string(env)
        for told in too_long(env, who, label, fa3.Invoice, stated, move[name]):
            yield Problem(told, field=name)


def _lines(facts):
    env, move = facts.env, facts.move
    chosen = move.ksef_correction_method
    changes_amounts = bool(facts.move.amount_total)
    if chosen in (NAMES, NONE) and changes_amounts and not move.ksef_corrected_period:
        text = env._(
            "Correction: lines may be left out of a discount on all sales of a period"
            " only. Enter the period on the tab KSeF, or state the lines."
        )
        yield Problem(text, field="ksef_corrected_period")
    if chosen == BEFORE_AFTER and facts.chain is None:
        text = env._(
            "Correction: Odoo does not hold the KSeF files of the corrected invoice and"
            " of its earlier corrections, so the state before is not known. State the"
            " lines as a difference (tab KSeF, Lines in KSeF)."
        )
        yield Problem(text, field="ksef_correction_method")
    yield from _linked(facts)


def _linked(facts):
    """A line is about a line of the invoices that are corrected, or of their earlier
    corrections."""
    for line in facts.lines:
        first = line.ksef_corrected_line_id.move_id
        if first and not facts.originals & (first | originals(first)):
            text = facts.env._(
                "Line “%(line)s”: its corrected line is on %(invoice)s, which this"
                " document does not correct. Choose a line of the corrected invoice,"
                " or none.",
                line=shortened(line.name or ""),
                invoice=first.display_name,
            )
            yield Problem(text, field="invoice_line_ids")


# ----------------------------------------------------------------------
# Parties
# ----------------------------------------------------------------------


def _buyer(facts):
    """Another identifier is another buyer: nothing but a correction to zero can cure
    that (fa3.md 6.2)."""
    if not _is_another(facts) or former_parties.is_to_zero(facts):
        return
    before = facts.chain[-1].buyer
    now = parties.elements(facts)["buyer"]
    text = facts.env._(
        "Customer %(customer)s: the corrected invoice was issued for the Tax ID"
        " %(before)s, now it is %(now)s. A Tax ID cannot be corrected by itself:"
        " reverse the whole invoice with a credit note, then issue a new invoice.",
        customer=facts.buyer.name,
        before=former_parties.number(before) or "–",
        now=former_parties.number(now) or "–",
    )
    yield Problem(text, facts.buyer, "vat")


def _is_another(facts):
    now = parties.elements(facts)["buyer"]
    return former_parties.number(facts.chain[-1].buyer) != former_parties.number(now)


def _seller(facts):
    before = facts.chain[-1].seller
    now = parties.elements(facts)["seller"]
    if facts.move.ksef_former_parties and before.nip != now.nip:
        text = facts.env._(
            "Company %(company)s: the corrected invoice was issued with the NIP"
            " %(before)s, now it is %(now)s. A NIP cannot be corrected by itself:"
            " reverse the whole invoice with a credit note, then issue a new invoice.",
            company=facts.seller.name,
            before=before.nip,
            now=now.nip,
        )
        yield Problem(text, facts.seller, "vat")


def _former_parties(facts):
    env, move = facts.env, facts.move
    if not move.ksef_former_parties:
        return
    if facts.chain is None:
        text = env._(
            "Correction: Odoo does not hold the KSeF file of the corrected invoice, so"
            ' the former names and addresses are not known. Untick "Corrects names or'
            ' addresses" and say in the reason what was wrong.'
        )
        yield Problem(text, field="ksef_former_parties")
    elif not (amounts.total(facts) or _is_another(facts) or _states_former(facts)):
        text = env._(
            "Correction: names and addresses are the same as on the corrected invoice."
            " Correct them on the customer first (or on the company), or untick"
            ' "Corrects names or addresses".'
        )
        yield Problem(text, facts.buyer, "name")


def _states_former(facts):
    stated = former_parties.elements(facts)
    return bool(stated.keys() & {"former_seller", "former_buyers", "buyer"})
