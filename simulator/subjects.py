"""Whom a certificate names: its subject, in the words of the enrolment data."""

from uuid import NAMESPACE_URL, uuid5

from cryptography import x509
from cryptography.x509.oid import NameOID

from .store import Identity

ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")
FIELDS = {
    "countryName": NameOID.COUNTRY_NAME,
    "organizationIdentifier": ORGANIZATION_IDENTIFIER,
    "organizationName": NameOID.ORGANIZATION_NAME,
    "givenName": NameOID.GIVEN_NAME,
    "surname": NameOID.SURNAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "commonName": NameOID.COMMON_NAME,
    "uniqueIdentifier": x509.ObjectIdentifier("2.5.4.45"),
}
PREFIXES = {"Pesel": "PNOPL", "Nip": "TINPL"}


def read(subject: x509.Name) -> dict:
    """The attributes by field name; a repeated one is joined by blanks."""
    told = {field: attribute(subject, oid) for field, oid in FIELDS.items()}
    return {field: value for field, value in told.items() if value}


def attribute(subject: x509.Name, oid) -> str:
    """The value, or an empty text."""
    return " ".join(str(a.value) for a in subject.get_attributes_for_oid(oid))


def complete(told: dict, identity: Identity) -> dict:
    """What the holder's next certificate will say, in KSeF's own spelling."""
    told = {"countryName": "PL", **told}
    told.setdefault("commonName", _full_name(told))
    if identity.type == "Fingerprint":
        unique = str(uuid5(NAMESPACE_URL, identity.value))
        return {"uniqueIdentifier": unique, **told}
    if "givenName" in told:
        number = f"{PREFIXES[identity.type]}-{identity.value}"
        return {**told, "serialNumber": number}
    return {**told, "organizationIdentifier": f"VATPL-{identity.value}"}


def differs(subject: x509.Name, told: dict) -> list[str]:
    """The fields in which a request departs from what KSeF told."""
    asked = read(subject)
    unknown = [a.oid.dotted_string for a in subject if a.oid not in FIELDS.values()]
    wrong = [name for name in FIELDS if asked.get(name) != told.get(name)]
    return unknown + wrong


def write(told: dict) -> x509.Name:
    """The subject as the authority writes it, in its own order."""
    return x509.Name(
        [
            x509.NameAttribute(oid, told[field])
            for field, oid in FIELDS.items()
            if told.get(field)
        ]
    )


def _full_name(told):
    names = told.get("givenName"), told.get("surname"), told.get("organizationName")
    return " ".join(name for name in names if name)
