"""How words, amounts and days are written in the languages of the reader."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from .page import Field
from .words import YES

_NBSP = "\N{NO-BREAK SPACE}"
_POLISH = str.maketrans({",": _NBSP, ".": ","})
_WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True)
class Speech:
    """``languages``: Odoo's codes; words stand in each of them, numbers as in the first
    one. Polish and English are always known, installed or not."""

    languages: tuple[str, ...]

    def label(self, word):
        """Return ``word`` (a lazy translation) in each language."""
        said = (word._translate(language) for language in self.languages)
        return tuple(dict.fromkeys(said))

    def say(self, word):
        """Return ``word`` in all languages as one text."""
        return " / ".join(self.label(word))

    def choice(self, words, code):
        """Return what ``code`` means; one that nobody knows stands for itself."""
        return self.say(words[code]) if code in words else code

    def field(self, word, value, strong=False):
        """Return the fields of a value: one, or none where there is no value."""
        return [Field(self.label(word), value, strong)] if value else []

    def marks(self, *marked):
        """Return a field for each (word, flag) that is set."""
        return [Field(self.label(word), self.yes) for word, flag in marked if flag]

    @property
    def yes(self):
        return self.say(YES)

    def amount(self, value):
        """Return money with its cents, or further digits where it has more."""
        return "" if value is None else self._number(value, max(2, _places(value)))

    def money(self, value, currency):
        return f"{self.amount(value)}{_NBSP}{currency}" if value is not None else ""

    def quantity(self, value):
        return "" if value is None else self._number(value, _places(value))

    def percent(self, value):
        return "" if value is None else f"{self.quantity(value)}%"

    def day(self, value):
        """Return a day as it is written in Poland, which nobody takes for another."""
        return f"{value:%d.%m.%Y}" if value else ""

    def moment(self, value):
        """Return a moment in Polish time."""
        return f"{value.astimezone(_WARSAW):%d.%m.%Y %H:%M}" if value else ""

    def country(self, code):
        """Return the name of a country; the code where it has none."""
        names = (_territory(language, code) for language in self.languages)
        return " / ".join(dict.fromkeys(names))

    def _number(self, value, places):
        text = f"{value:,.{places}f}"
        return text if self.languages[0].startswith("en") else text.translate(_POLISH)


def _territory(language, code):
    try:
        return Locale.parse(language).territories.get(code, code)
    except (UnknownLocaleError, ValueError):
        return code


def _places(value):
    """Return how many digits stand behind the point, zeros at the end left out."""
    return len(f"{value:f}".partition(".")[2].rstrip("0"))
