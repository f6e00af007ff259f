"""The whole invoice, section by section, in the order in which people read."""

from odoo.tools.translate import LazyTranslate

from . import conditions, enclosure, goods, head, paying, people, remarks, sums
from .page import Page
from .words import KINDS

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

SECTIONS = (
    people.sections,
    head.sections,
    head.corrected_sections,
    people.former_sections,
    goods.sections,
    sums.sections,
    head.advance_sections,
    remarks.sections,
    paying.sections,
    goods.order_sections,
    conditions.sections,
    remarks.description_sections,
    enclosure.sections,
    remarks.footer_sections,
)


CAPTIONS = {
    "KOD I": _lt("Check this invoice in KSeF"),
    "KOD II": _lt("Check who issued this invoice"),
}


def readable(invoice, speech, ksef_number=None, codes=()):
    """Return the ``Page`` of an invoice of any kind.

    :param speech: the ``Speech`` of the reader
    :param codes: dicts of the QR codes, drawn
    """
    said = (section for part in SECTIONS for section in part(invoice, speech))
    captions = (speech.label(CAPTIONS[code["name"]]) for code in codes)
    return Page(
        title=speech.label(KINDS[invoice.kind]),
        number=invoice.number,
        sections=tuple(said),
        ksef_number=(*speech.field(head.KSEF_NUMBER, ksef_number, strong=True),),
        codes=tuple(zip(captions, codes, strict=True)),
    )
