"""What an invoice corrects: DaneFaKorygowanej, Podmiot1K, Podmiot2K."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ..elements import element
from ..values import DAY, TEXT, Code, Text
from .parties import (
    Address,
    Buyer,
    Seller,
    ThirdParty,
    identifier,
    no_identifier,
    party_name,
)


@dataclass(frozen=True, kw_only=True)
class CorrectedInvoice:
    """DaneFaKorygowanej. Without ``ksef_number`` it was issued outside KSeF."""

    issue_date: date = element("DataWystFaKorygowanej", DAY)
    number: str = element("NrFaKorygowanej", TEXT)
    ksef_number: str | None = element(
        "NrKSeFFaKorygowanej",
        Code(36),
        marker="NrKSeF",
        otherwise="NrKSeFN",
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class FormerSeller:
    """Podmiot1K: the seller as it stood on the corrected invoice."""

    vat_prefix: str | None = element("PrefiksPodatnika", Code(2), default=None)
    nip: str = element("DaneIdentyfikacyjne/NIP", Code(10))
    name: str = element("DaneIdentyfikacyjne/Nazwa", Text(512))
    address: Address = element("Adres", Address)

    @classmethod
    def of(cls, seller: Seller) -> "FormerSeller":
        """What ``seller`` was before the correction."""
        return cls(**_shared(cls, seller))


@dataclass(frozen=True, kw_only=True)
class FormerBuyer:
    """Podmiot2K: a buyer as it stood on the corrected invoice. ``link_id`` is that
    of the buyer or additional buyer whose data it was."""

    nip: str | None = identifier("NIP", 10)
    eu_prefix: str | None = identifier("KodUE", 2)
    eu_number: str | None = identifier("NrVatUE", 12)
    id_country: str | None = identifier("KodKraju", 2)
    other_id: str | None = identifier("NrID", 50)
    no_id: bool = no_identifier()
    name: str | None = party_name()
    address: Address | None = element("Adres", Address, default=None)
    link_id: str | None = element("IDNabywcy", Text(32), default=None)

    @classmethod
    def of(cls, buyer: Buyer | ThirdParty, link_id: str) -> "FormerBuyer":
        """What ``buyer`` was before the correction, linked to what it is now."""
        return cls(**_shared(cls, buyer) | {"link_id": link_id})


def _shared(record_class: type, party: Any) -> dict[str, Any]:
    """What ``party`` says of the fields of ``record_class``."""
    return {field.name: getattr(party, field.name) for field in fields(record_class)}
