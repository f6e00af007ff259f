from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The KSeF rate of OSS taxes is new, and so is the provision of exempt purchases:
    both are stored, and nothing else would compute them. Chosen rates stay."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    taxes = env["account.tax"].with_context(active_test=False)
    unrated = taxes.search([("ksef_rate", "=", False), ("country_id.code", "=", "PL")])
    for tax in unrated:
        if tax._ksef_default_rate() == "oss":
            tax.ksef_rate = "oss"
    exempt = [("ksef_rate", "=", "zw"), ("ksef_exemption_basis", "=", False)]
    taxes.search(exempt)._compute_ksef_exemption()
