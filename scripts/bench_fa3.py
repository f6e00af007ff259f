# For `odoo shell`, started by scripts/bench in a database with l10n_pl_edi: the same
# posted invoices of five lines, stated in FA(3) by this addon (mapping, building, check
# against schema and rules) and by l10n_pl_edi (a template, nothing checked).
# ruff: noqa: F821
import gc
import json
import os
import statistics
import time

from bench_invoices import BATCH, drafts, prepare, say

from odoo.addons.l10n_pl_ksef.ksef import fa3
from odoo.addons.l10n_pl_ksef.models.ksef_document import fa3_schema

COUNT = int(os.environ.get("INVOICES", "1000"))


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


accountant, buyer, company = prepare(env)
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
