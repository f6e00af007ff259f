"""What workers do in companies that sell: invoices, the crons, and every button."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import retrying

from odoo.addons.base.models.ir_cron import IrCron

from .jobs import admin, company_of

CRONS = ("send", "poll")

#: Minutes that pass until the crons look again, while anything is unsettled.
WAITS = (4, 6, 11, 11, 16, 26, 31, 61, 61, 121, 121, 121)

#: What the clock goes on from, where anything still waits for it.
MOMENTS = (
    ("ksef_session", "poll_at IS NOT NULL", ("opened_at", "poll_at", "lease_until")),
    (
        "ksef_session",
        "finished_at > now() AT TIME ZONE 'UTC' - interval '1 hour'",
        ("closed_at", "finished_at"),
    ),
    ("ksef_document", "send_after IS NOT NULL", ("send_after",)),
    (
        "ksef_connection",
        "true",
        ("paused_until", "unreachable_since", "unreachable_at", "limits_at"),
    ),
    ("ksef_request", "sent_at > now() - interval '61 minutes'", ("sent_at",)),
    ("ir_cron", "active", ("nextcall", "lastcall")),
    ("ir_cron_trigger", "true", ("call_at",)),
)

#: Issued documents on which something has still to move: they, or any session that has
#: carried them.
UNSETTLED = """
    SELECT count(*) FROM ksef_document AS d
    LEFT JOIN ksef_document_ksef_session_rel AS r ON r.ksef_document_id = d.id
    LEFT JOIN ksef_session AS s ON s.id = r.ksef_session_id
    WHERE d.move_id = ANY(%s) AND (
        d.state IN ('ready', 'pending')
        OR s.state NOT IN ('done', 'failed')
    )
"""


# ----------------------------------------------------------------------
# Companies
# ----------------------------------------------------------------------


def found(env, shops, api_url, qr_url):
    """Found a company for each shop: {"name", "nip", "code"}. Returns their ids.

    :param code: of its sales journal: with it begin the numbers of its invoices.
    """
    ids = [_found(env, **shop, api_url=api_url, qr_url=qr_url).id for shop in shops]
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
    crons = [env.ref(f"l10n_pl_ksef.cron_{name}").id for name in CRONS]
    env.cr.execute("UPDATE ir_cron SET active = id IN %s", [tuple(crons)])
    return ids


def _found(env, name, nip, code, api_url, qr_url):
    companies = env["res.company"].with_context(chart_template_load=True)
    zloty, poland = env.ref("base.PLN"), env.ref("base.pl")
    company = companies.create(
        {"name": name, "country_id": poland.id, "currency_id": zloty.id}
    )
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    company.write(
        {
            "currency_id": zloty.id,
            "vat": f"PL{nip}",
            "street": "ul. Kwiatowa 1",
            "zip": "00-001",
            "city": "Warszawa",
            "ksef_environment": "own",
            "ksef_api_url": api_url,
            "ksef_qr_url": qr_url,
            "ksef_offline_when": "never",
        }
    )
    env.ref("base.user_admin").company_ids |= company
    mine = [("type", "=", "sale"), ("company_id", "=", company.id)]
    env["account.journal"].search(mine, limit=1).code = code
    return company


def _as_admin(env, company=None):
    companies = env["res.company"].browse(company) or company_of(env)
    return admin(env, companies | env.ref("base.user_admin").company_ids)


# ----------------------------------------------------------------------
# Invoices
# ----------------------------------------------------------------------


def post(env, company, count, offline=False, attachment=False):
    """Post invoices of today: [{"move", "name", "company"}]."""
    env = _as_admin(env, company)
    chart = env["account.chart.template"].with_company(env.company)
    buyer = env["res.partner"].search([("vat", "=", "PL1111111111")], limit=1)
    line = {
        "name": "pralka",
        "price_unit": 100.0,
        "tax_ids": [Command.set(chart.ref("vs_kraj_23").ids)],
    }
    values = {
        "move_type": "out_invoice",
        "partner_id": buyer.id,
        "invoice_line_ids": [Command.create(line)],
    }
    if attachment:
        block = {"heading": "Odczyty", "details": "Nr punktu poboru: 12345"}
        values["ksef_attachment_ids"] = [Command.create(block)]
    moves = env["account.move"].create([values] * count)
    moves.action_post()
    if offline:
        moves.action_ksef_issue_offline()
    return [{"move": m.id, "name": m.name, "company": company} for m in moves]


def go_offline(env, moves):
    """Press "Issue offline" wherever Odoo still offers it."""
    for move in _moves(env, moves).filtered("ksef_may_go_offline"):
        retrying(move.action_ksef_issue_offline, env)


def take_back(env, moves):
    """Reset invoices to draft wherever Odoo allows it, change and post them again.

    :return: the ids of those that are other invoices now.
    """
    changed = []
    for move in _moves(env, moves):
        if not move.show_reset_to_draft_button:
            continue
        try:
            move.button_draft()
        except UserError:
            env.cr.rollback()
            continue
        move.invoice_line_ids.price_unit += 1
        move.action_post()
        env.cr.commit()
        changed.append(move.id)
    return changed


def _moves(env, moves):
    return _as_admin(env)["account.move"].browse(moves)


# ----------------------------------------------------------------------
# Crons and buttons
# ----------------------------------------------------------------------


def wake(env, crons):
    """Let crons run now, as if they were due, and with them whatever is."""
    ids = [env.ref(f"l10n_pl_ksef.cron_{name}").id for name in crons]
    env.cr.execute(
        "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
        [ids],
    )
    env.cr.commit()
    IrCron._process_jobs(env.cr.dbname)
    env.cr.rollback()


def send(env):
    """Let the cron send all that waits, and some minutes pass."""
    wake(env, ["send"])
    pass_time(env, 4)


def look(env, minutes):
    """Let the cron look at the sessions so many minutes later."""
    pass_time(env, minutes)
    wake(env, ["poll"])


def call(env, cron, times=1):
    """Run what a cron runs in a process of its own, whoever else does."""
    for _time in range(times):
        getattr(env["ksef.session"], f"_cron_{cron}")()


def send_now(env, moves):
    """Press "Send now" on the list of invoices, and let the cron run."""
    retrying(_moves(env, moves).action_ksef_send, env)
    IrCron._process_jobs(env.cr.dbname)


def poll_now(env, moves, times=1):
    """Press "Ask KSeF now" on the sessions that carry these invoices."""
    for _time in range(times):
        env.cr.rollback()
        env.invalidate_all()
        documents = _moves(env, moves).sudo().ksef_document_id
        sessions = _as_admin(env)["ksef.session"].browse(documents.session_id.ids)
        retrying(sessions.action_poll_now, env)


def send_and_print(env, moves):
    """Send & Print each invoice by itself."""
    for move in _moves(env, moves):
        try:
            retrying(lambda move=move: _send_and_print(move), env)
        except UserError:  # it says that the number is still missing
            env.cr.rollback()


def _send_and_print(move):
    wizards = move.env["account.move.send.wizard"].with_context(
        active_model="account.move", active_ids=move.ids
    )
    wizard = wizards.with_company(move.company_id).create({"sending_methods": []})
    wizard.action_send_and_print()


# ----------------------------------------------------------------------
# Time
# ----------------------------------------------------------------------


def pass_time(env, minutes):
    """Let time pass."""
    for table, where, columns in MOMENTS:
        moved = ", ".join(f"{c} = {c} - interval '{minutes} minutes'" for c in columns)
        env.cr.execute(f"UPDATE {table} SET {moved} WHERE {where}")
    env.cr.commit()


def settle(env, moves, waits=WAITS):
    """Let time pass, and the crons run, until nothing has to move any more.

    A person presses "Send now" once, if Odoo has called for one.
    :return: how many are left unsettled.
    """
    pressed = False
    for minutes in waits:
        env.cr.execute(UNSETTLED, [moves])
        if not env.cr.fetchone()[0]:
            return 0
        pass_time(env, minutes)
        pressed = pressed or _press_for_held(env, moves)
        wake(env, CRONS)
    env.cr.execute(UNSETTLED, [moves])
    return env.cr.fetchone()[0]


def _press_for_held(env, moves):
    env.invalidate_all()
    held = _moves(env, moves).filtered(
        lambda m: (
            m.sudo().ksef_document_id.waits_for_person
            and m.sudo().ksef_document_id.state == "ready"
        )
    )
    retrying(held.action_ksef_send, env)
    return bool(held)
