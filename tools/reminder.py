"""Activities that the watch cron plans."""


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
    planned = set(record.activity_ids.mapped("summary"))
    for user in users:
        localized = record.with_context(lang=user.lang)
        summary = words(localized.env)
        if summary in planned:
            continue
        localized.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=deadline,
            summary=summary,
            note=note(localized.env) if callable(note) else note,
            user_id=user.id,
        )
