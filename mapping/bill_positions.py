"""The fiscal position of a received invoice: Odoo's own choice, asked once for all
partners in the same situation."""

from .known import Known


def position_of(partner, company):
    """Return the fiscal position that Odoo would give the bill."""
    known = Known.of(company.env)
    found = known.once(_found, company)
    situation = _situation(partner, company, known.once(_zips_matter, company))
    if situation not in found:
        found[situation] = _positions(company)._get_fiscal_position(partner)
    return found[situation]


def _found(_company):
    """What was found so far."""
    return {}


def _situation(partner, company, zips_matter):
    """Return all of a partner that Odoo's choice depends on."""
    partner = partner.with_company(company)
    return (
        bool(partner),
        partner.property_account_position_id,
        partner.country_id,
        partner.state_id,
        zips_matter and partner.zip,
        bool(partner) and partner._get_vat_required_valid(company=company),
    )


def _zips_matter(company):
    return bool(_positions(company).search_count([("zip_from", "!=", False)], limit=1))


def _positions(company):
    return company.env["account.fiscal.position"].with_company(company)
