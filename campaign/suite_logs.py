"""The logs of all other tests, searched for secrets. Not a part of the campaign's own
run: `scripts/test` calls this file at its end, with the folder in CAMPAIGN_LOGS.

A hit is told by its place and kind, and never shown.
"""

import ast
import os
import re
from pathlib import Path

import pytest

CHECKOUT = Path(os.path.realpath(__file__)).parents[1]
LOGS = Path(os.environ["CAMPAIGN_LOGS"])

#: Shorter ones are words that may be anywhere.
SHORTEST_PASSWORD = 12

SHAPES = {
    "private key (PEM)": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "private key of a curve (PKCS#8)": re.compile(rb"AgEAMBMGByqGSM49AgEG"),
    "private key of RSA (PKCS#8)": re.compile(rb"IBADANBgkqhkiG9w0BAQEF"),
    "private key (traditional)": re.compile(rb"MHcCAQEE|IBAAKCAQEA"),
    "bearer token": re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"),
    "KSeF token": re.compile(rb"\d{8}-EC-[0-9A-F-]+\|nip-\d{10}\|[0-9a-f]{64}"),
}

#: The output of a run of tests; where Odoo's log of it is, and what stands there.
WRITTEN = {
    "odoo.log": ("odoo.debug.log", b"odoo.addons.l10n_pl_ksef"),
    "odoo_edi.log": ("odoo_edi.debug.log", b"odoo.addons.l10n_pl_ksef"),
    "campaign.log": ("campaign.odoo.log", b'INSERT INTO "ksef_certificate"'),
}

#: One of each, made up: the search must find them.
PLANTED = {
    "password": b"bardzo-tajne-haslo-1",
    "private key (PEM)": b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "private key of a curve (PKCS#8)": b"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w",
    "private key of RSA (PKCS#8)": b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    "private key (traditional)": b"MHcCAQEEIB7vLwqFMiu1",
    "bearer token": b"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJrc2VmIn0.c2lnbmF0dXJlLW9mLWl0",
    "KSeF token": b"20261122-EC-0F1E2D3C4B-A5|nip-9999999999|" + b"0a" * 32,
}


def passwords():
    """Every password that the tests use."""
    folders = ("tests", "ksef/tests", "simulator/tests", "campaign", "scripts")
    files = [file for folder in folders for file in (CHECKOUT / folder).glob("*.py")]
    found = {word for file in files for word in _passwords_of(file)}
    return {word for word in found if len(word) >= SHORTEST_PASSWORD}


def _passwords_of(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "password":
            yield from _text(node.value)
        if isinstance(node, ast.Assign) and _names(node.targets) == ["PASSWORD"]:
            yield from _text(node.value)


def _names(targets):
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def hits(content):
    """(number of the line, kind) of whatever may not be in a log."""
    return [
        (content.count(b"\n", 0, hit.start()) + 1, kind)
        for kind, shape in (SHAPES | {"password": PASSWORDS}).items()
        for hit in shape.finditer(content)
    ]


PASSWORDS = re.compile(b"|".join(re.escape(w.encode()) for w in sorted(passwords())))


class TestLogs:
    """No log of the tests shows a password, a private key or a token."""

    def test_clean(self):
        logs = sorted(LOGS.glob("*.log"))
        assert logs, "there is something to search"
        found = [
            f"{file.name}:{line}: {kind}"
            for file in logs
            for line, kind in hits(file.read_bytes())
        ]
        assert not found, "\n".join(found[:50])

    def test_written(self):
        """Where Odoo has run, its log is in a file, and tells of the addon."""
        for output, (log, word) in WRITTEN.items():
            if (LOGS / output).exists():
                assert word in (LOGS / log).read_bytes(), f"{log} says nothing of it"

    @pytest.mark.parametrize("kind", [*SHAPES, "password"])
    def test_what_is_planted_is_found(self, kind):
        log = b"a line\nINFO: " + PLANTED[kind] + b" and more\n"
        assert hits(log) == [(2, kind)]
