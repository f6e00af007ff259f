"""The ministry's style sheet reads the files it is given, and nothing else."""

import socket
from contextlib import suppress

import pytest

from ksef.errors import Fa3Error, ProtocolError
from ksef.fa3.official import official_view

INVOICE = (
    b'<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">'
    b"<P_2>F/1 &lt;script&gt;alert(1)&lt;/script&gt;</P_2><Kraj>PL</Kraj></Faktura>"
)
SHEET = """<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:tns="http://crd.gov.pl/wzor/2025/06/25/13775/">
  {top}
  <xsl:output method="html" encoding="UTF-8"/>
  <xsl:template match="tns:Faktura"><html><body>{body}</body></html></xsl:template>
</xsl:stylesheet>"""
SHARED = SHEET.format(
    top='<xsl:param name="schema-krajow"/>'
    '<xsl:template name="Kraj"><i><xsl:value-of'
    " select=\"document($schema-krajow)//kraj[@kod='PL']\"/></i></xsl:template>",
    body="",
).encode()
COUNTRIES = b'<kraje><kraj kod="PL">POLSKA</kraj></kraje>'
IMPORT = "http://crd.gov.pl/xml/WspolneSzablonyWizualizacji_v12-0E.xsl"


def view(body="", top="", xml=INVOICE, shared=SHARED):
    style = SHEET.format(top=top, body=body).encode()
    return official_view(xml, style=style, shared=shared, countries=COUNTRIES)


def test_shared_templates_and_countries():
    html = view(
        '<b><xsl:value-of select="tns:P_2"/></b><xsl:call-template name="Kraj"/>',
        f'<xsl:import href="{IMPORT}"/>',
    )
    assert "<i>POLSKA</i>" in html
    assert "<b>F/1 &lt;script&gt;" in html, "texts stay texts"


@pytest.mark.parametrize("name", ["file:///etc/passwd", "/etc/passwd"])
def test_no_file_is_read(name):
    html = view(f"<b><xsl:copy-of select=\"document('{name}')\"/></b>")
    assert "root" not in html


def test_nothing_is_fetched():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.xsl"
        view(f"<xsl:copy-of select=\"document('{url}')\"/>")
        with pytest.raises(ProtocolError):
            view("", f'<xsl:import href="{url}"/>')
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_file_is_written(tmp_path):
    target = tmp_path / "written"
    with suppress(ProtocolError):  # refusing is as good as leaving it out
        view(
            f'<exsl:document href="{target}" xmlns:exsl="http://exslt.org/common"'
            ' extension-element-prefixes="exsl">x</exsl:document>'
        )
    assert not target.exists()


@pytest.mark.parametrize("style", [b"", b"<html/>", b"no XML", b"<a>"])
def test_what_is_no_style_sheet(style):
    with pytest.raises(ProtocolError):
        official_view(INVOICE, style=style, shared=SHARED, countries=COUNTRIES)


def test_hostile_invoice():
    bomb = b'<!DOCTYPE a [<!ENTITY b "b">]><Faktura>&b;</Faktura>'
    with pytest.raises(Fa3Error):
        view(xml=bomb)
