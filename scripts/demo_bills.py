"""The demo goes on: what suppliers have sent arrives, and each file finds its bill."""

from datetime import date
from decimal import Decimal

import demo_ksef
import demo_suppliers
from demo_company import NIP
from demo_job import fetch, output, require, tell
from demo_odoo import as_user, database
from demo_suppliers import Boards

SUPPLIER = {
    "name": "Tartak Sosna sp. z o.o.",
    "is_company": True,
    "vat": "PL5260250274",
    "street": "ul. Sosnowa 1",
    "zip": "61-001",
    "city": "Poznań",
}


def main():
    with database() as env:
        admin, accountant = as_user(env, "admin"), as_user(env, "accountant")
        make_rule(admin, make_supplier(env))
        typed = type_bill(accountant)
        numbers = lay_into_ksef()
        bill = fetch(accountant, numbers["plain"])
        require(bill, "the bills did not arrive")
        tell_bills(accountant, numbers, typed)
        read(bill)


def make_supplier(env):
    poland = env.ref("base.pl")
    return env["res.partner"].create({**SUPPLIER, "country_id": poland.id})


def make_rule(env, supplier):
    tag = env["ksef.tag"].create({"name": "Drewno"})
    anna = env["res.users"].search([("login", "=", "accountant")])
    rule = {"name": "Drewno: Anna", "partner_id": supplier.id, "user_id": anna.id}
    env["ksef.route"].create({**rule, "tag_ids": tag.ids})
    env.cr.commit()


def type_bill(env):
    """A bill that came on paper, entered before KSeF has its file."""
    supplier = env["res.partner"].search([("vat", "=", SUPPLIER["vat"])])
    taxes = env["account.tax"].search([("type_tax_use", "=", "purchase")])
    tax = taxes.filtered(lambda one: one.ksef_rate == "23")[:1]
    line = {"name": "Deska dębowa", "quantity": 3, "price_unit": 100}
    bill = env["account.move"].create(
        {
            "move_type": "in_invoice",
            "partner_id": supplier.id,
            "ref": "TS 103/2026",
            "invoice_date": date.today(),
            "invoice_line_ids": [(0, 0, {**line, "tax_ids": tax.ids})],
        }
    )
    env.cr.commit()
    return bill


def lay_into_ksef():
    """Return the KSeF numbers by what is interesting about the file."""
    files = {
        "plain": demo_suppliers.invoice("TS/101/2026", NIP, Boards(10)),
        "wrong": demo_suppliers.invoice(
            "TS/102/2026", NIP, Boards(2), wrong_by=Decimal(9)
        ),
        "typed": demo_suppliers.invoice("TS/103/2026", NIP, Boards(3)),
    }
    numbers = {what: demo_ksef.put_invoice(xml) for what, xml in files.items()}
    correction = demo_suppliers.correction(
        "TS/K1/2026",
        NIP,
        Boards(10, before=True),
        Boards(8),
        corrects="TS/101/2026",
        ksef_number=numbers["plain"],
    )
    return {**numbers, "correction": demo_ksef.put_invoice(correction)}


def tell_bills(env, numbers, typed):
    bills = {
        what: env["account.move"].search([("ksef_number", "=", number)])
        for what, number in numbers.items()
    }
    refund, wrong = bills["correction"], bills["wrong"]
    require(refund.reversed_entry_id == bills["plain"], "a correction without original")
    total = f"{refund.amount_total:.2f} PLN less on {bills['plain'].ref}"
    tell("correction", f"{refund.ref}: {total}")
    require(wrong.ksef_trust == "check", "nobody noticed the wrong total")
    found = wrong.ksef_document_id.findings[0]["text"]
    tell("wrong total", f"{wrong.ref}: {found}")
    require(bills["typed"] == typed, "a bill that was typed in is there twice")
    tell("typed in before", f"{typed.ref} has got its file from KSeF, once")
    activity = bills["plain"].activity_ids
    require(activity.user_id.login == "accountant", "nobody was told of the bill")
    tell("to the right person", f"{activity.user_id.name}: {activity.summary}")


def read(bill):
    path = output(f"{bill.ref.replace('/', '_')}.pdf")
    path.write_bytes(bill.ksef_document_id._readable_pdf())
    tell("readable invoice", str(path))


if __name__ == "__main__":
    main()
