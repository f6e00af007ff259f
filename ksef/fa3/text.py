"""Texts as FA(3) takes them: permitted characters, white space, length."""

import re

# XML 1.0 section 2.2 and the ranges KSeF refuses (weryfikacja-faktury.md):
# controls other than tab and line breaks, U+007F-U+0084, U+0086-U+009F,
# U+FDD0-U+FDEF, the last two code points of every plane, lone surrogates.
_LAST_OF_PLANES = "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    f"\ud800-\udfff\ufdd0-\ufdef{_LAST_OF_PLANES}]"
)
_XML_SPACE = re.compile("[ \t\r\n]+")


def permitted(text: str) -> str:
    """``text`` without the characters that KSeF refuses: none of them is printable."""
    return text if text.isprintable() else FORBIDDEN.sub("", text)


def collapsed(text: str) -> str:
    """``text`` as ``xsd:token`` reads it: one blank between words, none outside."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _XML_SPACE.sub(" ", text).strip(" ")


def token(text: str) -> str:
    """The permitted, collapsed ``text``: what stands in the document."""
    return collapsed(permitted(text))
