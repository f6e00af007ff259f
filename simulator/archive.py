"""The archive of an export package and its parts."""

import io
import json
import tarfile
import zipfile

FORMS = ("Zip", "TarGz")
METADATA = "_metadata.json"
PART_MOST = 50_000_000


def pack(invoices, metadata, form: str) -> bytes:
    """Zip or TarGz of (KSeF number, bytes), then the metadata file if wanted."""
    files = [(f"{number}.xml", xml) for number, xml in invoices]
    if metadata is not None:
        text = json.dumps({"invoices": metadata}, ensure_ascii=False, indent=1)
        files.append((METADATA, text.encode()))
    return _zip(files) if form == "Zip" else _tar(files)


def split(whole: bytes, size: int | None) -> list[bytes]:
    """Cut into parts of `size` bytes; by default always into more than one."""
    size = min(size or max(1, len(whole) // 2 + 1), PART_MOST)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def _zip(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def _tar(files):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()
