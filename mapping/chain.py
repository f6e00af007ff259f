"""What KSeF holds of an invoice and its corrections: the state before the next one."""

from ..ksef import fa3
from ..ksef.errors import Fa3Error
from .corrected import originals


def chain(move):
    """Return the documents of the invoices that ``move`` corrects and of the earlier
    corrections of them, oldest first; ``None`` where Odoo does not hold all of them:
    the state before is not known then."""
    documents, links = [], moves(move)
    if not links:
        return None
    for each in links:
        document = _document(each)
        if document is None:
            return None
        documents.append(document)
    return tuple(documents)


def moves(move):
    """Return the invoices that ``move`` corrects and their earlier corrections, oldest
    first; none where an invoice that is not in Odoo is corrected."""
    first = originals(move)
    if any(not row.original_id for row in move.sudo().ksef_corrected_ids):
        return ()
    return (*first, *earlier(move, first))


def earlier(move, first):
    """Return the corrections of the invoices ``first`` that were issued before."""
    own = _turn(move)
    issued = (corrections(first) - move).filtered(
        lambda one: one.state == "posted" and _turn(one) < own
    )
    return issued.sorted(_turn)


def corrections(first):
    """Return all corrections of the invoices ``first``, and those of corrections."""
    found, todo = first, first
    while todo:
        todo = _corrections(todo) - found
        found |= todo
    return found - first


def _corrections(moves):
    listed = moves.sudo().ksef_correction_row_ids.move_id.with_env(moves.env)
    return moves.reversal_move_ids | moves.debit_note_ids | listed


def _turn(move):
    """Return what puts corrections in the order of their issue: those with a document
    by the first one, then those without."""
    ids = move.sudo().ksef_document_ids.ids
    return (not ids, min(ids, default=0), move.id or move._origin.id or float("inf"))


def _document(move):
    """Return the ``fa3.Invoice`` that was issued of an invoice, ``None`` without."""
    document = move.sudo().ksef_document_id
    if not document or not document._locks_invoice():
        return None
    try:
        return fa3.parse(document._bytes())
    except Fa3Error:
        return None
