"""Fill the demo database: a Polish company, its accountant, a customer, products."""

import os

from demo_odoo import database

#: The buyer of the ministry's published examples; its checksum is right.
NIP = "1111111111"

COMPANY = {
    "name": "Stolarnia Dębowa sp. z o.o.",
    "vat": f"PL{NIP}",
    "street": "ul. Leśna 12",
    "zip": "60-101",
    "city": "Poznań",
    "email": "biuro@stolarnia.example",
    "phone": "+48 61 555 01 01",
}
CUSTOMER = {
    "name": "Hotel Bałtyk S.A.",
    "is_company": True,
    "vat": "PL1234563218",
    "street": "ul. Morska 3",
    "zip": "81-001",
    "city": "Gdynia",
    "email": "faktury@hotel.example",
}
IBAN = "PL61 1090 1014 0000 0712 1981 2874"
PRODUCTS = (("Stół dębowy", 2400.0, "23"), ("Książka o drewnie", 60.0, "5"))


def main():
    with database() as env:
        company = make_company(env)
        make_users(env, company)
        make_customer(env)
        make_products(env, company)
        set_addresses(env)


def make_company(env):
    company = env["res.company"].browse(1)
    poland = env.ref("base.pl")
    company.write({**COMPANY, "country_id": poland.id})
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    env["res.partner.bank"].create(
        {"acc_number": IBAN, "partner_id": company.partner_id.id}
    )
    return company


def make_users(env, company):
    env.ref("base.user_admin").write({"password": "admin", "tz": "Europe/Warsaw"})
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "Anna Księgowa",
            "login": "accountant",
            "password": "accountant",
            "email": "anna@stolarnia.example",
            "tz": "Europe/Warsaw",
            "company_id": company.id,
            "company_ids": [company.id],
            "group_ids": [
                env.ref("base.group_user").id,
                env.ref("base.group_partner_manager").id,
                env.ref("account.group_account_invoice").id,
            ],
        }
    )


def make_customer(env):
    env["res.partner"].create({**CUSTOMER, "country_id": env.ref("base.pl").id})


def make_products(env, company):
    for name, price, rate in PRODUCTS:
        tax = env["account.tax"].search(
            [
                ("company_id", "=", company.id),
                ("type_tax_use", "=", "sale"),
                ("ksef_rate", "=", rate),
            ],
            limit=1,
        )
        env["product.product"].create(
            {"name": name, "list_price": price, "taxes_id": tax.ids}
        )


def set_addresses(env):
    """Where wkhtmltopdf finds the styles of the PDF, and people find Odoo."""
    parameters = env["ir.config_parameter"]
    for name in ("web.base.url", "report.url"):
        parameters.set_param(name, os.environ["DEMO_URL"])
    parameters.set_param("web.base.url.freeze", "True")


if __name__ == "__main__":
    main()
