"""What a credit or debit note has to say of the invoice that it corrects."""

from ...ksef import fa3
from ..corrections import correction_reason
from .problem import Problem, too_long


def problems(facts):
    env, original = facts.env, facts.original
    if original:
        yield from _original(env, original)
    elif not facts.adds:
        text = env._(
            "Credit note: KSeF wants to know which invoice it corrects. Make it with"
            ' the button "Credit Note" on that invoice.'
        )
        yield Problem(text)
    who, field = env._("Credit note"), env._("reason (reference)")
    reason = correction_reason(facts.move) if original else None
    for told in too_long(env, who, field, fa3.Invoice, "correction_reason", reason):
        yield Problem(told, field="ref")


def _original(env, original):
    """The corrected invoice must be in KSeF, on its way, or lawfully outside it."""
    if original.state != "posted":
        text = env._(
            "Corrected invoice %s is not posted: nothing is there to correct. Post it"
            " first, or leave the correction in draft.",
            original.name,
        )
        yield Problem(text, original)
    elif original.ksef_state == "rejected" and not original.ksef_locked:
        text = env._(
            "Corrected invoice %s was rejected by KSeF: nothing is there to correct."
            " Correct that invoice itself and send it again.",
            original.name,
        )
        yield Problem(text, original)
