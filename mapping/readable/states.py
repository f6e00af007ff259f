"""A correction that states its lines before and after: both side by side.

What no line changes stands once; what changes stands in both states, amounts with their
difference. Rows of one line have its UU_ID, else its number (brochure, StanPrzed).
"""

from dataclasses import dataclass
from typing import Any

from odoo.tools.translate import LazyTranslate

from .page import Cell, Field, Grid
from .traits import column, name_position, with_details

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

BEFORE = _lt("Before correction")
AFTER = _lt("After correction")
DIFFERENCE = _lt("Difference")


@dataclass(frozen=True)
class Pair:
    """A line before and after; one of them is missing where it was added or removed."""

    before: Any = None
    after: Any = None

    @property
    def any(self):
        return self.after or self.before

    def texts(self, trait, speech):
        """Return what the trait is before and after."""
        states = (self.before, self.after)
        return [trait.text(line, speech) if line else "" for line in states]

    def difference(self, name):
        """Return by how much an amount changes; None where neither state has it."""
        states = (self.before, self.after)
        before, after = (getattr(line, name, None) for line in states)
        if before is None and after is None:
            return None
        return (after or 0) - (before or 0)


def has_states(lines):
    return any(line.before for line in lines)


def pairs(lines):
    """Return the pairs of ``lines``, in the order in which they stand."""
    waiting = {}
    for line in lines:
        if line.before:
            for key in _keys(line):
                waiting.setdefault(key, []).append(line)
    found = []
    partners = set()
    for after in (line for line in lines if not line.before):
        before = _partner(after, waiting, partners)
        partners.add(id(before))
        found.append(Pair(before, after))
    found += [Pair(before=x) for x in lines if x.before and id(x) not in partners]
    places = {id(line): place for place, line in enumerate(lines)}
    return sorted(found, key=lambda pair: places[id(pair.before or pair.after)])


def both_states(lines, columns, details, speech):
    """Return the table of ``lines`` with both states side by side."""
    found = pairs(lines)
    used = [t for t in columns if any(any(p.texts(t, speech)) for p in found)]
    changed = [t for t in used if not t.shared and _changes(t, found, speech)]
    once = [trait for trait in used if trait not in changed]
    summed = [trait for trait in changed if trait.amount]
    heads = [column(trait, speech) for trait in once]
    for word, traits in ((BEFORE, changed), (AFTER, changed), (DIFFERENCE, summed)):
        heads += [column(trait, speech, speech.label(word)) for trait in traits]
    rows = [
        with_details(
            _cells(pair, once, changed, summed, speech),
            name_position(once),
            _details(pair, details, speech),
        )
        for pair in found
    ]
    return Grid(tuple(heads), tuple(rows))


def _keys(line):
    """Return by what a line is known, the surer one first."""
    by_id = [("uid", line.uid)] if line.uid else []
    return [*by_id, ("number", line.number)]


def _partner(after, waiting, partners):
    for key in _keys(after):
        for before in waiting.get(key, ()):
            if id(before) not in partners:
                return before
    return None


def _changes(trait, found, speech):
    """Whether the trait differs. Of a line that was added or removed only numbers do:
    its name and its unit stand once."""
    whole = [p for p in found if trait.numeric or (p.before and p.after)]
    return any(len(set(pair.texts(trait, speech))) > 1 for pair in whole)


def _cells(pair, once, changed, summed, speech):
    texts = [trait.text(pair.any, speech) for trait in once]
    states = [pair.texts(trait, speech) for trait in changed]
    texts += [before for before, _after in states]
    texts += [after for _before, after in states]
    texts += [speech.amount(pair.difference(trait.amount)) for trait in summed]
    return [Cell(text) for text in texts]


def _details(pair, details, speech):
    for trait in details:
        before, after = pair.texts(trait, speech)
        if before == after or not (pair.before and pair.after):
            text = after or before
        else:
            text = f"{before or '-'} \N{RIGHTWARDS ARROW} {after or '-'}"
        if text:
            yield Field(speech.label(trait.word), text)
