# For `odoo shell`, started by scripts/bench in a database with l10n_pl_edi: the same
# posted invoices of five lines, stated in FA(3) by this addon (mapping, building, check
# against schema and rules) and by l10n_pl_edi (a template, nothing checked).
# ruff: noqa: F821
import gc
import json
import os
import statistics
import sys
import time

from odoo import Command

from odoo.addons.l10n_pl_ksef.ksef import fa3
from odoo.addons.l10n_pl_ksef.models.ksef_document import fa3_schema
from odoo.addons.l10n_pl_ksef.tools import warsaw

BATCH = 200
COUNT = int(os.environ.get("INVOICES", "1000"))
NAMES = ("lodówka", "pralka", "transport", "montaż", "przedłużona gwarancja")
PRICES = (1626.01, 999.99, 40.65, 123.4567, 0.95)


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare():
    """A Polish company, an accountant's environment and a buyer."""
    company = env["res.company"].search([("name", "=", "ksef-test-1")])
    company.partner_id.write(
        {"vat": "PL9999999999", "street": "ul. Kwiatowa 1", "zip": "00-001"}
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
    """Draft invoices of five lines: four of 23 %, one of 8 %."""
    chart = accountant["account.chart.template"]
    taxes = [chart.ref("vs_kraj_23"), chart.ref("vs_kraj_8")]
    line_values = [
        {
            "name": name,
            "quantity": number + 1,
            "price_unit": price,
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


def batches(moves):
    return [moves[start : start + BATCH] for start in range(0, len(moves), BATCH)]


def ours(move):
    data = fa3.build(move._ksef_invoice())
    errors = [found for found in fa3.check(data, fa3_schema())]
    assert not errors, errors
    return data


def theirs(move):
    return move._l10n_pl_edi_render_xml()


def rate(render, moves, cold):
    """Invoices per second, in batches as they are issued; cold: nothing of a batch is
    in Odoo's cache."""
    spent = 0.0
    for batch in batches(moves):
        if cold:
            moves.env.flush_all()
            moves.env.invalidate_all()
        gc.collect()
        start = time.perf_counter()
        for move in batch._ksef_at_once():
            render(move)
        spent += time.perf_counter() - start
    return len(moves) / spent


def posting(accountant, buyer, company, issue):
    """Seconds to post one batch, with or without its documents."""
    moves = drafts(accountant, buyer, BATCH)
    company.sudo().ksef_send_automatically = issue
    moves.ksef_exclude = not issue
    accountant.flush_all()
    accountant.invalidate_all()
    gc.collect()
    start = time.perf_counter()
    moves.action_post()
    accountant.flush_all()
    spent = time.perf_counter() - start
    documents = len(moves.ksef_document_id)
    assert documents == (BATCH if issue else 0), documents
    accountant.cr.execute("ANALYZE")
    accountant.cr.commit()
    return moves, spent


accountant, buyer, company = prepare()
# As PostgreSQL plans in production; scripts/lib/postgres.sh has options for the tests.
env.cr.execute("SET enable_nestloop = on")
posted = accountant["account.move"]
times = {True: [], False: []}
posting(accountant, buyer, company, True)  # warms up registry and caches of both
for _round in range(max(COUNT // BATCH, 1)):
    for issue in (False, True):
        moves, spent = posting(accountant, buyer, company, issue)
        times[issue].append(spent)
        if issue:
            posted |= moves
say(f"{len(posted)} invoices of 5 lines posted in batches of {BATCH}")
overhead = statistics.median(times[True]) / statistics.median(times[False])
say(
    f"posting a batch: {statistics.median(times[False]):.2f} s, with its documents"
    f" {statistics.median(times[True]):.2f} s: {overhead:.2f} times"
)
result = {}
for cold in (True, False):
    ours(posted[0]), theirs(posted[0])
    mine, peer = rate(ours, posted, cold), rate(theirs, posted, cold)
    say(
        f"{'cold' if cold else 'warm'} caches: {mine:.0f}/s mapped, built and checked;"
        f" l10n_pl_edi {peer:.0f}/s: {mine / peer:.1f} times"
    )
    result["cold" if cold else "warm"] = mine, peer
mine, peer = result["cold"]
print(
    json.dumps(
        {
            "ours_per_s": round(mine, 1),
            "peer_per_s": round(peer, 1),
            "ratio": round(mine / peer, 1),
            "ratio_warm": round(result["warm"][0] / result["warm"][1], 1),
            "post_overhead": round(overhead, 3),
        }
    )
)
