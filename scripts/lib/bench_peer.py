"""Odoo's l10n_pl_edi beside it: its own code, on a few invoices, without limits; for
all of them KSeF's limits decide."""

import time
from unittest.mock import patch

import bench_odoo
from bench_simulator import SimulatorProcess
from cryptography import x509
from cryptography.hazmat.primitives import serialization

SAMPLE = 200

#: Production: invoices sent online in an hour.
SENDS_AN_HOUR = 180


def measure(count, nip):
    """Return what l10n_pl_edi needs for ``count`` invoices: requests, seconds of work,
    hours that the limits impose."""
    with SimulatorProcess() as simulator:
        simulator.ask("post", "settings", check_schema=False)
        simulator.ask("post", "delay", steps=0, seconds=0)
        bench_odoo.connect(simulator, nip)
        with bench_odoo.environment() as env:
            moves, spent = _sent(env, simulator)
            env.cr.rollback()
        asked = sum(simulator.ask("get", "counts").values())
    return {
        "requests": round(asked / moves) * count,
        "work_s": round(spent * count / moves, 1),
        "hours_by_limit": round(count / SENDS_AN_HOUR, 1),
    }


def _sent(env, simulator):
    from odoo.addons.l10n_pl_edi.tools.ksef_api_service import (  # noqa: PLC0415
        KsefApiService,
    )

    company = bench_odoo.the_company(env)
    env = env(context={"allowed_company_ids": company.ids})
    moves = env["account.move"].search(
        [("company_id", "=", company.id), ("ksef_document_id", "!=", False)],
        limit=SAMPLE,
    )
    client = company._ksef_client()
    company.l10n_pl_edi_access_token = client._access_token()
    simulator.ask("delete", "requests")
    changed = {
        "_get_api_url": lambda _service: simulator.api_url,
        # It takes the last key listed, which may be one that is not valid yet.
        "_get_public_keys": lambda _service: {"symmetric": _valid_key(client)},
    }
    start = time.perf_counter()
    with patch.multiple(KsefApiService, **changed):
        data = {move: {"extra_edis": {"pl_ksef"}} for move in moves}
        send = env["account.move.send"].with_context(tracking_disable=False)
        send._call_web_service_before_invoice_pdf_render(data)
        send._link_invoice_documents(data)
        env["account.move"].with_company(
            company
        )._cron_l10n_pl_edi_check_invoice_status()
        told = [(m.l10n_pl_edi_status, m.l10n_pl_edi_header) for m in moves]
        assert all(status == "accepted" for status, _text in told), told[:2]
        for move in moves:
            move.action_l10n_pl_edi_get_invoice_UPO()
        env.flush_all()
    spent = time.perf_counter() - start
    return len(moves), spent


def _valid_key(client):
    from odoo.addons.l10n_pl_ksef.ksef.crypto import choose_key  # noqa: PLC0415
    from odoo.addons.l10n_pl_ksef.tools import warsaw  # noqa: PLC0415

    keys = client.public_keys()
    chosen = choose_key(keys, "SymmetricKeyEncryption", warsaw.now())
    key = x509.load_der_x509_certificate(chosen.certificate).public_key()
    pem, form = serialization.Encoding.PEM, serialization.PublicFormat
    return key.public_bytes(pem, form.SubjectPublicKeyInfo).decode()
