"""What workers do in a company at work: invoices out, bills in, a new master key."""

import base64

from odoo import Command, fields

from .jobs import admin, company_of, let_pass


def furnish(env):
    """A chart of accounts, a customer, and everything switched on."""
    company = company_of(env)
    if company.ksef_import:  # another test was here before
        return
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    company.write(
        {
            "ksef_import": True,
            "ksef_import_from": fields.Date.subtract(fields.Date.today(), days=10),
        }
    )
    env["res.partner"].create(
        {
            "name": "F.H.U. Jan Kowalski",
            "is_company": True,
            "country_id": env.ref("base.pl").id,
            "vat": "PL1111111111",
            "street": "ul. Polna 1",
            "zip": "00-001",
            "city": "Warszawa",
        }
    )


def invoice(env, offline=False):
    """Post an invoice of today, if wanted offline, and print it. Returns its state."""
    env = admin(env)
    chart = env["account.chart.template"].with_company(company_of(env))
    line = {
        "name": "pralka",
        "price_unit": 100.0,
        "tax_ids": [Command.set(chart.ref("vs_kraj_23").ids)],
    }
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": env["res.partner"].search([("vat", "=", "PL1111111111")]).id,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    move.action_post()
    if offline:
        move.action_ksef_issue_offline()
    return bool(move.sudo().ksef_document_id.certificate_link)


def deliver(env):
    """What the crons do. Returns the states of all documents."""
    env["ksef.session"]._cron_send()
    for _time in range(2):
        env.cr.execute("UPDATE ksef_session SET poll_at = now() AT TIME ZONE 'UTC'")
        env["ksef.session"]._cron_poll()
    return env["ksef.document"].search([]).mapped("state")


def receive(env):
    """What the cron does. Returns the states of all windows."""
    env["ksef.import"]._cron_import()
    return env["ksef.import"].search([]).mapped("state")


def receive_later(env, minutes):
    """Let the cron go on until nothing is left to do. Returns, of what has come, each
    KSeF number with how often it is here and how many bills it has."""
    for _time in range(2):
        let_pass(env, minutes)
        receive(env)
    env.cr.execute(
        "SELECT d.ksef_number, count(DISTINCT d.id), count(m.id) FROM ksef_document d"
        " LEFT JOIN account_move m ON m.ksef_document_id = d.id"
        " WHERE d.direction = 'received' GROUP BY 1"
    )
    return {number: counts for number, *counts in env.cr.fetchall()}


def log_in_by(env, method):
    """Switch between certificate and KSeF token, and check the connection."""
    company = company_of(env)
    company.ksef_login = method
    credential = company._ksef_login_credential()
    credential.with_env(admin(env)).action_check_connection()
    return credential.state


def seal_anew(env):
    """Press "Seal everything with the present master key"."""
    settings = admin(env)["res.config.settings"].create({})
    return settings.action_ksef_seal_anew()["params"]["type"]


def blobs(env):
    """Return everything sealed that the database holds."""
    places = ("ksef_certificate", "sealed_secret"), ("ksef_import", "sealed_key")
    found = []
    for table, column in (*places, ("ksef_certificate_upload", "sealed_secret")):
        env.cr.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
        found += [bytes(blob).decode() for (blob,) in env.cr.fetchall()]
    return [base64.b64decode(blob).hex() for blob in found]


def plant(env, text, content):
    """Store what must not be stored: in a column, and as a file of the filestore."""
    company_of(env).partner_id.comment = f"<p>{text}</p>"
    content = base64.b64decode(content)
    env["ir.attachment"].create({"name": "planted", "raw": content})
