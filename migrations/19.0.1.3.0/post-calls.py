from odoo import SUPERUSER_ID, api

from odoo.addons.l10n_pl_ksef.models.ksef_document_call import ATTENTION
from odoo.addons.l10n_pl_ksef.tools.reminder import planned


def migrate(cr, version):
    """What brought an invoice to a person was a plain to-do: with the type that is new
    it is not planned once more, and goes by itself when it is settled."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    attention = env.ref(ATTENTION)
    calls = old_calls(env)
    moves = env["account.move"].browse(calls.mapped("res_id"))
    known = set(planned(env, attention, moves).mapped("res_id"))
    known_twice = calls.filtered(lambda one: one.res_id in known)
    known_twice.unlink()
    (calls - known_twice).write({"activity_type_id": attention.id})


def old_calls(env):
    """Return the to-dos in our words, in whatever language their users had."""
    todos = env["mail.activity"].search(
        [
            ("res_model", "=", "account.move"),
            ("activity_type_id", "=", env.ref("mail.mail_activity_data_todo").id),
            ("summary", "=like", "KSeF: %"),
        ]
    )
    moves = env["account.move"].browse(todos.mapped("res_id")).exists()
    said = {
        (move.id, move._ksef_attention_words()(move.env))
        for code, _name in env["res.lang"].get_installed()
        for move in moves.with_context(lang=code)
    }
    return todos.filtered(lambda one: (one.res_id, one.summary) in said)
