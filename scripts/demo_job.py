"""The main job, step by step, through the addon's own code.

Settings and certificate: the administrator. Everything else: the accountant.
"""

import base64
import io
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import demo_ksef
from demo_odoo import as_user, database
from PIL import Image
from pyzbar import pyzbar

PASSWORD = "Haslo-do-certyfikatu-2026"
PATIENCE = 90


def tell(step, text):
    print(f"    {step:<22} {text}", flush=True)


def require(condition, text):
    if not condition:
        sys.exit(f"error: {text}")


def main():
    with database() as env:
        admin, accountant = as_user(env, "admin"), as_user(env, "accountant")
        set_up_connection(admin)
        invoice = issue_invoice(accountant)
        document = send(accountant, invoice)
        wait_for_upo(admin, document)
        write_pdf(invoice)
        receive_bill(accountant)


# ----------------------------------------------------------------------
# Administrator
# ----------------------------------------------------------------------


def set_up_connection(env):
    address = demo_ksef.ADDRESS
    journal = env["account.journal"].search([("type", "=", "purchase")], limit=1)
    values = {
        "ksef_environment": "own",
        "ksef_api_url": f"{address}/v2",
        "ksef_qr_url": address,
        "ksef_import": True,
        "ksef_import_from": date.today() - timedelta(days=30),
        "ksef_import_journal_id": journal.id,
    }
    env["res.config.settings"].create(values).execute()
    env.cr.commit()
    certificate = upload_certificate(env)
    tell("certificate uploaded", f"{certificate.serial_number} · {certificate.owner}")
    certificate.action_check_connection()
    env.cr.commit()
    require(certificate.state == "active", certificate.check_error or "no connection")
    tell("connection checked", certificate._connection_text())


def upload_certificate(env):
    crt, key = demo_ksef.new_certificate(env.company, PASSWORD)
    wizard = env["ksef.certificate.upload"].create(
        {
            "company_id": env.company.id,
            "type": "authentication",
            "certificate_file": base64.b64encode(crt),
            "key_file": base64.b64encode(key),
            "password": PASSWORD,
        }
    )
    wizard.action_save()
    return env["ksef.certificate"].search([], limit=1)


def wait_for_upo(env, document):
    """What the poll cron does while nobody looks."""
    deadline = time.monotonic() + PATIENCE
    while not document.upo and time.monotonic() < deadline:
        time.sleep(1)
        env["ksef.session"].sudo()._cron_poll()
        document.invalidate_recordset()
    require(document.upo, "no UPO arrived")
    path = output(f"UPO-{document.ksef_number}.xml")
    path.write_bytes(base64.b64decode(document.with_context(bin_size=False).upo))
    tell("UPO stored", f"{path.stat().st_size} bytes: {path}")


# ----------------------------------------------------------------------
# Accountant
# ----------------------------------------------------------------------


def issue_invoice(env):
    customer = env["res.partner"].search([("vat", "=", "PL1234563218")])
    products = env["product.product"].search([("taxes_id.ksef_rate", "!=", False)])
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_line_ids": [
                (0, 0, {"product_id": product.id, "quantity": number})
                for number, product in enumerate(products, 1)
            ],
        }
    )
    invoice.action_post()
    env.cr.commit()
    total = f"{invoice.amount_total:.2f} {invoice.currency_id.name}"
    tell("invoice posted", f"{invoice.name} for {customer.name}, {total}")
    return invoice


def send(env, invoice):
    """Send & Print, with what it offers by itself."""
    wizard = env["account.move.send.wizard"].create(
        {"move_id": invoice.id, "sending_methods": ["manual"]}
    )
    require("ksef" in (wizard.extra_edis or []), "Send & Print does not offer KSeF")
    wizard.action_send_and_print()
    env.cr.commit()
    invoice.invalidate_recordset()
    document = invoice.ksef_document_id
    require(document.state == "accepted", document.problem or document.state)
    tell("sent", f"session {document.session_id.reference_number}")
    frozen = base64.b64decode(document.with_context(bin_size=False).xml)
    require(
        demo_ksef.stored_bytes(document.ksef_number) == frozen,
        "KSeF holds other bytes than Odoo",
    )
    tell("KSeF number", f"{document.ksef_number} (both hold the same bytes)")
    return document


def write_pdf(invoice):
    pdf = invoice._get_invoice_legal_documents("pdf", allow_fallback=True)["content"]
    path = output(f"{invoice.name.replace('/', '_')}.pdf")
    path.write_bytes(pdf)
    tell("PDF written", str(path))
    link = qr_link(path)
    require(link == invoice.ksef_qr_link, f"the QR code of the PDF says {link}")
    require(
        invoice.ksef_number in demo_ksef.follow(link),
        "KSeF does not find the invoice by its QR code",
    )
    tell("QR code followed", link)


def qr_link(path):
    """Return what a scanner reads from the first page."""
    command = ["pdftoppm", "-png", "-r", "150", "-singlefile", str(path)]
    picture = subprocess.run(command, capture_output=True, check=True).stdout
    codes = pyzbar.decode(Image.open(io.BytesIO(picture)))
    return codes[0].data.decode() if codes else None


def receive_bill(env):
    source, xml = demo_ksef.supplier_bill()
    ksef_number = demo_ksef.put_invoice(xml)
    reference, amount = demo_ksef.facts(xml)
    tell("supplier invoices", f"{reference} ({source}), P_15 = {amount}")
    bill = fetch(env, ksef_number)
    require(bill, "the bill did not arrive")
    require(
        bill.currency_id.compare_amounts(bill.amount_total, float(amount)) == 0,
        f"the bill says {bill.amount_total}, the supplier {amount}",
    )
    tell(
        "supplier bill imported",
        f"{bill.ref} of {bill.partner_id.name}, lines: {len(bill.invoice_line_ids)},"
        f" total {bill.amount_total:.2f} {bill.currency_id.name}",
    )


def fetch(env, ksef_number):
    """The button of the vendor-bill journal, until the bill is there."""
    journal = env["account.journal"].search([("type", "=", "purchase")], limit=1)
    deadline = time.monotonic() + PATIENCE
    bill = env["account.move"]
    while not bill and time.monotonic() < deadline:
        journal.button_fetch_in_einvoices()
        env.cr.commit()
        env.invalidate_all()
        bill = bill.search([("ksef_number", "=", ksef_number)])
        time.sleep(0 if bill else 2)
    return bill


def output(name):
    return Path(os.environ["DEMO_OUTPUT"]) / name


if __name__ == "__main__":
    main()
