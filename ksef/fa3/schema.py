"""The FA(3) schema, compiled once, and what it says about a document.

The schema file is handed in. It imports its base types from an address of the
ministry; that import is answered from ``base_types``, so nothing is fetched.
"""

import re
import threading
from typing import Any, BinaryIO

from lxml import etree

from ..errors import Fa3Error
from .base_types import BASE_TYPES
from .elements import path_of
from .text import FORBIDDEN
from .xml import parse_strictly

Violations = tuple[tuple[str, str], ...]


class _BaseTypes(etree.Resolver):
    def resolve(self, url: str, public_id: str, context: Any) -> Any:
        return self.resolve_string(BASE_TYPES, context)


class Schema:
    """A compiled schema that several threads may use."""

    def __init__(self, compiled: etree.XMLSchema) -> None:
        self._compiled = compiled
        self._lock = threading.Lock()  # the error log belongs to the compiled schema

    def violations(self, root: etree._Element) -> Violations:
        with self._lock:
            if self._compiled.validate(root):
                return ()
            log = list(self._compiled.error_log)
        return tuple((_path(root, entry), _plain(entry.message)) for entry in log)


def load_schema(source: bytes | BinaryIO) -> Schema:
    """The schema in ``source``; raises ``ValueError`` when it is not the FA(3) XSD."""
    data = source if isinstance(source, bytes) else source.read()
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.resolvers.add(_BaseTypes())
    try:
        return Schema(etree.XMLSchema(etree.fromstring(data, parser)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise ValueError(f"not the FA(3) schema: {error}") from None


def check(data: bytes, schema: Schema | None) -> Violations:
    """What KSeF would refuse in ``data`` as (element path, message); empty: nothing.
    Without ``schema`` only the rules of the file itself are checked."""
    try:
        root = parse_strictly(data)
    except Fa3Error as error:
        return error.errors
    found = _file_rules(data, root)
    return found + (schema.violations(root) if schema else ())


def _file_rules(data: bytes, root: etree._Element) -> Violations:
    """Rules for the file, which no schema can say (weryfikacja-faktury.md)."""
    found = []
    if data.startswith(b"\xef\xbb\xbf"):
        found.append(("", "begins with a byte order mark"))
    declared = root.getroottree().docinfo.encoding or "UTF-8"
    if declared.upper() not in ("UTF-8", "UTF8"):
        found.append(("", f"is declared as {declared}, not UTF-8"))
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    if any(node.tag is etree.PI for node in (*beside, *root.iter(etree.PI))):
        found.append(("", "contains a processing instruction"))
    found += [
        (path_of(one), "contains a character that KSeF refuses")
        for one in root.iter(etree.Element)
        if FORBIDDEN.search(one.text or "")
    ]
    return tuple(found)


def _path(root: etree._Element, entry: etree._LogEntry) -> str:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(entry.path or "/", namespaces=prefixes)
    except etree.XPathError:
        found = ()
    return path_of(found[0]) if found and etree.iselement(found[0]) else ""


def _plain(message: str) -> str:
    return re.sub(r"\{http[^}]*\}", "", message)
