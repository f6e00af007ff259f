import unittest

from ..fa3.foreign import carries_document_type, is_ministry_invoice

LEVELS = "".join(
    f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10)
)
BOMB = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "x">{LEVELS}]>'
LOCAL = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
FA3 = b'<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/"'


class TestForeignFiles(unittest.TestCase):
    """A document type is seen in every encoding, wherever entities stand and whether or
    not the file is whole, before anything is expanded."""

    def test_document_types(self) -> None:
        for name, text in (
            ("in text", f"{BOMB}<a>&e9;</a>"),
            ("in an attribute", f'{BOMB}<a b="&e9;"/>'),
            ("cut", f"{BOMB}<a>&e9;"),
            ("local file", LOCAL),
            ("external", '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>'),
        ):
            for encoding in ("utf-8", "utf-16"):
                with self.subTest(name=name, encoding=encoding):
                    self.assertTrue(carries_document_type(text.encode(encoding)))

    def test_another_encoding(self) -> None:
        hidden = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>'
        self.assertTrue(carries_document_type(hidden))

    def test_no_document_type(self) -> None:
        for data in (b"", b"<a/>", b"<a", b"%PDF-1.7", b"<!-- <!DOCTYPE a> --><a/>"):
            self.assertFalse(carries_document_type(data), data)

    def test_invoices_of_the_ministry(self) -> None:
        for data in (
            FA3 + b">",
            b'<?xml version="1.0"?>\n<!-- a --><x:Faktura\n xmlns:x=' + FA3[15:] + b">",
            FA3.replace(b"2025/06/25/13775", b"2023/06/29/12648") + b"><cut",
        ):
            self.assertTrue(is_ministry_invoice(data), data)

    def test_other_files(self) -> None:
        jpk = b'<JPK xmlns="http://crd.gov.pl/wzor/2021/12/27/11148/"><FakturaCtrl/>'
        for data in (b"", b"%PDF", b"<Faktura/>", jpk):
            self.assertFalse(is_ministry_invoice(data), data)
