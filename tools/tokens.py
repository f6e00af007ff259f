"""Access tokens of KSeF: in the memory of this worker process, never stored."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ..ksef.errors import ApiError
from ..ksef.messages import Token, Tokens

#: A token is renewed this long before KSeF says that it ends.
MARGIN = timedelta(seconds=60)

_guard = threading.Lock()
_locks: dict[tuple, threading.Lock] = {}
_tokens: dict[tuple, Tokens] = {}


def access_token(
    key: tuple,
    *,
    now: datetime,
    refresh: Callable[[str], Token],
    log_in: Callable[[], Tokens],
) -> str:
    """Return a valid access token for ``key``, renewing it as cheaply as possible.

    One thread of the process at a time logs in for a key: KSeF gives out the tokens of
    a login only once. A refresh that KSeF refuses, for whatever reason, is followed by
    one full login (R21).

    :param key: whatever makes a login another one: database, address, NIP, credential.
    :raises KsefError: the login failed.
    """
    with _lock(key):
        tokens = _tokens.get(key)
        if tokens is None or tokens.refresh.valid_until <= now + MARGIN:
            tokens = log_in()
        elif tokens.access.valid_until <= now + MARGIN:
            tokens = _refreshed(tokens, refresh) or log_in()
        _tokens[key] = tokens
        return tokens.access.token


def forget(key: tuple) -> None:
    """Drop what is cached for ``key``: KSeF refused it, or it is to be used no more."""
    _tokens.pop(key, None)


def forget_all(beginning: tuple) -> None:
    """Drop every token whose key begins like this: of a credential that is gone."""
    for key in list(_tokens):
        if key[: len(beginning)] == beginning:
            forget(key)


def _refreshed(tokens: Tokens, refresh: Callable[[str], Token]) -> Tokens | None:
    try:
        return replace(tokens, access=refresh(tokens.refresh.token))
    except ApiError:
        return None


def _lock(key: tuple) -> threading.Lock:
    with _guard:
        return _locks.setdefault(key, threading.Lock())
