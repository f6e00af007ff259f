"""The demo goes on: KSeF is away, and an invoice is issued offline all the same."""

import io
import subprocess
import time

import demo_ksef
from demo_job import PATIENCE, issue_invoice, output, require, tell
from demo_odoo import as_user, database
from PIL import Image
from pyzbar import pyzbar


def main():
    with database() as env:
        admin, accountant = as_user(env, "admin"), as_user(env, "accountant")
        get_certificate(admin)
        demo_ksef.away(True)
        try:
            invoice = issue_offline(accountant)
        finally:
            demo_ksef.away(False)
        deliver(accountant, invoice)


def get_certificate(env):
    """The key is made here, the certificate comes from KSeF."""
    settings = env["res.config.settings"].create({})
    action = settings.action_ksef_get_offline_certificate()
    env[action["res_model"]].browse(action["res_id"]).action_request()
    env.cr.commit()
    certificate = env.company._ksef_offline_certificate()
    require(certificate, "no Offline certificate arrived")
    tell("Offline certificate", f"{certificate.serial_number}, ordered from KSeF")


def issue_offline(env):
    invoice = issue_invoice(env)
    chosen = {"sending_methods": ["manual"], "extra_edis": ["ksef", "ksef_offline"]}
    wizard = env["account.move.send.wizard"].create({"move_id": invoice.id, **chosen})
    wizard.action_send_and_print()
    env.cr.commit()
    document = invoice.ksef_document_id
    tell("KSeF is away", f"{document.offline_mode}, to be sent by {document.deadline}")
    links = printed_links(invoice)
    expected = {document.qr_link, document.certificate_link}
    require(links == expected, f"the codes of the PDF say {links}")
    demo_ksef.follow(document.certificate_link)  # fails unless KSeF verifies it
    tell("two QR codes read", "KOD I and KOD II; KSeF verifies the signature")
    return invoice


def printed_links(invoice):
    pdf = invoice._get_invoice_legal_documents("pdf", allow_fallback=True)["content"]
    path = output(f"{invoice.name.replace('/', '_')}-offline.pdf")
    path.write_bytes(pdf)
    tell("PDF written", str(path))
    command = ["pdftoppm", "-png", "-r", "200", "-singlefile", str(path)]
    picture = subprocess.run(command, capture_output=True, check=True).stdout
    codes = pyzbar.decode(Image.open(io.BytesIO(picture)))
    return {code.data.decode() for code in codes}


def deliver(env, invoice):
    """KSeF is back: what the send cron does by itself; then "Check now"."""
    env["ksef.session"].sudo()._cron_send()
    document = invoice.with_env(env).ksef_document_id
    deadline = time.monotonic() + PATIENCE
    while document.state == "pending" and time.monotonic() < deadline:
        time.sleep(1)
        document.session_id.action_poll_now()
        env.invalidate_all()
    require(document.state == "accepted", document.problem or document.state)
    mode = f"{document.ksef_number} ({document.invoicing_mode})"
    tell("KSeF is back", mode)


if __name__ == "__main__":
    main()
