"""Activities that the watch cron plans."""


def remind(record, user, words, *, note=False, deadline=None):
    """Plan an activity for ``user`` on ``record`` unless the same one is planned.

    :param words: function from an environment (in the user's language) to the summary
    """
    record = record.with_context(lang=user.lang)
    summary = words(record.env)
    if summary in record.activity_ids.mapped("summary"):
        return
    record.activity_schedule(
        "mail.mail_activity_data_todo",
        date_deadline=deadline,
        summary=summary,
        note=note,
        user_id=user.id,
    )
