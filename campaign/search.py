"""Finds secrets in a dump, in files and in logs, however they are written there.

A secret is recognised by its core: what nobody could know without it. Of a private key
these are its secret numbers, which every form of the key contains.
"""

import base64
import json
import re

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
)

#: What PostgreSQL writes for bytes.
_BYTEA = re.compile(rb"\\\\?x((?:[0-9a-f]{2}){8,})")

#: Line breaks as they are, or as COPY and JSON write them.
_BREAKS = re.compile(rb"\s|\\[nrt]")

#: Base64 of links, as the usual one.
_USUAL = bytes.maketrans(b"-_", b"+/")


def noted(path):
    """The secrets that the witness has noted, each once: {core: kind}."""
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return {
        core: kind
        for kind, secret in lines
        for core in cores(kind, base64.b64decode(secret))
    }


def cores(kind, secret):
    """The parts of a secret (a key: in clear, DER or PEM) enough to recognise it."""
    if kind == "private key":
        load = load_pem_private_key if b"-----" in secret else load_der_private_key
        return list(map(_number, _secret_numbers(load(secret, None))))
    if kind == "bearer token":
        return [secret.rpartition(b".")[2]]
    return [secret]


def found(secrets, content):
    """The kinds of the secrets that can be read in ``content``."""
    views = list(_views(content))
    return {
        kind
        for core, kind in secrets.items()
        if any(spelling in view for spelling in spellings(core) for view in views)
    }


def spellings(core):
    """The ways to write the core of a secret down."""
    number = int.from_bytes(core, "big")
    return {
        core,
        core[::-1],
        core.hex().encode(),
        core.hex().upper().encode(),
        str(number).encode(),
        *(_inner_base64(core, before) for before in range(3)),
    }


def _secret_numbers(key):
    private = key.private_numbers()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return [private.private_value]
    return [private.p, private.q, private.d]


def _number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _inner_base64(core, before):
    """Base64 of ``core`` behind so many other bytes, without what these decide."""
    encoded = base64.b64encode(bytes(before) + core).rstrip(b"=")
    return encoded[-(-before * 8 // 6) : -1]


def _views(content):
    """The content as it is; bytes of the database read; both without line breaks and
    in the usual Base64."""
    for view in (content, b"\n".join(map(_bytes, _BYTEA.findall(content)))):
        yield view
        yield _BREAKS.sub(b"", view).translate(_USUAL)


def _bytes(digits):
    return bytes.fromhex(digits.decode())
