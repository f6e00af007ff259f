"""What a company is on an invoice, in KSeF's words."""


def role_of(invoice, nip):
    """Return the role of ``nip`` that matters most, or None if it has none."""
    if invoice.buyer.nip == nip:
        return "Subject2"
    if invoice.seller.nip == nip:
        return "Subject1"
    if any(party.nip == nip for party in invoice.third_parties):
        return "Subject3"
    if invoice.authorized and invoice.authorized.nip == nip:
        return "SubjectAuthorized"
    return None


#: Podmiot3 who gets what was sold (Rola): recipient, additional buyer, unit of a local
#: authority and member of a VAT group that receive.
RECEIVING = ("2", "4", "8", "10")


def receives(invoice, nip):
    """Tell whether ``nip`` or a unit of it is a third party that gets what was sold."""
    return any(
        party.role in RECEIVING
        and (party.nip == nip or (party.internal_id or "").startswith(f"{nip}-"))
        for party in invoice.third_parties
    )
