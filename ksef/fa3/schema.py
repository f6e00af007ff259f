"""The FA(3) schema, compiled once, and what it says about a document.

The schema file is handed in. It imports its base types from an address of the
ministry; that import is answered from ``base_types``, so nothing is fetched.
"""

import re
import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from lxml import etree

from ..errors import Fa3Error, Finding
from .base_types import BASE_TYPES
from .elements import NAMESPACE, path_of
from .file_rules import file_findings
from .rules import semantic_findings
from .xml import parse_strictly

Findings = tuple[Finding, ...]

#: So many violations are enough to know; finding the place of each takes time.
MOST = 100


class _BaseTypes(etree.Resolver):
    def resolve(self, url: str, public_id: str, context: Any) -> Any:
        return self.resolve_string(BASE_TYPES, context)


class Schema:
    """A compiled schema that several threads may use."""

    def __init__(self, compiled: etree.XMLSchema) -> None:
        self._compiled = compiled
        self._lock = threading.Lock()  # the error log belongs to the compiled schema

    def violations(self, root: etree._Element) -> Findings:
        """What the schema refuses in ``root``, at most ``MOST``."""
        with self._lock:
            if self._compiled.validate(root):
                return ()
            log = list(islice(self._compiled.error_log, MOST))
        return tuple(_without_echo(_violation(root, entry) for entry in log))


def load_schema(source: bytes | BinaryIO) -> Schema:
    """The schema in ``source``; raises ``ValueError`` when it is not the FA(3) XSD."""
    data = source if isinstance(source, bytes) else source.read()
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.resolvers.add(_BaseTypes())
    try:
        return Schema(etree.XMLSchema(etree.fromstring(data, parser)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise ValueError(f"not the FA(3) schema: {error}") from None


def check(data: bytes, schema: Schema | None) -> Findings:
    """What KSeF or the law refuses in ``data``; empty: nothing. Without ``schema``
    only the rules of the file and of the law are checked."""
    return tuple(finding for finding in findings(data, schema) if finding.is_error)


def findings(data: bytes, schema: Schema | None) -> Findings:
    """What is wrong in ``data``, and as warnings what is likely a mistake."""
    try:
        root = parse_strictly(data)
    except Fa3Error as error:
        return error.errors
    found = file_findings(data, root) + (schema.violations(root) if schema else ())
    if root.tag != f"{{{NAMESPACE}}}Faktura":
        return found
    return found + semantic_findings(root)


def violations(data: bytes, schema: Schema | None) -> Findings:
    """What the rules of the file and the schema refuse, whatever the law says."""
    try:
        root = parse_strictly(data)
    except Fa3Error as error:
        return error.errors
    return file_findings(data, root) + (schema.violations(root) if schema else ())


_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_VALUE = re.compile(r"(?:\[facet '\w+'\] The value )?'(.*?)' (?:is|has)\b", re.DOTALL)
_LENGTHS = ("SCHEMAV_CVC_MINLENGTH_VALID", "SCHEMAV_CVC_MAXLENGTH_VALID")


def _violation(root: etree._Element, entry: etree._LogEntry) -> Finding:
    message = _plain(entry.message)
    path = _path(root, entry)
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        found = _EXPECTED.search(message)
        missing = "Missing child" in message
        code = "schema-missing" if missing else "schema-unexpected"
        return Finding(code, path, message, value=found.group(1) if found else "")
    code = "schema-length" if entry.type_name in _LENGTHS else "schema-value"
    told = message.partition(": ")[2]  # after "Element 'P_15'"
    found = _VALUE.match(told)
    return Finding(code, path, message, value=found.group(1) if found else "")


def _without_echo(found: Iterator[Finding]) -> Iterator[Finding]:
    """A wrong value once: libxml2 names first the facet, then the type."""
    told = set()
    for finding in found:
        if finding.code in ("schema-value", "schema-length"):
            if finding.path in told:
                continue
            told.add(finding.path)
        yield finding


def _path(root: etree._Element, entry: etree._LogEntry) -> str:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(entry.path or "/", namespaces=prefixes)
    except etree.XPathError:
        found = ()
    return path_of(found[0]) if found and etree.iselement(found[0]) else ""


def _plain(message: str) -> str:
    return re.sub(r"\{http[^}]*\}", "", message)
