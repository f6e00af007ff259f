"""DodatkowyOpis, Stopka, Zalacznik: free texts.

The document is in Polish, so are the keys that it gives to texts of Odoo.
"""

from ..ksef import fa3
from ..ksef.fa3.text import permitted
from . import amounts, attachment, lines
from .plain import chunks, pairs, paragraphs, plain

NOTE = "Uwagi"  # notes between the lines of an invoice
NARRATION = "Informacje dodatkowe"  # terms and conditions below them

FOOTER_LENGTH, FOOTER_TEXTS = 3500, 3  # StopkaFaktury, Informacje


def elements(facts):
    return {
        "descriptions": tuple(_descriptions(facts)),
        "footer": facts.known.once(_footer, facts.company, facts.self_billing),
        "attachment": attachment.attachment(facts.move),
    }


# ----------------------------------------------------------------------
# DodatkowyOpis
# ----------------------------------------------------------------------


def _descriptions(facts):
    yield from lines.overflow(facts)
    for item in facts.ledger.outside:
        yield from _rows(lines.NAME_CONTINUED, amounts.reason_parts(item)[1:])
    rows = facts.move.ksef_description_ids
    given = {fa3.token(row.key or "").casefold() for row in rows}
    for row in rows:
        number = _number(facts, row.line_id)
        yield from _rows(row.key, chunks(row.value, _limit()), number)
    for key, value in facts.known.once(_of_company, facts.company):
        if key.casefold() not in given:
            yield from _rows(key, chunks(value, _limit()))
    yield from _notes(facts)
    yield from _rows(NARRATION, paragraphs(plain(facts.move.narration), _limit()))


def _of_company(company):
    return tuple(pairs(company.ksef_descriptions))


def _limit():
    return fa3.limit(fa3.Description, "value")


def _rows(key, values, number=None):
    """Yield a ``Description`` for every piece of a text; the second and further ones
    are counted in the key, where it has room for that."""
    key = fa3.token(key or "")
    for count, value in enumerate(values, start=1):
        counted = f"{key} ({count})" if count > 1 else key
        room = len(counted) <= fa3.limit(fa3.Description, "key")
        yield fa3.Description(line=number, key=counted if room else key, value=value)


def _notes(facts):
    """Yield the notes of the printed invoice, each with the number of the line that it
    follows."""
    above = None
    for line, kind in facts.printed:
        if kind == "product":
            above = line
        elif kind == "line_note":
            values = paragraphs(line.name, _limit())
            yield from _rows(NOTE, values, _number(facts, above))
        else:  # a section
            above = None


def _number(facts, line):
    """Return NrWierszaFa of a line, ``None`` where the document has no such line."""
    return lines.number_of(facts, line) if line else None


# ----------------------------------------------------------------------
# Stopka
# ----------------------------------------------------------------------


def _footer(company, self_billing):
    """Return the footer of the company, ``None`` without one."""
    register = fa3.Register(
        name=fa3.token(company.name) if self_billing else None,
        krs=krs(company) or None,
        regon=company.ksef_regon or None,
        bdo=company.ksef_bdo or None,
    )
    told = register.krs or register.regon or register.bdo
    footer = fa3.Footer(
        texts=footer_texts(company), registers=(register,) if told else ()
    )
    return fa3.filled(footer)


def krs(company):
    """Return the number in the National Court Register: from the settings, else the
    Company ID where that looks like one."""
    number = company.ksef_krs or company.company_registry or ""
    return number if len(number) == 10 and number.isdigit() else ""


def footer_texts(company):
    """Return the text of the settings, else the footer of Odoo's documents, in up to
    three pieces; line breaks are kept."""
    text = company.ksef_footer or plain(_polish(company).report_footer)
    left = permitted(text or "").replace("\r", "").strip()
    pieces = []
    while left and len(pieces) < FOOTER_TEXTS:
        end = _footer_end(left)
        pieces.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return tuple(pieces)


def _footer_end(text):
    if len(text) <= FOOTER_LENGTH:
        return len(text)
    ends = (text.rfind(part, 0, FOOTER_LENGTH + 1) for part in ("\n", " "))
    return next((end for end in ends if end > 0), FOOTER_LENGTH)


def _polish(company):
    """The texts of the company in Polish, if the database has that language."""
    polish = company.env["res.lang"]._get_data(code="pl_PL")
    return company.with_context(lang="pl_PL") if polish else company
