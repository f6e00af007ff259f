# For `odoo shell`: companies with the Polish chart of accounts, which takes seconds
# each. tests/mapping_common.py gives them to tests instead of creating new ones.
# ruff: noqa: F821
# Odoo would otherwise install further modules with the country of a company.
companies = env["res.company"].with_context(chart_template_load=True)
poland, zloty = env.ref("base.pl"), env.ref("base.PLN")
for name in ("ksef-test-1", "ksef-test-2"):
    company = companies.create(
        {"name": name, "country_id": poland.id, "currency_id": zloty.id}
    )
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    company.currency_id = zloty
    if "stock.warehouse" in env:  # Odoo's tests get one with each company
        env["stock.warehouse"].create({"company_id": company.id})
env.cr.commit()
