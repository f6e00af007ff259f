# For `odoo shell`, started by scripts/bench: posts and issues INVOICES invoices, which
# its template database keeps. Nothing is sent.
# ruff: noqa: F821
import os
import time

from bench_invoices import BATCH, drafts, prepare, say

COUNT = int(os.environ["INVOICES"])

accountant, buyer, company = prepare(env)
start = time.monotonic()
for done in range(0, COUNT, BATCH):
    moves = drafts(accountant, buyer, min(BATCH, COUNT - done))
    moves.action_post()
    documents = len(moves.ksef_document_id)
    assert documents == len(moves), documents
    accountant.cr.commit()
    accountant.invalidate_all()
    if done % (BATCH * 10) == 0:
        say(f"    {done} of {COUNT} posted, {time.monotonic() - start:.0f} s")
        accountant.cr.execute("ANALYZE")
        accountant.cr.commit()
accountant.cr.execute("ANALYZE")
accountant.cr.commit()
