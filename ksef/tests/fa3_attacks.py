"""Documents made to exhaust or to mislead who reads them, and a process that reads
them with little memory: ``python fa3_attacks.py`` tells in JSON how each one went."""

import json
import resource
import sys
import time
from pathlib import Path

MB = 1024 * 1024
#: Address space of the process and its share for the documents.
MEMORY = 1024 * MB

_ENTITY = b"<!DOCTYPE Faktura [%s]>"
_PARAMETER = b"<!ENTITY %% a \"<!ENTITY b '%s'>\"> %%a; <!ENTITY c '%s'>"


def attacks(built):
    """Documents by name, made of ``built``: one that is right."""
    body = built.split(b"?>", 1)[1]
    full = 4 * MB - len(body) - 100

    def inside(content):
        return body.replace(b"<Fa>", b"<Fa>" + content)

    def text(content):
        return body.replace(b">test<", b">" + content + b"<")

    return {
        # A document type is refused before anything of it is read.
        "laughs": _ENTITY % b"".join(
            b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12)
        ) + text(b"&l11;"),
        "laughs in an attribute": _ENTITY % b"<!ENTITY a 'x'>"
        + inside(b'<a b="&a;"/>'),
        "parameter entities": _ENTITY % (_PARAMETER % (b"x" * 999, b"&b;" * 999))
        + text(b"&c;"),
        "quadratic": _ENTITY % (b"<!ENTITY a '%s'>" % (b"a" * 50_000))
        + text(b"&a;" * 50_000),
        "external entity": _ENTITY % b'<!ENTITY a SYSTEM "file:///etc/passwd">'
        + text(b"&a;"),
        "document type after comments": b"<!-- x -->" * 9
        + b"<!DOCTYPE Faktura>"
        + body,
        # Not XML.
        "ten thousand levels": inside(b"<a>" * 10_000 + b"</a>" * 10_000),
        "document type inside": inside(b"<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        "unknown entity": text(b"&a;"),
        "character nought": text(b"&#0;"),
        "open comments": b"<!--" * MB,
        "long declaration": b"<?xml " + b"?" * full,
        "UTF-16": body.decode().encode("utf-16"),
        # Too much.
        "five megabytes": text(b"a" * 5 * MB),
        "attributes": body.replace(
            b"<Fa>", b"<Fa " + b" ".join(b"a%d=''" % n for n in range(300_000)) + b">"
        ),
        # Odd, and read.
        "XInclude": inside(
            b'<i:include xmlns:i="http://www.w3.org/2001/XInclude"'
            b' href="file:///etc/passwd" parse="text"/>'
        ),
        "levels just below the limit": inside(b"<a>" * 240 + b"</a>" * 240),
        "four megabytes": text(b"a" * full),
        "forbidden text": text(b"\xc2\x92" * (full // 2)),
        "long attribute": body.replace(b"<Fa>", b"<Fa a='%s'>" % (b"a" * full)),
        "elements": inside(b"<a/>" * 150_000),
        "elements with forbidden texts": inside(b"<a>\x7f</a>" * 50_000),
        "namespaces": inside(b"".join(b'<a xmlns="u%d"/>' % n for n in range(50_000))),
        "comments": b"<!---->" * 200_000 + body,
        "processing instructions": b"<?a?>" * 200_000 + body,
        "references": text(b"&#x92;" * (full // 6)),
        "bad lines": body.replace(
            b"<Rozliczenie>",
            b"<FaWiersz><NrWierszaFa>x</NrWierszaFa></FaWiersz>" * 30_000
            + b"<Rozliczenie>",
        ),
        "digits": body.replace(b">-200.00<", b">%s<" % (b"9" * MB)),
    }  # fmt: skip


def verdict(read):
    from ksef.errors import Fa3Error

    try:
        read()
    except Fa3Error as error:
        return error.errors[0].code
    return "read"


def main():
    from ksef import fa3
    from ksef.tests.fa3_cases import FULL, XSD, official_xsd

    schema = fa3.load_schema(official_xsd()) if XSD.is_dir() else None
    told = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for name, data in attacks(fa3.build(FULL)).items():
        started = time.process_time()
        code = verdict(lambda data=data: fa3.parse(data))
        found = [finding.code for finding in fa3.findings(data, schema)]
        told[name] = [code, found, time.process_time() - started]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump({"told": told, "megabytes": (peak - before) / 1024}, sys.stdout)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
