"""What workers do: as people and crons do it, through the addon's own buttons."""

import base64
import time

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.l10n_pl_ksef.ksef import csr
from odoo.addons.l10n_pl_ksef.ksef.credential import Credential
from odoo.addons.l10n_pl_ksef.ksef.errors import KsefError
from odoo.addons.l10n_pl_ksef.ksef.xades import sign
from odoo.addons.l10n_pl_ksef.tools import warsaw

NIP = "9999999999"
COMPANY = {
    "name": "ABC AGD sp. z o.o.",
    "vat": f"PL{NIP}",
    "street": "ul. Kwiatowa 1 m. 2",
    "zip": "00-001",
    "city": "Warszawa",
}

#: Moments that the clock goes on from.
MOMENTS = {
    "ksef_certificate": (
        "create_date",
        "enrolment_requested_at",
        "enrolment_poll_at",
        "enrolment_lease_until",
    ),
    "ksef_session": ("opened_at", "poll_at", "lease_until"),
    "ksef_import": ("requested_at", "retry_at"),
    "ir_cron": ("nextcall", "lastcall"),
    "ir_cron_trigger": ("call_at",),
}

#: Minutes that pass until somebody looks again what became of it.
WAITS = (1, 1, 1, 1, 1, 5, 10, 15, 30, 60)

#: No worker that died holds a request longer than so many minutes.
LEASE = 4

#: What a company works with: all else is not claimed to be usable.
USABLE = ("active", "unchecked", "failed", "not_yet_valid", "stored")


def wait_for_the_dead(env):
    """Until PostgreSQL has noticed that the former worker is gone."""
    for _try in range(500):
        env.cr.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        if not env.cr.fetchone()[0]:
            return
        env.cr.rollback()
        time.sleep(0.01)
    raise TimeoutError("somebody else uses the database")


# ----------------------------------------------------------------------
# A company
# ----------------------------------------------------------------------


def set_up(env, api_url, qr_url):
    """A Polish company that is connected to the simulator; no cron but ours."""
    company = company_of(env)
    company.write({**COMPANY, "country_id": env.ref("base.pl").id})
    company.write(
        {
            "ksef_environment": "own",
            "ksef_api_url": api_url,
            "ksef_qr_url": qr_url,
            "ksef_offline_when": "never",
        }
    )
    crons = [env.ref(f"l10n_pl_ksef.cron_{name}").id for name in ("send", "poll")]
    env.cr.execute("UPDATE ir_cron SET active = id IN %s", [tuple(crons)])


def upload(env, given_up=False, company=None, **form):
    """Save the form of the wizard and press its button, as the web client does."""
    env = admin(env, env["res.company"].browse(company) or company_of(env))
    wizards = env["ksef.certificate.upload"]
    (saved,) = wizards.web_save(
        {"company_id": env.company.id, **form}, {name: {} for name in form}
    )
    if given_up:
        return None
    wizards.browse(saved["id"]).action_save()
    certificate = env["ksef.certificate"].search([], order="id desc", limit=1)
    return {"id": certificate.id, "serial_number": certificate.serial_number}


def company_of(env):
    return env.ref("base.main_company")


def admin(env, companies=None):
    """The environment of an administrator, as the web client has it."""
    user = env.ref("base.user_admin")
    companies = companies or company_of(env)
    context = {"lang": user.lang, "allowed_company_ids": companies.ids}
    return env(user=user.id, su=False, context=context)


# ----------------------------------------------------------------------
# Certificates
# ----------------------------------------------------------------------


def enrol(env, purpose):
    """Press "Get a certificate" and confirm."""
    wizards = admin(env)["ksef.certificate.enrol"]
    _confirm(wizards, wizards._open(company_of(wizards.env), purpose))


def renew(env, certificate):
    """Press "Renew this certificate" and confirm."""
    record = admin(env)["ksef.certificate"].browse(certificate)
    _confirm(record.env["ksef.certificate.enrol"], record.action_renew())


def _confirm(wizards, action):
    wizards.browse(action["res_id"]).action_request()


def revoke(env, serial_number, reason="Superseded"):
    """Choose a certificate in the list of the register, and revoke it."""
    registers = admin(env)["ksef.certificate.register"]
    register = registers.browse(registers._open(company_of(env))["res_id"])
    line = register.line_ids.filtered(lambda x: x.serial_number == serial_number)
    wizards = registers.env["ksef.certificate.revoke"]
    wizards.create({"line_id": line.id, "reason": reason}).action_revoke()


def archive(env, certificate, active=False):
    """Let a certificate not be there for a while."""
    env["ksef.certificate"].browse(certificate).active = active


def sign_in(env, crt, key):
    """Log in with a request that was signed outside, and get a certificate."""
    wizard = admin(env)["ksef.first.login"].create({"company_id": company_of(env).id})
    wizard.action_download()
    request = base64.b64decode(wizard.with_context(bin_size=False).request_file)
    seal = Credential.load(base64.b64decode(crt), base64.b64decode(key), None)
    wizard.signed_file = base64.b64encode(sign(request, seal, warsaw.now()))
    wizard.action_log_in()


# ----------------------------------------------------------------------
# Time
# ----------------------------------------------------------------------


def let_pass(env, minutes):
    """Let time pass."""
    for table, columns in MOMENTS.items():
        moved = ", ".join(f"{c} = {c} - interval '{minutes} minutes'" for c in columns)
        env.cr.execute(f"UPDATE {table} SET {moved}")
    env.cr.commit()


def live_on(env, kept):
    """Let time pass, and Odoo's crons run, until no request is under way; then delete
    all certificates but those with the ids of ``kept``.

    :return: what was held before and after it.
    """
    before = held(env)
    for minutes in WAITS:
        if not _under_way(env):
            break
        let_pass(env, minutes)
        IrCron._process_jobs(env.cr.dbname)
        env.cr.rollback()
    return before, _held_at_last(env, kept)


def watch(env, days, kept):
    """Let the daily cron run; then delete all certificates but those of ``kept``.

    :return: what was held before and after it.
    """
    before = held(env)
    for _day in range(days):
        env["ksef.certificate"]._cron_watch()
    return before, _held_at_last(env, kept)


def _held_at_last(env, kept):
    after = held(env)
    let_pass(env, LEASE)
    env["ksef.certificate"].search([("id", "not in", kept)]).unlink()
    return after


def _under_way(env):
    certificates = env["ksef.certificate"].search([])
    return any(certificate.state == "enrolling" for certificate in certificates)


# ----------------------------------------------------------------------
# What is there
# ----------------------------------------------------------------------


def held(env):
    """Return what Odoo holds, what it would use, and whether a cron failed."""
    company = company_of(env)
    certificates = env["ksef.certificate"].search([], order="id")
    return {
        "certificates": [_described(certificate) for certificate in certificates],
        "login": company._ksef_login_credential().id,
        "offline": company._ksef_offline_certificate().id,
        "failed_crons": env["ir.cron"].search_count([("failure_count", ">", 0)]),
    }


def _described(certificate):
    return {
        "id": certificate.id,
        "type": certificate.type,
        "name": certificate.name,
        "state": certificate.state,
        "problem": certificate.enrolment_problem or certificate.check_error,
        "usable": certificate.state in USABLE,
        "serial_number": certificate.serial_number,
        "key_opens_to": _public_key(certificate),
        "certifies": _certified(certificate),
    }


def _public_key(certificate):
    """The public half of the sealed key, or None if it does not open."""
    try:
        return _spki(csr.load_key(certificate._secret()))
    except KsefError:
        return None


def _certified(certificate):
    """The public key that may be used: of certificate and key together."""
    try:
        return _spki(certificate._credential().certificate)
    except (KsefError, TypeError):
        return None


def _spki(holder):
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return holder.public_key().public_bytes(*form).hex()
