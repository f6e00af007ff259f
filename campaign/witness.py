"""Notes every secret that passes a worker, so that it can be searched for later.

What Odoo generates or seals, and what KSeF gives, is noted at once: it is not lost
with a worker that is killed.
"""

import base64
import json

import requests
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from odoo.addons.l10n_pl_ksef.ksef import csr
from odoo.addons.l10n_pl_ksef.ksef.crypto import SessionKey
from odoo.addons.l10n_pl_ksef.tools.vault import Vault


def note_in(path):
    """Append each secret to a file, as lines of JSON: [kind, base64]."""
    notes = open(path, "a", buffering=1)  # noqa: SIM115 -- as long as the worker

    def note(kind, secret):
        notes.write(json.dumps([kind, base64.b64encode(secret).decode()]) + "\n")

    _note_sealed(note)
    _note_keys(note)
    _note_session_keys(note)
    _note_traffic(note)


def _note_sealed(note):
    seal = Vault.seal

    def noted(vault, plain, purpose, **options):
        for kind, secret in _parts(plain, purpose):
            note(kind, secret)
        return seal(vault, plain, purpose, **options)

    Vault.seal = noted


def _parts(plain, purpose):
    if purpose == "ksef.import/key":
        return [("export key", plain[:32])]
    try:
        load_der_private_key(plain, None)
    except ValueError:
        return [("KSeF token", plain)]
    return [("private key", plain)]


def _note_keys(note):
    new_key = csr.new_key

    def noted():
        key = new_key()
        form = Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        note("private key", key.private_bytes(*form))
        return key

    csr.new_key = noted


def _note_session_keys(note):
    generate = SessionKey.generate

    def noted():
        key = generate()
        note("session key", key.key)
        return key

    SessionKey.generate = noted


def _note_traffic(note):
    request = requests.Session.request

    def noted(session, method, url, **options):
        answer = request(session, method, url, **options)
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            for name, token in _tokens(json.loads(answer.content or b"{}")):
                note(name, token.encode())
        return answer

    requests.Session.request = noted


def _tokens(answer, name="token"):
    """Each bearer token and pre-signed link in an answer."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from _tokens(value, key)
    elif isinstance(answer, list):
        for value in answer:
            yield from _tokens(value, name)
    elif isinstance(answer, str) and answer.startswith("eyJ"):
        yield "bearer token", answer
    elif isinstance(answer, str) and "sig=" in answer:
        yield "pre-signed link", answer.rpartition("sig=")[2]
