import unittest
from pathlib import Path

from lxml import etree

from odoo.tests import BaseCase, tagged
from odoo.tools import file_open

from ..ksef import fa3

SHARED = Path(__file__).resolve().parents[2] / "shared"
OFFICIAL = SHARED / "ksef" / "xsd" / "schemat_FA(3)_v1-0E.xsd"


@unittest.skipUnless(OFFICIAL.is_file(), "needs the official schema in ../shared")
@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingSchema(BaseCase):
    """The schema that comes with Odoo is the ministry's."""

    def test_same_verdict_on_every_sample(self):
        with file_open("l10n_pl_edi/data/fa3_schema.xsd", "rb") as xsd:
            brought = fa3.load_schema(xsd)
        official = fa3.load_schema(OFFICIAL.read_bytes())
        for path in sorted(SHARED.glob("samples/fa3/*/*.xml")):
            data = path.read_bytes()
            self.assertEqual(fa3.check(data, brought), fa3.check(data, official), path)

    def test_same_content(self):
        def content(data):
            """The rules without the explanations, which differ in white space."""
            parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
            root = etree.fromstring(data, parser)
            etree.strip_elements(root, "{*}annotation", with_tail=False)
            return etree.tostring(root, method="c14n")

        with file_open("l10n_pl_edi/data/fa3_schema.xsd", "rb") as xsd:
            self.assertEqual(content(xsd.read()), content(OFFICIAL.read_bytes()))
