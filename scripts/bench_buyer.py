# For `odoo shell`, started by scripts/bench: a company that receives bills, and what it
# knows of its suppliers and their articles. Its template database keeps them.
# ruff: noqa: F821
from bench_bills import KNOWN_ARTICLES, KNOWN_SUPPLIERS, article, suppliers
from bench_invoices import prepare

from odoo import Command

accountant, _buyer, company = prepare(env)
company.ksef_import = True
env["res.partner"].create(
    [
        {
            "name": supplier.name,
            "is_company": True,
            "country_id": env.ref("base.pl").id,
            "vat": f"PL{supplier.nip}",
            "bank_ids": [Command.create({"acc_number": f"PL{supplier.account}"})],
        }
        for supplier in suppliers()[:KNOWN_SUPPLIERS]
    ]
)
env["product.product"].create(
    [
        {"name": name, "default_code": code}
        for code, name, *_rate in map(article, range(KNOWN_ARTICLES))
    ]
)
env.cr.execute("ANALYZE")
env.cr.commit()
