"""The FA(3) schema, compiled from whatever was handed in. Nothing is fetched."""

from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
BASE_TYPES = (
    "http://crd.gov.pl/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy/"
)

# Used where the ministry's own base files do not lie beside the schema.
_OWN_BASE = f"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
    targetNamespace="{BASE_TYPES}" xmlns="{BASE_TYPES}">
  <xs:simpleType name="TData"><xs:restriction base="xs:date">
    <xs:minInclusive value="1900-01-01"/><xs:maxInclusive value="2050-12-31"/>
    <xs:pattern value="\\d{{4}}-\\d{{2}}-\\d{{2}}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TDataCzas"><xs:restriction base="xs:dateTime">
    <xs:whiteSpace value="collapse"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TAdresEmail"><xs:restriction base="xs:string">
    <xs:minLength value="3"/><xs:maxLength value="255"/>
    <xs:pattern value="(.)+@(.)+"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TKodKraju"><xs:restriction base="xs:string">
    <xs:pattern value="[A-Z]{{2}}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TNaturalny"><xs:restriction base="xs:nonNegativeInteger"/>
  </xs:simpleType>
  <xs:simpleType name="TNrNIP"><xs:restriction base="xs:string">
    <xs:pattern value="[1-9]((\\d[1-9])|([1-9]\\d))\\d{{7}}"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="TNrIdentyfikacjiPodatkowej"><xs:restriction base="xs:token">
    <xs:minLength value="1"/><xs:maxLength value="50"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="TNrKRS"><xs:restriction base="xs:string">
    <xs:pattern value="\\d{{10}}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TNrREGON"><xs:restriction base="xs:string">
    <xs:pattern value="\\d{{9}}|\\d{{14}}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TTekstowy"><xs:restriction base="xs:token">
    <xs:minLength value="1"/><xs:maxLength value="3500"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="TWybor1"><xs:restriction base="xs:byte">
    <xs:enumeration value="1"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TWybor1_2"><xs:restriction base="xs:byte">
    <xs:enumeration value="1"/><xs:enumeration value="2"/></xs:restriction>
  </xs:simpleType>
</xs:schema>
"""


def load(source) -> etree.XMLSchema | None:
    """Compile a schema from a path, a folder with it, or bytes.

    None and a compiled schema come back as they are.
    """
    if source is None or isinstance(source, etree.XMLSchema):
        return source
    folder, content = None, source
    if not isinstance(source, bytes):
        folder, content = _read(Path(source))
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Resolver(folder))
    return etree.XMLSchema(etree.fromstring(content, parser, base_url="fa3.xsd"))


def _read(path):
    """The file that defines Faktura, and the folder its imports may lie in."""
    if path.is_file():
        return path.parent, path.read_bytes()
    for file in sorted(path.glob("*.xsd")):
        content = file.read_bytes()
        if b'element name="Faktura"' in content:
            return path, content
    raise FileNotFoundError(f"{path}: no schema of Faktura")


class _Resolver(etree.Resolver):
    """Answers every import from the folder, else from our own base types."""

    def __init__(self, folder):
        super().__init__()
        self._folder = folder

    def resolve(self, url, public_id, context):
        name = url.rpartition("/")[2]
        beside = sorted(self._folder.rglob(name)) if self._folder else []
        if beside:
            return self.resolve_string(beside[0].read_bytes(), context, base_url=name)
        return self.resolve_string(_OWN_BASE, context, base_url=name)
