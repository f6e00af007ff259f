"""Three ledgers are compared: what was posted, what Odoo says, what KSeF holds."""

import base64
from collections import Counter, defaultdict
from dataclasses import dataclass

KINDS = ("lost", "doubled", "stuck", "wrongly rejected")

#: With these codes KSeF refuses the bytes of an invoice for good.
FINAL_REFUSALS = (440, 450)

BOOKS = """
    SELECT m.id, d.state, d.sha256, d.ksef_number, d.invoicing_mode,
           coalesce(d.upo, u.content), d.waits_for_person, d.problem, s.state
    FROM account_move AS m
    LEFT JOIN ksef_document AS d ON d.id = m.ksef_document_id
    LEFT JOIN ksef_upo AS u ON u.id = d.upo_id
    LEFT JOIN ksef_session AS s ON s.id = d.session_id
    WHERE m.id = ANY(%s)
"""
KNOWN = "SELECT sha256 FROM ksef_document WHERE move_id = ANY(%s)"
OPEN = """
    SELECT DISTINCT s.reference_number || ' ' || s.state FROM ksef_session AS s
    JOIN ksef_document_ksef_session_rel AS r ON r.ksef_session_id = s.id
    JOIN ksef_document AS d ON d.id = r.ksef_document_id
    WHERE d.move_id = ANY(%s) AND s.state NOT IN ('done', 'failed')
"""
ASLEEP = """
    SELECT d.name FROM ir_cron AS c JOIN ir_model_data AS d
    ON d.model = 'ir.cron' AND d.res_id = c.id AND d.module = 'l10n_pl_ksef'
    WHERE NOT c.active AND d.name = ANY(%s)
"""


@dataclass(frozen=True)
class Entry:
    """What Odoo says of one invoice."""

    move: int
    state: str | None
    hash: str | None
    ksef_number: str | None
    mode: str | None
    upo: bytes | None
    waits: bool | None
    problem: str | None
    session: str | None


@dataclass(frozen=True)
class Fault:
    """One disagreement of the ledgers; `kind` is one of KINDS."""

    kind: str
    words: str


class Ksef:
    """What the simulator holds, and what it refused in the sessions since `first`."""

    def __init__(self, simulator, first=0):
        self.by_key, self.by_hash = defaultdict(list), defaultdict(list)
        self.refused = set()
        with simulator.lock:
            self.sessions = dict(simulator.store.sessions)
            for invoice in simulator.store.invoices.values():
                key = invoice.facts.seller_nip, invoice.facts.number
                self.by_key[key].append(invoice)
                self.by_hash[invoice.hash].append(invoice)
            for session in list(self.sessions.values())[first:]:
                self.refused |= {
                    each.declared_hash
                    for each in session.submissions
                    if each.code in FINAL_REFUSALS
                }

    def came_from_us(self, invoice):
        return invoice.session_reference in self.sessions


def compare(shop, first=0):
    """Every disagreement about what the shop has posted."""
    moves = [posted.move for posted in shop.posted]
    ksef = Ksef(shop.simulator, first)
    books = {row[0]: Entry(*row) for row in shop.rows(BOOKS, moves)}
    known = {digest for (digest,) in shop.rows(KNOWN, moves)}
    found = []
    for posted in shop.posted:
        entry = books[posted.move]
        held = ksef.by_key[posted.nip, posted.name]
        for kind, words in _faults(entry, held, ksef, known):
            found.append(Fault(kind, f"{posted.name} ({entry.state}): {words}"))
    for (session,) in shop.rows(OPEN, moves):
        found.append(Fault("stuck", f"session {session}"))
    for (cron,) in shop.rows(ASLEEP, ["cron_send", "cron_poll"]):
        found.append(Fault("stuck", f"{cron} was switched off"))
    return found


def _faults(entry, held, ksef, known):
    if len(held) > 1:
        yield "doubled", f"{len(held)} KSeF numbers"
    if entry.hash and len(ksef.by_hash[entry.hash]) > 1:
        yield "doubled", "the same bytes were accepted twice"
    for invoice in held:
        if invoice.hash not in known and ksef.came_from_us(invoice):
            yield "lost", f"KSeF holds {invoice.ksef_number}, Odoo knows nothing of it"
    yield from _JUDGES.get(entry.state, _nowhere)(entry, ksef)


def _nowhere(entry, _ksef):
    yield "lost", "posted, and nothing in Odoo waits to be sent"


def _accepted(entry, ksef):
    found = ksef.by_hash[entry.hash]
    if not found:
        yield "lost", "accepted, says Odoo, but KSeF does not hold it"
        return
    invoice = found[0]
    if entry.ksef_number != invoice.ksef_number:
        yield "lost", f"its number is {invoice.ksef_number}, not {entry.ksef_number}"
    if entry.mode != invoice.mode:
        yield "wrongly rejected", f"mode {entry.mode}, but KSeF says {invoice.mode}"
    if ksef.came_from_us(invoice) and not _is_receipt(entry):
        yield "stuck", "no receipt (UPO)"


def _is_receipt(entry):
    content = base64.b64decode(bytes(entry.upo or b""))
    return entry.ksef_number.encode() in content and entry.hash.encode() in content


def _waiting(entry, ksef):
    if ksef.by_hash[entry.hash]:
        kind = "wrongly rejected" if entry.waits else "stuck"
        yield kind, f"KSeF holds it; {entry.problem}"
    else:
        yield (
            "stuck",
            f"nothing is in its way; its session {entry.session}; {entry.problem}",
        )


def _rejected(entry, ksef):
    if ksef.by_hash[entry.hash]:
        yield "wrongly rejected", f"KSeF holds it; {entry.problem}"
    elif entry.hash not in ksef.refused:
        yield "wrongly rejected", f"KSeF never refused it; {entry.problem}"


_JUDGES = {
    "accepted": _accepted,
    "ready": _waiting,
    "pending": _waiting,
    "rejected": _rejected,
}


def counted(faults):
    """How many there are of each kind."""
    return Counter(fault.kind for fault in faults)
