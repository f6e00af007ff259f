import random

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..ksef.fa3.text import FORBIDDEN
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .mapping_common import CREATED, ISSUED, MappingCase

ROUNDS = 200
#: Code points of each kind: every plane of Unicode, and what people paste by mistake.
ALPHABETS = (
    *((plane << 16, (plane << 16) + 0xFFFF) for plane in range(17)),
    (0x20, 0x7E),
    (0x01, 0x1F),
    (0x7F, 0x9F),
    (0x100, 0x17F),
    (0x300, 0x36F),
    (0x2000, 0x206F),
    (0xFDD0, 0xFDEF),
    (0xFFF0, 0xFFFF),
)
SURROGATES = (0xD800, 0xDFFF)
LENGTHS = (0, 1, 3, 12, 40, 120, 200)
LONG = (257, 513, 700, 4000)
PARTNER_TEXTS = ("name", "street", "street2", "zip", "city", "email", "phone", "ref")


class Texts:
    """Reproducible random texts: the number of the round is the seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, *, long=0.05):
        """Return a text of one or two alphabets; ``long`` is the chance of one that no
        field of FA(3) could hold."""
        lengths = LONG if self.random.random() < long else LENGTHS
        alphabets = self.random.sample(ALPHABETS, 2)
        return "".join(
            self.character(alphabets) for _n in range(self.random.choice(lengths))
        )

    def character(self, alphabets):
        while True:
            point = self.random.randint(*self.random.choice(alphabets))
            # PostgreSQL stores neither.
            if point and not SURROGATES[0] <= point <= SURROGATES[1]:
                return chr(point)

    def maybe(self, usual):
        """Return what is usually there, or a random text in its place."""
        return usual if self.random.random() < 0.6 else self.text() or False


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingTextsRandom(MappingCase):
    """Whatever people paste into names, addresses and notes: the document is valid, or
    a problem says which record and field to correct. KSeF never refuses the file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.partner"].create(
            {"name": "Oddział", "parent_id": cls.buyer.id, "type": "delivery"}
        )
        cls.broker = cls.env["res.partner"].create(
            {"name": "Broker", "is_company": True}
        )
        cls.usual = {
            partner: {name: partner[name] for name in PARTNER_TEXTS}
            for partner in (
                cls.company.partner_id,
                cls.buyer,
                cls.branch,
                cls.broker,
            )
        }
        cls.poland = cls.env.ref("base.pl")

    def test_200_invoices_with_random_texts(self):
        move = self.invoice()
        valid = told = 0
        for number in range(ROUNDS):
            texts = Texts(number)
            self.write_partners(texts)
            self.write_invoice(move, texts)
            found = problems(move)
            if found:
                self.assertClear(found, number)
                told += 1
            else:
                self.assertAccepted(move, number)
                valid += 1
        self.assertGreater(valid, ROUNDS // 4, "most of them are odd, not wrong")
        self.assertGreater(told, ROUNDS // 20, "some cannot be stated at all")

    def invoice(self):
        row = {"partner_id": self.broker.id, "role": "other", "other_role": "broker"}
        return self.draft(
            self.line(100),
            self.line(7, "vs_kraj_8"),
            Command.create({"display_type": "line_note", "name": "uwaga"}),
            partner_shipping_id=self.branch.id,
            ksef_third_party_ids=[Command.create(row)],
        )

    def write_partners(self, texts):
        for partner, usual in self.usual.items():
            values = {name: texts.maybe(usual[name]) for name in PARTNER_TEXTS}
            if partner.is_company and not values["name"]:
                values["name"] = texts.text() or "."
            values["country_id"] = self.poland.id
            if partner == self.broker:
                odd = texts.maybe(False)
                values["vat"] = odd and f"{odd}77"  # Odoo refuses a single character
            partner.with_context(no_vat_validation=True).write(values)

    def write_invoice(self, move, texts):
        """One write: each would compute the taxes anew."""
        names = [texts.maybe("usługa") or "." for _line in move.invoice_line_ids]
        row = {"other_role": texts.maybe("broker"), "customer_number": texts.text()}
        move.write(
            {
                "name": texts.maybe("FV/1") or "FV/1",
                "ref": texts.maybe(False),
                "narration": texts.text(long=0.2),
                "payment_reference": texts.text(),
                "invoice_line_ids": [
                    Command.update(line.id, {"name": name})
                    for line, name in zip(move.invoice_line_ids, names, strict=True)
                ],
                "ksef_third_party_ids": [
                    Command.update(move.ksef_third_party_ids.id, row)
                ],
            }
        )

    def assertClear(self, found, number):
        for problem in found:
            self.assertTrue(problem.text.strip(), f"round {number}")
            self.assertTrue(problem.record or problem.field, f"round {number}: where?")

    def assertAccepted(self, move, number):
        invoice = to_fa3(move, created=CREATED, issue_date=ISSUED)
        data = fa3.build(invoice)
        found = fa3.violations(data, self.schema)
        self.assertEqual(found, (), f"KSeF would refuse round {number}")
        self.assertEqual(fa3.parse(data), invoice, f"round {number} reads otherwise")
        self.assertNotRegex(data.decode(), FORBIDDEN)
