"""Activities that bring something to a person's attention."""

from dataclasses import dataclass

from odoo.tools import groupby
from odoo.tools.mail import plaintext2html

#: More at once are not mailed one by one: the person finds them all in Odoo.
MOST_MAILS = 10


@dataclass(frozen=True)
class Call:
    """Why ``record`` needs ``user``; ``words`` as in `remind`, ``reason`` a text or a
    function like ``words``."""

    record: object
    user: object
    words: object
    reason: object

    def note(self, env):
        """Return the reason in the language of ``env``, in HTML."""
        reason = self.reason(env) if callable(self.reason) else self.reason
        return plaintext2html(reason) if reason else False


def call(env, activity_type, calls):
    """Plan one activity of a type for each of ``calls``, unless its record has one."""
    records = [one.record for one in calls]
    known = set(planned(env, activity_type, records).mapped("res_id"))
    fresh = {one.record.id: one for one in calls if one.record.id not in known}
    for _user, group in groupby(fresh.values(), key=lambda one: one.user):
        _plan(env, activity_type, group)


def planned(env, activity_type, records):
    """Return the activities of a type that are planned on any of ``records``."""
    activities = env["mail.activity"].sudo()
    if not records:
        return activities
    return activities.search(
        [
            ("res_model", "=", records[0]._name),
            ("res_id", "in", [record.id for record in records]),
            ("activity_type_id", "=", activity_type.id),
        ]
    )


def _plan(env, activity_type, calls):
    """Plan activities for one user, all in one go."""
    user = calls[0].user
    activities = env["mail.activity"].sudo()
    activities = activities.with_context(
        lang=user.lang, mail_activity_quick_update=len(calls) > MOST_MAILS
    )
    model = env["ir.model"]._get(calls[0].record._name)
    activities.create(
        [
            {
                "activity_type_id": activity_type.id,
                "res_model_id": model.id,
                "res_id": one.record.id,
                "user_id": user.id,
                "automated": True,
                "summary": one.words(activities.env),
                "note": one.note(activities.env),
            }
            for one in calls
        ]
    )


def withdraw(record, words):
    """Take back what `remind` planned in these words, wherever nobody has done it."""
    record.activity_ids.filtered(
        lambda one: (
            one.summary == words(record.with_context(lang=one.user_id.lang).env)
        )
    ).unlink()


def remind(record, users, words, *, note=False, deadline=None):
    """Plan an activity for each of ``users`` on ``record`` unless the same one is
    planned, for whomever by now.

    :param words: function from an environment (in the user's language) to the summary
    :param note: a text, or a function like ``words``
    """
    known = set(record.activity_ids.mapped("summary"))
    for user in users:
        localized = record.with_context(lang=user.lang)
        summary = words(localized.env)
        if summary in known:
            continue
        localized.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=deadline,
            summary=summary,
            note=note(localized.env) if callable(note) else note,
            user_id=user.id,
        )
