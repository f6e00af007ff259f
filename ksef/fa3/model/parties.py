"""Who stands on the invoice: Podmiot1, Podmiot2, Podmiot3, PodmiotUpowazniony."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..elements import element
from ..values import FLAG, PERCENT, TEXT, YES_NO, Code, Text


def identifier(name: str, limit: int) -> Any:
    """One of the alternatives that identify a party; at most one is given."""
    return element(f"DaneIdentyfikacyjne/{name}", Code(limit), default=None)


def no_identifier() -> Any:
    return element("DaneIdentyfikacyjne/BrakID", FLAG, default=False)


def party_name() -> Any:
    return element("DaneIdentyfikacyjne/Nazwa", Text(512), default=None)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Adres, AdresKoresp and every other address."""

    country: str = element("KodKraju", Code(2))
    line1: str = element("AdresL1", Text(512))
    line2: str | None = element("AdresL2", Text(512), default=None)
    gln: str | None = element("GLN", Text(13), default=None)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """DaneKontaktowe."""

    email: str | None = element("Email", Text(255), default=None)
    phone: str | None = element("Telefon", Text(16), default=None)


@dataclass(frozen=True, kw_only=True)
class AuthorizedContact:
    """DaneKontaktowe of PodmiotUpowazniony."""

    email: str | None = element("EmailPU", Text(255), default=None)
    phone: str | None = element("TelefonPU", Text(16), default=None)


@dataclass(frozen=True, kw_only=True)
class Seller:
    """Podmiot1. ``status``: 1 in liquidation, 2 in restructuring, 3 bankrupt,
    4 business in succession."""

    vat_prefix: str | None = element("PrefiksPodatnika", Code(2), default=None)
    eori: str | None = element("NrEORI", TEXT, default=None)
    nip: str = element("DaneIdentyfikacyjne/NIP", Code(10))
    name: str = element("DaneIdentyfikacyjne/Nazwa", Text(512))
    address: Address = element("Adres", Address)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[Contact, ...] = element("DaneKontaktowe", Contact, many=True)
    status: str | None = element("StatusInfoPodatnika", Code(1), default=None)


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Podmiot2. Exactly one of nip, eu_number, other_id and no_id identifies it.
    ``link_id`` is the key by which a correction names the former data."""

    eori: str | None = element("NrEORI", TEXT, default=None)
    nip: str | None = identifier("NIP", 10)
    eu_prefix: str | None = identifier("KodUE", 2)
    eu_number: str | None = identifier("NrVatUE", 12)
    id_country: str | None = identifier("KodKraju", 2)
    other_id: str | None = identifier("NrID", 50)
    no_id: bool = no_identifier()
    name: str | None = party_name()
    address: Address | None = element("Adres", Address, default=None)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[Contact, ...] = element("DaneKontaktowe", Contact, many=True)
    customer_number: str | None = element("NrKlienta", TEXT, default=None)
    link_id: str | None = element("IDNabywcy", Text(32), default=None)
    local_authority_unit: bool = element("JST", YES_NO, default=False)
    vat_group_member: bool = element("GV", YES_NO, default=False)


@dataclass(frozen=True, kw_only=True)
class ThirdParty:
    """Podmiot3. Its role is a number (``role``, "1" to "11") or a text
    (``other_role``); ``share`` is the percentage of an additional buyer (role 4)."""

    link_id: str | None = element("IDNabywcy", Text(32), default=None)
    eori: str | None = element("NrEORI", TEXT, default=None)
    nip: str | None = identifier("NIP", 10)
    internal_id: str | None = identifier("IDWew", 20)
    eu_prefix: str | None = identifier("KodUE", 2)
    eu_number: str | None = identifier("NrVatUE", 12)
    id_country: str | None = identifier("KodKraju", 2)
    other_id: str | None = identifier("NrID", 50)
    no_id: bool = no_identifier()
    name: str | None = party_name()
    address: Address | None = element("Adres", Address, default=None)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[Contact, ...] = element("DaneKontaktowe", Contact, many=True)
    role: str | None = element("Rola", Code(2), default=None)
    other_role: str | None = element("OpisRoli", TEXT, marker="RolaInna", default=None)
    share: Decimal | None = element("Udzial", PERCENT, default=None)
    customer_number: str | None = element("NrKlienta", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """PodmiotUpowazniony. ``role``: 1 enforcement authority, 2 bailiff, 3 tax
    representative."""

    eori: str | None = element("NrEORI", TEXT, default=None)
    nip: str = element("DaneIdentyfikacyjne/NIP", Code(10))
    name: str = element("DaneIdentyfikacyjne/Nazwa", Text(512))
    address: Address = element("Adres", Address)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[AuthorizedContact, ...] = element(
        "DaneKontaktowe", AuthorizedContact, many=True
    )
    role: str = element("RolaPU", Code(1))
