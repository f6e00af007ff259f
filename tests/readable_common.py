import base64
import dataclasses
import html
import re
from datetime import date, datetime
from decimal import Decimal

from ..ksef.crypto import sha256_b64
from ..mapping.readable import Speech

KSEF_NUMBER = "1111111111-20260215-8BEF280C8D35-4D"

POLISH = Speech(("pl_PL",))
ENGLISH = Speech(("en_US",))
BOTH = Speech(("pl_PL", "en_US"))

#: Fields whose codes are shown in words, or written in another way than they stand.
IN_WORDS = {
    "cargo",
    "correction_type",
    "country",
    "id_country",
    "kind",
    "method",
    "own_bank",
    "partial",
    "rate",
    "role",
    "status",
    "type",
}


class Readable:
    """Documents of files, and what stands on their page."""

    def received(self, xml, **values):
        """A document that KSeF delivered, as the accountant finds it."""
        document = self.env["ksef.document"].sudo()
        return self.as_accountant(
            document.create(
                {
                    "company_id": self.company.id,
                    "environment": "test",
                    "direction": "received",
                    "state": "received",
                    "ksef_number": KSEF_NUMBER,
                    "xml": base64.b64encode(xml),
                    "sha256": sha256_b64(xml),
                    "size": len(xml),
                    **values,
                }
            )
        )

    def words(self, markup):
        """The text of HTML without blanks."""
        text = re.sub(r"<style>.*?</style>", " ", str(markup), flags=re.S)
        return solid(html.unescape(re.sub(r"<[^>]+>", " ", text)))


def solid(text):
    """Return ``text`` without blanks: those of accounts and numbers are ours."""
    return re.sub(r"\s+", "", text)


def said(value, speech, name=""):
    """Yield (field, text) of all that a section of an invoice states."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from said(getattr(value, field.name), speech, field.name)
    elif isinstance(value, tuple):
        for one in value:
            yield from said(one, speech, name)
    elif isinstance(value, Decimal):
        yield name, speech.quantity(value)
    elif isinstance(value, datetime):
        yield name, speech.moment(value)
    elif isinstance(value, date):
        yield name, speech.day(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield name, str(value)
    elif isinstance(value, str) and name not in IN_WORDS:
        yield name, value
