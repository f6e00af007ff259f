"""Packing a batch: what KSeF unpacks is what we packed, and memory stays flat."""

import base64
import hashlib
import io
import random
import tarfile
import tempfile
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksef import batch
from ksef.batch import TAR_GZ, ZIP, compression_for, pack
from ksef.crypto import SessionKey

KEY = SessionKey.from_bytes(bytes(range(32)), bytes(range(16, 32)))
both = pytest.mark.parametrize("compression", [ZIP, TAR_GZ])


def sha(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def packed(files, **options):
    """The archive, and its plain bytes."""
    plain, sealed = io.BytesIO(), io.BytesIO()
    archive = pack(files, KEY, plain=plain, sealed=sealed, **options)
    return archive, plain.getvalue()


def unpacked(plain: bytes, compression: str) -> list[tuple[str, bytes]]:
    """What a stranger reads out of an archive."""
    if compression == ZIP:
        with zipfile.ZipFile(io.BytesIO(plain)) as opened:
            assert opened.testzip() is None
            return [(name, opened.read(name)) for name in opened.namelist()]
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:gz") as opened:
        return [(each.name, opened.extractfile(each).read()) for each in opened]


def noise(size: int) -> bytes:
    """Bytes that cannot be compressed."""
    blocks = (hashlib.sha256(b"%d" % count).digest() for count in range(size // 32 + 1))
    return b"".join(blocks)[:size]


names = st.from_regex(r"[A-Za-z0-9_-]{1,124}\.xml", fullmatch=True)


class TestWholeWay:
    """Decrypted part by part and joined, the parts are the archive with its files."""

    @both
    # A busy machine is slow at making names that fit an expression.
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(
        files=st.dictionaries(names, st.binary(max_size=300), min_size=1, max_size=5),
        part_size=st.integers(20, 3000),
    )
    def test_any_files_and_any_size_of_part(self, compression, files, part_size):
        part_size += 100 * len(files)  # not more than 50 parts
        archive, plain = packed(
            files.items(), compression=compression, part_size=part_size
        )
        contents = [archive.read(part) for part in archive.parts]
        assert b"".join(map(KEY.decrypt, contents)) == plain
        assert unpacked(plain, compression) == list(files.items())
        for part, content in zip(archive.parts, contents, strict=True):
            assert (part.file_size, part.file_hash) == (len(content), sha(content))
            assert len(KEY.decrypt(content)) <= part_size
        assert (archive.file_size, archive.file_hash) == (len(plain), sha(plain))

    @pytest.mark.parametrize("size", range(1, 66))
    def test_r13_every_padding(self, size):
        """R13: sizes of parts 1..65, so every remainder of 16 several times."""
        archive, plain = packed([("a.xml", b"x")], part_size=size + 40)
        assert b"".join(KEY.decrypt(archive.read(p)) for p in archive.parts) == plain
        last = len(plain) % (size + 40)
        assert archive.parts[-1].file_size == (last or size + 40) // 16 * 16 + 16

    @pytest.mark.parametrize(("more", "sizes"), [(-1, 2), (0, 1), (1, 1)])
    def test_a_boundary_at_the_last_byte(self, more, sizes):
        whole = len(packed([("a.xml", noise(999))])[1])
        archive, plain = packed([("a.xml", noise(999))], part_size=whole + more)
        parts = [KEY.decrypt(archive.read(part)) for part in archive.parts]
        assert len(parts) == sizes and b"".join(parts) == plain

    def test_parts_larger_than_the_block_that_is_read(self):
        content = noise(700_000)
        archive, plain = packed([("a.xml", content)], part_size=300_000)
        assert len(archive.parts) == 3
        assert b"".join(KEY.decrypt(archive.read(p)) for p in archive.parts) == plain
        assert unpacked(plain, ZIP) == [("a.xml", content)]

    def test_parts_are_read_in_any_order_and_again(self):
        archive, _plain = packed([("a.xml", noise(999))], part_size=100)
        backwards = [archive.read(part) for part in reversed(archive.parts)]
        assert backwards[::-1] == [archive.read(part) for part in archive.parts]

    @both
    def test_the_same_files_make_the_same_archive(self, compression):
        files = [("a.xml", b"<a/>"), ("b.xml", b"<b/>")]
        one, other = (packed(files, compression=compression) for _ in range(2))
        assert one == other

    def test_a_plain_ustar_with_short_names_and_no_trace_of_us(self):
        _archive, plain = packed([("a.xml", b"<a/>")], compression=TAR_GZ)
        assert plain[4:8] == bytes(4), "no time in the head of gzip"
        assert not plain[3] & 8, "no file name in the head of gzip"
        (member,) = tarfile.open(fileobj=io.BytesIO(plain))
        assert (member.mtime, member.uid, member.uname) == (0, 0, "")
        assert not member.pax_headers


def test_what_the_request_says():
    archive, _plain = packed([("a.xml", noise(150))], part_size=200)
    one, other = archive.parts
    assert archive.to_json() == {
        "fileSize": archive.file_size,
        "fileHash": archive.file_hash,
        "compressionType": "Zip",
        "fileParts": [
            {"ordinalNumber": 1, "fileSize": 208, "fileHash": one.file_hash},
            {
                "ordinalNumber": 2,
                "fileSize": other.file_size,
                "fileHash": other.file_hash,
            },
        ],
    }


class TestLimits:
    """What KSeF would refuse after the upload is refused before it."""

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 129, "ż.xml", "a/b.xml", "..\\a.xml", "a\nb.xml", "a\0.xml"],
    )
    def test_names(self, name):
        with pytest.raises(ValueError, match="safe"):
            packed([(name, b"")])

    @both
    @pytest.mark.parametrize("name", ["a" * 128, "[FV 1] ~ (2).xml", "-.xml"])
    def test_names_that_will_do(self, name, compression):
        _archive, plain = packed([(name, b"x")], compression=compression)
        assert unpacked(plain, compression) == [(name, b"x")]

    def test_names_twice(self):
        with pytest.raises(ValueError, match="twice"):
            packed([("a.xml", b"1"), ("a.xml", b"2")])

    def test_the_number_of_files(self):
        files = [(f"{number}.xml", b"") for number in range(batch.MOST_FILES)]
        packed(files)
        with pytest.raises(ValueError, match="10000 files"):
            packed([*files, ("more.xml", b"")])
        with pytest.raises(ValueError, match="without"):
            packed([])

    def test_the_number_of_parts(self):
        whole = len(packed([("a.xml", noise(5000))])[1])
        size = -(-whole // 50)
        assert len(packed([("a.xml", noise(5000))], part_size=size)[0].parts) == 50
        with pytest.raises(ValueError, match="50 parts"):
            packed([("a.xml", noise(5000))], part_size=size - 3)

    @pytest.mark.parametrize("size", [0, -1, 100_000_001])
    def test_the_size_of_a_part(self, size):
        with pytest.raises(ValueError, match="part size"):
            packed([("a.xml", b"")], part_size=size)

    def test_the_compression(self):
        with pytest.raises(ValueError, match="compression"):
            packed([("a.xml", b"")], compression="Rar")


def peak_of_packing(files, **options):
    """The archive packed by way of the disk, and the memory it took."""
    with tempfile.TemporaryFile() as plain, tempfile.TemporaryFile() as sealed:
        tracemalloc.start()
        try:
            archive = pack(files, KEY, plain=plain, sealed=sealed, **options)
            return archive, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


class TestMemory:
    """It grows neither with the number of invoices nor with the size of the archive."""

    @pytest.mark.parametrize(("compression", "most"), [(ZIP, 4), (TAR_GZ, 3)])
    def test_thousands_of_invoices(self, compression, most):
        files = ((f"{count}.xml", bytes(6_000)) for count in range(2_500))
        _archive, peak = peak_of_packing(files, compression=compression)
        assert peak < most * 1_000_000, "of 15 MB; the directory of a ZIP takes 1.3"

    @both
    def test_a_large_archive(self, compression):
        chance = random.Random(1)
        files = ((f"{count}.xml", chance.randbytes(500_000)) for count in range(40))
        archive, peak = peak_of_packing(
            files, compression=compression, part_size=9_000_000
        )
        assert archive.file_size > 20_000_000
        assert peak < 6_000_000


def test_a_large_session_is_packed_across_files():
    assert compression_for(6_000) == ZIP
    assert compression_for(60_000_000) == TAR_GZ
    files = [(f"{count}.xml", noise(3_000) + b"%d" % count) for count in range(50)]
    sizes = [packed(files, compression=each)[0].file_size for each in (ZIP, TAR_GZ)]
    assert sizes[1] * 5 < sizes[0], "which is why"
