"""A reason why an invoice cannot be issued, and where to put it right."""

from typing import Any, NamedTuple

from ...ksef import fa3


class Problem(NamedTuple):
    """A sentence for the user; ``record`` and ``field`` are what to open and to fix,
    empty where it is the invoice itself."""

    text: str
    record: Any = None
    field: str | None = None


def too_long(env, who, field, record_class, name, text):
    """Yield the sentence when ``text`` exceeds the schema's limit of ``name``; ``who``
    and ``field`` say it to the user, the class and ``name`` to the model."""
    limit = fa3.limit(record_class, name)
    length = len(fa3.token(text or ""))
    if length > limit:
        yield env._(
            "%(who)s: the %(field)s has %(length)s characters, KSeF admits %(limit)s."
            " Shorten it.",
            who=who,
            field=field,
            length=length,
            limit=limit,
        )


def shortened(text):
    return text if len(text) <= 40 else f"{text[:39]}…"
