"""Who sells, who buys, who else: sections Podmiot1, Podmiot2, Podmiot3 and those of
corrected data. Sources: FA(3) brochure of 2026-03-04, pages 16-35 and 68-70;
weryfikacja-faktury.md (checksum of the NIP, in production)."""

import re
from decimal import Decimal

from .document import Document, Findings, Section, error, warning

_NIP = re.compile(r"[0-9]{10}")
_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)

#: Sections that state what was wrong: KSeF does not check their NIP.
_FORMER = ("Faktura/Fa/Podmiot1K", "Faktura/Fa/Podmiot2K")


def nip_is_right(nip: str) -> bool:
    """Whether ``nip`` is ten digits with the right checksum (the last of them)."""
    if not _NIP.fullmatch(nip):
        return False
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, nip, strict=False))
    return total % 11 == int(nip[9])


def checksums(document: Document) -> Findings:
    for party in document.parties:
        told = warning if party.path.startswith(_FORMER) else error
        identity = party.section("DaneIdentyfikacyjne")
        for name in ("NIP", "IDWew"):
            number = identity.text(name)[:10]
            if _NIP.fullmatch(number) and not nip_is_right(number):
                message = f"{number} is not a NIP: its checksum is wrong"
                yield told("nip-checksum", identity.at(name), message, number)


def polish_numbers(document: Document) -> Findings:
    """Only NIP gives the buyer access in KSeF; another field for it cuts him off."""
    told = document.duty
    for party in (document.buyer, *document.third_parties):
        identity = party.section("DaneIdentyfikacyjne")
        number = identity.text("NrVatUE")
        if identity.text("KodUE") == "PL" or _is_polish(number):
            where = identity.at("NrVatUE")
            message = f"{number} is a Polish number: it belongs into NIP"
            yield told("nip-as-foreign", where, message, number)
        number = identity.text("NrID")
        in_poland = identity.text("KodKraju") == "PL" and nip_is_right(number)
        if in_poland or _is_polish(number):
            message = f"{number} is a NIP: it belongs into NIP"
            yield told("nip-as-foreign", identity.at("NrID"), message, number)


def _is_polish(number: str) -> bool:
    return number[:2] == "PL" and nip_is_right(re.sub("[ -]", "", number[2:]))


def buyer_data(document: Document) -> Findings:
    """Art. 106e(1)(3); left out only on a simplified invoice (art. 106e(5)(3))."""
    if document.kind == "UPR":
        if not document.buyer.section("DaneIdentyfikacyjne").has("NIP"):
            where = document.buyer.at("DaneIdentyfikacyjne/NIP")
            message = "a simplified invoice needs the buyer's NIP"
            yield error("simplified-without-nip", where, message)
        return
    told = document.duty
    if not document.buyer.section("DaneIdentyfikacyjne").text("Nazwa"):
        where = document.buyer.at("DaneIdentyfikacyjne/Nazwa")
        yield told("buyer-without-name", where, "the buyer has no name")
    if not document.buyer.section("Adres").text("AdresL1"):
        where = document.buyer.at("Adres")
        yield told("buyer-without-address", where, "the buyer has no address")


def units(document: Document) -> Findings:
    """JST and GV promise a third party that KSeF can find."""
    for flag, role, what in (("JST", "8", "unit"), ("GV", "10", "member")):
        if document.buyer.text(flag) != "1":
            continue
        if not any(_is_found(party, role) for party in document.third_parties):
            code = "jst-without-unit" if flag == "JST" else "gv-without-member"
            message = f"{flag} is 1, but no Podmiot3 with role {role} names the {what}"
            yield error(code, document.buyer.at(flag), message)


def _is_found(party: Section, role: str) -> bool:
    identity = party.section("DaneIdentyfikacyjne")
    known = identity.text("NIP") or identity.text("IDWew")
    return party.text("Rola") == role and bool(known)


def shares(document: Document) -> Findings:
    total = Decimal()
    for party in document.third_parties:
        share = party.number("Udzial")
        if share is None:
            continue
        total += share
        if party.text("Rola") != "4":
            message = "only an additional buyer (role 4) has a share"
            yield warning("share-without-buyer", party.at("Udzial"), message)
    if total > 100:
        message = f"the additional buyers have {total}% together"
        yield error("shares-above-all", "Faktura/Podmiot3", message, str(total))


def mails(document: Document) -> Findings:
    for party in document.parties:
        for contact in party.sections("DaneKontaktowe"):
            for name in ("Email", "EmailPU"):
                mail = contact.text(name)
                if mail.count("@") > 1:
                    message = f"{mail} is more than one address"
                    yield warning("several-mails", contact.at(name), message, mail)


def eu_sale(document: Document) -> Findings:
    """Art. 106e(1)(24), 97(10): the numbers of both sides with their prefixes."""
    rates = document.stated_rates & {"0 WDT", "np II"}
    triangular = document.annotations.text("P_23") == "1"
    if not rates and not triangular:
        return
    told = document.duty
    what = ", ".join(sorted(rates)) or "P_23"
    if document.seller.text("PrefiksPodatnika") != "PL":
        where = document.seller.at("PrefiksPodatnika")
        message = f"a sale under {what} needs the prefix PL of the seller"
        yield told("eu-sale-without-prefix", where, message, what)
    new_transport = document.annotations.section("NoweSrodkiTransportu").has("P_22")
    identity = document.buyer.section("DaneIdentyfikacyjne")
    if not identity.has("KodUE") and not new_transport:
        message = f"a sale under {what} needs the EU VAT number of the buyer"
        where = identity.at("NrVatUE")
        yield told("eu-sale-without-number", where, message, what)


def former_data(document: Document) -> Findings:
    """Data before a correction: found by IDNabywcy, unless the party is gone; a wrong
    NIP is not corrected so, but by a correction to zero and a new invoice (a legal
    successor has another by right)."""
    for former_seller in document.body.sections("Podmiot1K"):
        yield from _same_nip(former_seller, document.seller)
    parties = [document.buyer, *document.third_parties]
    for former in document.body.sections("Podmiot2K"):
        key = former.text("IDNabywcy")
        found = [party for party in parties if key and party.text("IDNabywcy") == key]
        if found:
            yield from _same_nip(former, found[0])
        elif key:
            message = f"no Podmiot2 or Podmiot3 has the IDNabywcy {key}"
            yield warning("former-buyer-unknown", former.at("IDNabywcy"), message, key)
        else:
            message = "has no IDNabywcy that says whose data it was"
            yield warning("former-buyer-unlinked", former.path, message)


def _same_nip(former: Section, party: Section) -> Findings:
    before = former.section("DaneIdentyfikacyjne").text("NIP")
    after = party.section("DaneIdentyfikacyjne").text("NIP")
    if before and after and before != after:
        where = former.at("DaneIdentyfikacyjne/NIP")
        message = f"{before} is another NIP than {after}: cancel, then invoice anew"
        yield warning("former-nip-differs", where, message, before)


RULES = (
    checksums,
    polish_numbers,
    buyer_data,
    units,
    shares,
    mails,
    eu_sale,
    former_data,
)
