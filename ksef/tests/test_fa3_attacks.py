"""No document takes much time or memory, opens a file or an address, or is read as
something else than it is."""

import json
import subprocess
import sys

import pytest

from ksef import fa3
from ksef.tests import fa3_attacks
from ksef.tests.fa3_cases import FULL
from ksef.tests.fa3_clean import INVOICE

#: Of processor time, for reading and checking; measured: 0.7 s at most.
SECONDS = 10
#: Above what the program itself takes; measured: 110 MB.
MEGABYTES = 400

REFUSED = {
    "laughs": "document-type",
    "laughs in an attribute": "document-type",
    "parameter entities": "document-type",
    "quadratic": "document-type",
    "external entity": "document-type",
    "document type after comments": "document-type",
    "ten thousand levels": "not-well-formed",
    "document type inside": "not-well-formed",
    "unknown entity": "not-well-formed",
    "character nought": "not-well-formed",
    "open comments": "not-well-formed",
    "long declaration": "not-well-formed",
    "UTF-16": "not-well-formed",
    "five megabytes": "too-large",
    "attributes": "too-complex",
    "digits": "wrong-value",
}


@pytest.fixture(scope="module")
def answer():
    done = subprocess.run(
        [sys.executable, fa3_attacks.__file__],
        capture_output=True,
        timeout=300,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", fa3_attacks.attacks(fa3.build(FULL)))
def test_attack(answer, name):
    code, found, seconds = answer["told"][name]
    assert code == REFUSED.get(name, "read")
    assert found, "it would never be sent"
    assert len(found) < 500, "enough is told"
    assert seconds < SECONDS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_no_other_encoding_is_sent(encoding):
    data = fa3.build(INVOICE).split(b"?>", 1)[1].decode().encode(encoding)
    assert fa3.check(data, None)


def test_memory(answer):
    assert answer["megabytes"] < MEGABYTES


def test_no_file_is_included():
    data = fa3_attacks.attacks(fa3.build(FULL))["XInclude"]
    assert "root:" not in repr(fa3.parse(data))
