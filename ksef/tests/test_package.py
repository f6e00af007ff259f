"""Export packages: whatever the archive, every file comes out as it went in, and a
broken or hostile one is refused."""

import gzip
import io
import json
import tarfile
import zipfile
from dataclasses import replace

import pytest

from ksef import package as opening
from ksef.crypto import SessionKey, sha256_b64
from ksef.errors import ProtocolError
from ksef.messages import ExportPackage
from ksef.package import read_package

KEY = SessionKey.generate()
NUMBER = "5265877635-20250826-0100001AF629-AF"
OTHER = "5555555555-20250828-010080615740-E4"
XML = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<Faktura/>\n"
METADATA = json.dumps({"invoices": [{"ksefNumber": NUMBER, "grossAmount": 0.1}]})
FILES = {f"{NUMBER}.xml": XML, f"{OTHER}.xml": b"<b/>"}
WHOLE = {**FILES, "_metadata.json": METADATA.encode()}


def packed_zip(files, **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, **options)
    return out.getvalue()


def packed_tar(files, form=tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


PACKERS = pytest.mark.parametrize(
    "pack",
    [
        packed_zip,
        packed_tar,
        lambda files: packed_tar(files, tarfile.PAX_FORMAT),
        lambda files: packed_tar(files, tarfile.GNU_FORMAT),
    ],
    ids=["zip", "ustar", "pax", "gnu"],
)


def announced(parts, **changes) -> ExportPackage:
    listed = [
        {
            "ordinalNumber": number,
            "url": "https://x",
            "partHash": sha256_b64(part),
            "encryptedPartHash": sha256_b64(KEY.encrypt(part)),
            **changes,
        }
        for number, part in enumerate(parts, 1)
    ]
    return ExportPackage.from_json({"parts": listed, "invoiceCount": 2})


def opened(archive: bytes, size: int = 10**9, count: int = 2):
    parts = [archive[at : at + size] for at in range(0, len(archive), size)]
    package = replace(announced(parts), invoice_count=count)
    return read_package(list(map(KEY.encrypt, parts)), KEY, package)


def files_of(archive: bytes) -> dict[str, bytes]:
    return dict(opened(archive).files)


@PACKERS
class TestWhole:
    """Zip and tar.gz alike."""

    def test_every_file_byte_for_byte(self, pack):
        assert files_of(pack(WHOLE)) == {NUMBER: XML, OTHER: b"<b/>"}

    def test_metadata(self, pack):
        (read,) = opened(pack(WHOLE)).metadata
        assert read.ksef_number == NUMBER and str(read.gross_amount) == "0.1"

    @pytest.mark.parametrize("size", [1, 7, 100])
    def test_parts_are_put_together(self, pack, size):
        assert dict(opened(pack(WHOLE), size).files) == files_of(pack(WHOLE))

    def test_metadata_may_be_missing(self, pack):
        assert opened(pack(FILES)).metadata == ()
        assert len(files_of(pack(FILES))) == 2

    @pytest.mark.parametrize(
        "broken", [b"", b"{", b"[]", b'{"invoices": [{}]}', b"\xff", b"[" * 99999]
    )
    def test_broken_metadata_does_not_hide_the_files(self, pack, broken):
        archive = pack({**FILES, "_metadata.json": broken})
        assert opened(archive).metadata == ()
        assert len(files_of(archive)) == 2

    def test_folders_do_not_matter_and_lead_nowhere(self, pack):
        names = {f"../../etc/{NUMBER}.xml": XML, "a/b/_metadata.json": b"{}"}
        assert files_of(pack(names)) == {NUMBER: XML}

    def test_the_files_can_be_read_twice(self, pack):
        archive = opened(pack(WHOLE))
        assert list(archive.files) == list(archive.files) != []

    @pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
    def test_a_cut_archive_is_refused(self, pack, cut):
        archive = pack({str(i): bytes(range(256)) * i for i in range(40)})
        with pytest.raises(ProtocolError):
            opened(archive[: int(len(archive) * cut)])

    def test_a_damaged_archive_is_refused_or_whole(self, pack):
        archive = bytearray(pack(WHOLE))
        for position in range(0, len(archive), 3):
            damaged = bytearray(archive)
            damaged[position] ^= 0xFF
            try:
                list(opened(bytes(damaged)).files)
            except ProtocolError:
                continue


class TestPart:
    """Hash, key and number of parts."""

    def test_another_hash(self):
        part = packed_zip(WHOLE)
        with pytest.raises(ProtocolError, match="hash"):
            read_package(
                [KEY.encrypt(part)], KEY, announced([part], partHash=sha256_b64(b""))
            )

    def test_another_key(self):
        part = packed_zip(WHOLE)
        with pytest.raises(ProtocolError):
            read_package([KEY.encrypt(part)], SessionKey.generate(), announced([part]))

    @pytest.mark.parametrize("count", [0, 2])
    def test_another_number(self, count):
        part = packed_zip(WHOLE)
        with pytest.raises(ProtocolError):
            read_package([KEY.encrypt(part)] * count, KEY, announced([part]))

    def test_no_parts_is_an_empty_package(self):
        empty = read_package([], KEY, announced([]))
        assert empty.metadata == () and list(empty.files) == []

    def test_nothing_but_an_archive(self):
        with pytest.raises(ProtocolError):
            opened(b"<html>")


@PACKERS
class TestHostile:
    """Number, size and ratio are limited before memory is used up."""

    def test_a_file_that_unpacks_to_too_much(self, pack):
        with pytest.raises(ProtocolError, match="too"):
            opened(pack({"a.xml": bytes(60_000_000)}))

    def test_many_files_that_do(self, pack):
        many = {f"{i}.xml": bytes(4_000_000) for i in range(10)}
        with pytest.raises(ProtocolError, match="too much"):
            opened(pack(many))

    def test_padded_invoices_keep_no_others_out(self, pack):
        """A supplier's blanks shrink a thousandfold; KSeF takes up to 1 MB of them."""
        padded = {f"{i}.xml": b"<a>" + b" " * 999_000 + b"</a>" for i in range(30)}
        assert len(list(opened(pack(padded), count=30).files)) == 30

    def test_too_many_files(self, pack, monkeypatch):
        monkeypatch.setattr(opening, "_MOST_FILES", 3)
        with pytest.raises(ProtocolError, match="many"):
            opened(pack({f"{i}.xml": b"" for i in range(4)}))
        assert opened(pack({f"{i}.xml": b"" for i in range(3)}))


def test_a_zip_that_lies_about_its_sizes():
    archive = bytearray(packed_zip({"a.xml": bytes(60_000_000)}))
    size = (60_000_000).to_bytes(4, "little")
    while size in archive:
        at = archive.index(size)
        archive[at : at + 4] = (5).to_bytes(4, "little")
    with pytest.raises(ProtocolError):
        list(opened(bytes(archive)).files)


def test_a_zip_with_a_password():
    archive = bytearray(packed_zip({"a.xml": b"x"}))
    central = archive.index(b"PK\x01\x02")
    archive[6] |= 1
    archive[central + 8] |= 1
    with pytest.raises(ProtocolError):
        opened(bytes(archive))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_packed_otherwise(method):
    """Their unpackers ask for memory, and fail, as the file wants it."""
    with pytest.raises(ProtocolError):
        opened(packed_zip(FILES, compress_type=method))


def test_a_zip_with_a_file_without_name():
    archive = packed_zip({"~~~": b"x", f"{NUMBER}.xml": XML})
    assert files_of(archive.replace(b"~~~", b"\0~~")) == {NUMBER: XML}


def test_a_tar_with_a_name_that_is_no_text():
    with pytest.raises(ProtocolError):
        opened(packed_tar({"\udce9.xml": b"x"}))


def test_a_tar_of_other_things_than_files():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        link = tarfile.TarInfo("evil.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        folder = tarfile.TarInfo("folder.xml")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert files_of(out.getvalue()) == {}


def test_a_gzip_that_is_no_tar():
    with pytest.raises(ProtocolError):
        opened(gzip.compress(b"<html>" * 500))


def test_the_text_form_shows_no_invoice():
    assert "Faktura" not in repr(opened(packed_zip(WHOLE, compress_type=0)))
