"""The unit of measure of a received line (P_8A), where Odoo has the same one."""

from .known import Known

#: How Polish invoices abbreviate the units that Odoo brings, without the full stop.
ABBREVIATIONS = {
    "product_uom_unit": "szt sztuka sztuki sztuk pcs pce pc",
    "product_uom_dozen": "tuz tuzin tuziny tuzinów",
    "product_uom_hour": "h godz godzina godziny godzin rbg rbh r-g roboczogodzina",
    "product_uom_day": "d dzień dni dzien doba doby dób",
    "product_uom_minute": "min minuta minuty minut",
    "product_uom_millimeter": "mm",
    "product_uom_cm": "cm",
    "product_uom_meter": "m mb metr metry metrów m.b",
    "product_uom_km": "km kilometr kilometry kilometrów",
    "product_uom_square_meter": "m2 m² mkw m.kw",
    "product_uom_milliliter": "ml mililitr",
    "product_uom_litre": "l litr litry litrów ltr",
    "product_uom_cubic_meter": "m3 m³",
    "product_uom_gram": "g gr gram gramy gramów",
    "product_uom_kgm": "kg kilogram kilogramy kilogramów kgm",
    "product_uom_ton": "t tona tony ton to",
    "product_uom_kwh": "kwh",
}
_XMLIDS = {
    word: f"uom.{xmlid}"
    for xmlid, words in ABBREVIATIONS.items()
    for word in words.split()
}


def unit_id(text, env):
    """Return the id of the unit of measure that ``text`` names exactly, ``False`` if
    there is none, or more than one."""
    words = " ".join((text or "").split())
    return bool(words) and Known.of(env).once(_unit_id, words, env["uom.uom"])


def _unit_id(text, units):
    named = _named(text, units)
    if len(named) == 1:
        return named.id
    xmlid = _XMLIDS.get(text.rstrip(".").casefold())
    known = xmlid and units.env.ref(xmlid, raise_if_not_found=False)
    return known.id if known and known.active and not named else False


def _named(text, units):
    """Return the units with this very name, in the language of the user or in
    Polish."""
    pattern = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    found = units.search([("name", "=ilike", pattern)], limit=2)
    if not found and units.env["res.lang"]._get_data(code="pl_PL"):
        polish = units.with_context(lang="pl_PL")
        found = polish.search([("name", "=ilike", pattern)], limit=2)
    return found
