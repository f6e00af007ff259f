"""Why a text does not fit into its element, known before anything is built."""

import re

from .elements import Inner, elements
from .values import Lines, Value

_NIP = r"[1-9](?:[0-9][1-9]|[1-9][0-9])[0-9]{7}"

# Elements whose text has a form. Source: the patterns and least lengths of the schema.
_FORMS = {
    name: re.compile(form)
    for name, form in {
        "NIP": _NIP,
        "NrVatUE": r"[0-9A-Z+*]{1,12}",
        "IDWew": rf"{_NIP}-[0-9]{{5}}",
        "Email": r".+@.+",
        "EmailPU": r".+@.+",
        "NrRB": r".{10,34}",
        "SWIFT": r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
        "KRS": r"[0-9]{10}",
        "REGON": r"[0-9]{9}|[0-9]{14}",
        "IPKSeF": r"[0-9]{3}[a-zA-Z0-9]{10}",
        "LinkDoPlatnosci": (
            r"https?://([a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-zA-Z]{2,}(:[0-9]{1,5})?"
            r"(/[^\s?#]*)?\?([^#\s]*&)?IPKSeF=[0-9]{3}[a-zA-Z0-9]{10}(&[^#\s]*)?(#.*)?"
        ),
    }.items()
}


def misfit(record_class: type, name: str, text: str) -> str | None:
    """Why ``text`` cannot stand in the field ``name``; ``None``: it can.

    ``empty``: nothing that KSeF takes remains of it (an optional element is then left
    out); ``long``: more characters than the schema allows; ``form``: not of the form
    that the element has. Codes of closed lists are not judged.
    """
    described = elements(record_class)[name]
    type_, element = described.type, described.path[-1]
    if isinstance(type_, Inner):
        type_, element = type_.type, type_.name
    written = _written(type_, text)
    if written is None:
        return "empty"
    if len(written) > type_.limit:
        return "long"
    form = _FORMS.get(element)
    return "form" if form and not form.fullmatch(written) else None


def _written(type_: Value, text: str) -> str | None:
    written = type_.to_text(text)
    if isinstance(type_, Lines) and written and not written.strip(" \t\n"):
        return None
    return written
