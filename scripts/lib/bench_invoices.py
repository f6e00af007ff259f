"""Invoices to measure with: a company, an accountant, a buyer, and drafts by the
thousand. For `odoo shell` in a database of scripts/lib/databases.sh."""

import sys

from odoo import Command

from odoo.addons.l10n_pl_ksef.tools import warsaw

#: So many are posted at a time, and committed.
BATCH = 200
NIP = "9999999999"
NAMES = ("lodówka", "pralka", "transport", "montaż", "przedłużona gwarancja")
PRICES = (1626.01, 999.99, 40.65, 123.4567, 0.95)


def say(text):
    """Tell a person; the answer to a program is the last line of standard output."""
    print(text, file=sys.stderr, flush=True)


def prepare(env):
    """Return an accountant's environment, a buyer and a Polish company, committed."""
    company = env["res.company"].search([("name", "=", "ksef-test-1")])
    company.partner_id.write(
        {"vat": f"PL{NIP}", "street": "ul. Kwiatowa 1", "zip": "00-001"}
        | {"city": "Warszawa"}
    )
    company.write(
        {
            "ksef_environment": "own",
            "ksef_api_url": "http://127.0.0.1:9",
            "ksef_qr_url": "http://127.0.0.1:9",
        }
    )
    user = env["res.users"].create(
        {
            "name": "Księgowa",
            "login": "bench",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(env.ref("account.group_account_invoice").ids)],
        }
    )
    buyer = env["res.partner"].create(
        {
            "name": "F.H.U. Jan Kowalski",
            "vat": "PL1111111111",
            "country_id": env.ref("base.pl").id,
            "street": "ul. Polna 1",
            "zip": "00-001",
            "city": "Warszawa",
        }
    )
    env.cr.commit()
    accountant = env(user=user.id, context={"allowed_company_ids": company.ids})
    return accountant, accountant["res.partner"].browse(buyer.id), company


def drafts(accountant, buyer, count):
    """Create draft invoices of five lines: four of 23 %, one of 8 %."""
    chart = accountant["account.chart.template"]
    taxes = [chart.ref("vs_kraj_23"), chart.ref("vs_kraj_8")]
    journal = accountant["account.journal"].search([("type", "=", "sale")], limit=1)
    # Without one Odoo counts the buyer's lines so far, for each line.
    account = journal.default_account_id
    line_values = [
        {
            "name": name,
            "quantity": number + 1,
            "price_unit": price,
            "account_id": account.id,
            "discount": 10 if number == 3 else 0,
            "tax_ids": [Command.set(taxes[number == 2].ids)],
        }
        for number, (name, price) in enumerate(zip(NAMES, PRICES, strict=False))
    ]
    invoice = {
        "move_type": "out_invoice",
        "partner_id": buyer.id,
        "invoice_date": warsaw.today(),
        "invoice_line_ids": [Command.create(values) for values in line_values],
    }
    return accountant["account.move"].create(
        [dict(invoice) for _number in range(count)]
    )
