"""The ministry's own view of an invoice: its style sheet, applied without a network.

The files are not part of this package, the caller has them. Source:
http://crd.gov.pl/wzor/2025/06/25/13775/styl.xsl
"""

from lxml import etree

from ..errors import ProtocolError
from .xml import parse_xml

_STYLE = "styl.xsl"
_COUNTRIES = "KodyKrajow.xsd"
_NOTHING = b"<nothing/>"


class _Files(etree.Resolver):
    """What a style sheet may read: the files given, by the beginning of their names.
    For anything else there is an empty document, so that nothing is ever fetched."""

    def __init__(self, shared: bytes, countries: bytes) -> None:
        super().__init__()
        self._files = {"WspolneSzablony": shared, "KodyKrajow": countries}

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = (url or "").rpartition("/")[2]
        for beginning, content in self._files.items():
            if name.startswith(beginning):
                return self.resolve_string(content, context, base_url=name)
        return self.resolve_string(_NOTHING, context)


def official_view(xml: bytes, *, style: bytes, shared: bytes, countries: bytes) -> str:
    """The HTML of an invoice as the ministry shows it.

    :param style: styl.xsl; ``shared``: WspolneSzablonyWizualizacji; ``countries``:
        KodyKrajow, the names of countries
    :raises Fa3Error: the invoice is no readable XML
    :raises ProtocolError: the style sheet is none, or fails on this invoice
    """
    invoice = parse_xml(xml)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(_Files(shared, countries))
    try:
        sheet = etree.fromstring(style, parser, base_url=_STYLE)
        transform = etree.XSLT(sheet, access_control=_ACCESS)
        name = etree.XSLT.strparam(_COUNTRIES)
        return str(transform(invoice, **{"schema-krajow": name}))
    except (etree.XSLTError, etree.XMLSyntaxError, ValueError) as error:
        raise ProtocolError(f"the style sheet cannot be used: {error}") from None


# Reading goes through the resolver, which never lets libxml2 look for itself.
_ACCESS = etree.XSLTAccessControl(
    read_file=True,
    read_network=True,
    write_file=False,
    create_dir=False,
    write_network=False,
)
