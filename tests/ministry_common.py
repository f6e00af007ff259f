import re
from decimal import Decimal
from pathlib import Path

from ..ksef import fa3
from ..ksef.fa3.difference import differences
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .mapping_common import CREATED, MappingCase

EXAMPLES = Path(__file__).resolve().parents[2] / "shared/samples/fa3/mf-official"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

#: Differs in every document: what the issuing program chooses for itself.
OWN = {
    "Fa/FaWiersz[*]/UU_ID": "every line of ours has an identity of its own",
}


class MinistryCase(MappingCase):
    """The business cases of the ministry's published examples, from Odoo's records."""

    own = OWN

    def example(self, name):
        """The bytes of a published example; skips where `../shared` is absent."""
        if not EXAMPLES.is_dir():
            self.skipTest("needs ../shared/samples")
        return (EXAMPLES / name).read_bytes()

    def assertSaysLike(self, move, name, justified):
        """The document of ``move`` says what the example says, element by element,
        apart from what is ``justified``.

        :param justified: reasons by path; ``[*]`` stands for any number or none,
            ``/**`` at the end for everything below
        """
        theirs = self.example(name)
        self.assertEqual(problems(move), [], "a right invoice has no problems")
        invoice = to_fa3(move, created=CREATED, issue_date=move.invoice_date)
        data = fa3.build(invoice)
        self.assertEqual(fa3.check(data, self.schema), (), "KSeF would refuse it")
        reasons = {_pattern(path): path for path in self.own | justified}
        unused = set(justified)
        unjustified = []
        for one in differences(theirs, data):
            if _same(one.old, one.new):
                continue
            known = [path for p, path in reasons.items() if p.fullmatch(one.path)]
            unused.difference_update(known)
            if not known:
                unjustified.append(f"{one.path}: {one.old!r}, ours {one.new!r}")
        self.assertEqual(unjustified, [], f"{name}: differences without a reason")
        self.assertEqual(unused, set(), f"{name}: no such difference any more")


def _same(old, new):
    if old is None or new is None:
        return False
    if _NUMBER.fullmatch(old) and _NUMBER.fullmatch(new):
        return Decimal(old) == Decimal(new)
    return old == new


def _pattern(path):
    text = re.escape(path).replace(re.escape("[*]"), r"(\[\d+\])?")
    return re.compile(text.replace(re.escape("/**"), r"([/@\[].*)?"))
