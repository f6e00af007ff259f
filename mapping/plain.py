"""Texts of Odoo as texts of FA(3): without markup, in pieces that fit."""

import re
from functools import lru_cache

from lxml import html as lxml_html
from markupsafe import Markup

from ..ksef import fa3
from ..ksef.fa3.text import permitted

_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li"
    " main ol p pre section table tr ul".split()
)
_CELLS = frozenset({"td", "th"})
# Where a text may be parted: after a sentence, else between words.
_SENTENCE = re.compile(r"[.!?;:](?= )")


@lru_cache(maxsize=256)
def plain(markup):
    """Return the text of an HTML field: blocks and breaks begin a new line, the address
    of a link follows its text. What KSeF takes in no text, no parser takes either."""
    markup = permitted(markup or "")
    if not markup or not re.search(r"[<&]", markup):
        return markup.strip()
    pieces = []
    _collect(lxml_html.fragment_fromstring(str(Markup(markup)), "div"), pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _collect(element, pieces):
    if not isinstance(element.tag, str):  # a comment
        return
    block = element.tag in _BLOCKS
    pieces.append("\n" if block else "")
    pieces.append(_inline(element.text))
    for child in element:
        _collect(child, pieces)
        pieces.append(_inline(child.tail))
    address = element.get("href") or ""
    if address.startswith("http") and address not in "".join(pieces):
        pieces.append(f" ({address})")
    pieces.append("\n" if block and element.tag != "br" else "")
    pieces.append(" " if element.tag in _CELLS else "")


def _inline(text):
    """Line breaks in the source of HTML are blanks."""
    return re.sub(r"\s+", " ", text or "")


def chunks(text, limit):
    """Return ``text`` in pieces of at most ``limit`` characters, which joined by blanks
    give it back: parted after sentences that fill half a piece, else between words; a
    longer word is parted as it comes."""
    text = fa3.token(text or "")
    pieces = []
    while len(text) > limit:
        end = _end(text, limit)
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return (*pieces, text) if text else tuple(pieces)


def _end(text, limit):
    sentences = [found.end() for found in _SENTENCE.finditer(text[: limit + 1])]
    if sentences and sentences[-1] >= limit // 2:
        return sentences[-1]
    blank = text.rfind(" ", 0, limit + 1)
    return blank if blank > 0 else limit


def paragraphs(text, limit):
    """Return the lines of ``text`` that say something, each in ``chunks``."""
    return tuple(
        piece for line in (text or "").splitlines() for piece in chunks(line, limit)
    )


def pairs(text):
    """Yield key and value of every line “key: value”; a line without a colon has no
    value."""
    for line in (text or "").splitlines():
        key, _colon, value = line.partition(":")
        if fa3.token(line):
            yield fa3.token(key), fa3.token(value)
