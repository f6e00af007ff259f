import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import TranslationModuleReader

from ..ksef.errors import CertificateError
from ..tools.user_message import user_message

MODULE = "l10n_pl_ksef"

#: Written alike in both languages: such entries stay empty, as Odoo exports them.
SAME_IN_POLISH = {
    "0 EX",
    "0 KR",
    "0 WDT",
    "1234567890-20260201-0123456789AB-CD",
    "22",
    "23",
    '<span class="o_stat_text">KSeF</span>',
    "<span>-</span>",
    "Bank",
    "CN",
    "E-mail",
    "GLN",
    "GTIN",
    "GTU",
    "ID",
    "Import",
    "KOD I",
    "KOD II",
    "KSeF",
    "KSeF: %s",
    "Link",
    "NIP",
    "Offline",
    "PESEL",
    "Problem",
    "SHA-256",
    "SWIFT",
    "Status",
    "Transport",
    "UPO",
    "VAT",
    "https://api.example.com/v2",
    "https://qr.example.com",
    "https://status.example.com",
    "np I",
    "np II",
    "object._ksef_readable_name()",
    "object._readable_name()",
    "offline24",
    "oo",
    "zw",
    '· <span class="page"/> / <span class="topage"/>',
}

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z%]")
TAG = re.compile(r"</?\w+")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTranslation(TransactionCase):
    """Every text on screen has a Polish translation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.polish = polib.pofile(file_path(f"{MODULE}/i18n/pl.po"))
        cls.template = polib.pofile(file_path(f"{MODULE}/i18n/{MODULE}.pot"))
        addon = cls.env["ir.module.module"].search([("name", "=", MODULE)])
        needed = addon + addon.upstream_dependencies(exclude_states=("",))
        cls.needed = set(needed.mapped("name"))
        cls.on_screen = {source for source, value in cls.terms()}

    @classmethod
    def terms(cls, language=None):
        """Return the pairs (English, translation) that Odoo finds in the addon now."""
        cls.env.flush_all()
        rows = TranslationModuleReader(cls.env.cr, modules=[MODULE], lang=language)
        return [
            (source, value)
            for _, _, name, xmlid, source, value, _ in rows
            if not (name.startswith("ir.model.fields,") and cls.is_strange(xmlid))
        ]

    @classmethod
    def is_strange(cls, xmlid):
        """Whether a field of our models comes from an addon that ours does without: sms
        adds one to whatever has a chatter."""
        record = cls.env.ref(xmlid)
        field = cls.env[record.model]._fields[record.name]
        return bool(field._modules) and cls.needed.isdisjoint(field._modules)

    def assertKept(self, pattern):
        for entry in self.polish.translated_entries():
            with self.subTest(term=entry.msgid):
                self.assertEqual(
                    sorted(pattern.findall(entry.msgstr)),
                    sorted(pattern.findall(entry.msgid)),
                )

    def test_no_term_is_missing(self):
        known = {entry.msgid for entry in self.polish}
        self.assertFalse(self.on_screen - known, "to be translated")

    def test_no_term_is_left_over(self):
        known = {entry.msgid for entry in self.polish}
        self.assertFalse(known - self.on_screen, "shown nowhere any more")
        self.assertFalse(self.polish.obsolete_entries())

    def test_no_translation_is_empty(self):
        empty = {entry.msgid for entry in self.polish if not entry.msgstr.strip()}
        self.assertEqual(empty, SAME_IN_POLISH)

    def test_no_translation_is_a_guess(self):
        self.assertFalse(self.polish.fuzzy_entries())

    def test_placeholders_are_kept(self):
        self.assertKept(PLACEHOLDER)

    def test_markup_is_kept(self):
        self.assertKept(TAG)

    def test_the_template_holds_the_same_terms(self):
        self.assertEqual(
            [entry.msgid for entry in self.template],
            [entry.msgid for entry in self.polish],
        )

    def test_odoo_shows_the_translations(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.env["ir.module.module"]._load_module_terms([MODULE], ["pl_PL"])
        english = {source for source, value in self.terms("pl_PL") if not value}
        self.assertFalse(english - SAME_IN_POLISH, "shown in English all the same")

    def test_an_error_is_told_in_polish(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        env = self.env(context={"lang": "pl_PL"})
        self.assertEqual(
            user_message(env, CertificateError("wrong_password")),
            "Hasło: nie otwiera klucza prywatnego.",
        )
