"""Free texts and attachments."""


def problems(facts):
    return ()
