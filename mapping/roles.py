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
