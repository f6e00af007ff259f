"""What the schema cannot say: rules of the law and of the FA(3) brochure.

A rule is a function of a ``Document`` that yields findings. An error is what KSeF or
the law refuses, a warning what is likely a mistake: a warning stops nothing.
"""

from itertools import chain, islice

from lxml import etree

from ...errors import Finding
from . import amounts, annotations, lines, parties
from .document import Document

#: So many findings of one rule are enough to know.
MOST = 100

RULES = (*annotations.RULES, *parties.RULES, *lines.RULES, *amounts.RULES)


def semantic_findings(root: etree._Element) -> tuple[Finding, ...]:
    """What the rules find in the document of ``root``, at most ``MOST`` of each."""
    document = Document(root)
    found = (islice(rule(document), MOST) for rule in RULES)
    return tuple(chain.from_iterable(found))
