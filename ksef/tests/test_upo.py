from pathlib import Path

import pytest

from ..errors import ProtocolError
from ..upo import receipts

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "ksef" / "upo"
NEEDED = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared")


class TestOfficial:
    """Every published receipt names its documents with their hashes."""

    @NEEDED
    def test_samples(self):
        files = sorted(SAMPLES.glob("*.xml"))
        assert files
        for file in files:
            found = receipts(file.read_bytes())
            assert found, file.name
            for number, digest in found.items():
                assert len(number) in (35, 36), file.name
                assert digest, file.name

    def test_several(self):
        page = "<Dokument><NumerKSeFDokumentu>{0}</NumerKSeFDokumentu>"
        page += "<SkrotDokumentu> {1} </SkrotDokumentu></Dokument>"
        xml = f'<Potwierdzenie xmlns="urn:x">{page.format("a", "1")}' + page.format(
            "b", "2"
        )
        found = receipts((xml + "</Potwierdzenie>").encode())
        assert found == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "content",
    [b"", b"<html/>", b"<html><body>502</html>", b"\x00\x01", b"<Potwierdzenie>"],
)
def test_r32_something_else_is_no_receipt(content):
    with pytest.raises(ProtocolError):
        receipts(content)


def test_entities_are_not_read():
    xml = (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b"<Potwierdzenie><Dokument><NumerKSeFDokumentu>&e;</NumerKSeFDokumentu>"
        b"</Dokument></Potwierdzenie>"
    )
    assert receipts(xml) == {"": ""}
