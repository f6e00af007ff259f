"""KOD I: the link of the official examples, in a code that can be read again."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from ksef import qr
from ksef.crypto import b64url, sha256_b64

HASH = "UtQp9Gpc51y+u3xApZjIjgkpZ01js+J8KflSPW8WzIE="
LINK = (
    "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/"
    "UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"
)
VECTORS = Path(__file__).resolve().parents[2].parent / "shared/ksef/qr-vectors.json"


def test_the_link_is_that_of_the_official_example():
    made = qr.invoice_link(
        "https://qr-test.ksef.mf.gov.pl", "1111111111", date(2026, 2, 1), HASH
    )
    assert made == LINK


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared is absent")
def test_links_of_all_official_vectors():
    for vector in json.loads(VECTORS.read_text())["kod_I"]:
        base, _, _ = vector["url"].partition("/invoice/")
        if "document" in vector:
            digest = sha256_b64(vector["document"].encode())
        else:
            digest = vector["hash_b64url"].replace("-", "+").replace("_", "/") + "="
        day = date.fromisoformat(vector["P_1"])
        assert qr.invoice_link(base, vector["nip"], day, digest) == vector["url"]


def test_b64url_has_neither_padding_nor_slashes():
    assert b64url(b"\xfb\xff\xfe\xff") == "-__-_w"


def test_the_image_has_41_modules_a_quiet_zone_of_four_and_the_box_size():
    for box_size in (5, 8):
        picture = Image.open(io.BytesIO(qr.image(LINK, box_size=box_size)))
        assert picture.format == "PNG"
        assert picture.size == ((41 + 8) * box_size,) * 2
        border = picture.convert("L").crop((0, 0, picture.width, 4 * box_size))
        assert border.getextrema() == (255, 255), "the quiet zone must be white"
        first = picture.convert("L").getpixel((4 * box_size, 4 * box_size))
        assert first == 0, "the code begins with its finder pattern"
