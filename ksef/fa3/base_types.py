"""The base types that the FA(3) schema takes from the ministry's common schemas.

The twelve used there, written anew from their definitions; the test suite proves
that they give the same verdicts.
"""

_COUNTRIES = """
AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM
BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY
CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI
GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD
ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO
NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN
TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XC XI XK XL YE YT ZA
ZM ZW
"""
# TKodKraju: ISO 3166 with GR for Greece, and XC, XI, XK, XL.
COUNTRIES: frozenset[str] = frozenset(_COUNTRIES.split())


def _type(name: str, base: str, *facets: tuple[str, str]) -> str:
    inside = "".join(f'<xs:{facet} value="{value}"/>' for facet, value in facets)
    return (
        f'<xs:simpleType name="{name}">'
        f'<xs:restriction base="xs:{base}">{inside}</xs:restriction></xs:simpleType>'
    )


_NIP = r"[1-9]((\d[1-9])|([1-9]\d))\d{7}"
_DAY = r"((\d{4})-(\d{2})-(\d{2}))"
_TYPES = (
    _type("TAdresEmail", "token", ("minLength", "3"), ("maxLength", "255"),
          ("pattern", "(.)+@(.)+")),
    _type("TData", "date", ("minInclusive", "1900-01-01"),
          ("maxInclusive", "2050-12-31"), ("pattern", _DAY)),
    _type("TDataCzas", "dateTime", ("whiteSpace", "collapse")),
    _type("TKodKraju", "normalizedString",
          *(("enumeration", code) for code in sorted(COUNTRIES))),
    _type("TNaturalny", "nonNegativeInteger", ("whiteSpace", "collapse"),
          ("totalDigits", "14")),
    _type("TNrIdentyfikacjiPodatkowej", "string", ("whiteSpace", "replace"),
          ("minLength", "1"), ("maxLength", "50")),
    _type("TNrKRS", "string", ("pattern", r"\d{10}")),
    _type("TNrNIP", "string", ("pattern", _NIP)),
    _type("TNrREGON", "string", ("pattern", r"\d{9}"), ("pattern", r"\d{14}")),
    _type("TTekstowy", "string", ("minLength", "1"), ("maxLength", "3500")),
    _type("TWybor1", "byte", ("enumeration", "1")),
    _type("TWybor1_2", "byte", ("enumeration", "1"), ("enumeration", "2")),
)  # fmt: skip

BASE_TYPES = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://'
    'crd.gov.pl/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy/">'
    f"{''.join(_TYPES)}</xs:schema>"
)
