"""What is said of technical corrections: what forbids one, what KSeF answers to it.

Beside ``user_message``, which words all other errors and status codes.
"""

from .user_message import ksef_words, user_message


def offline_refusal_message(env, status):
    """Return what a refusal means of an invoice that the buyer holds already."""
    return env._(
        "KSeF refused this invoice, but the buyer may hold it: its content must stay as"
        " it is. Remove the cause and send it again with a technical correction. KSeF"
        " says: %s",
        ksef_words(status),
    )


def number_taken_message(env, number, ksef_number):
    """Return what to do with an invoice that the buyer holds under a taken number."""
    return env._(
        "Another invoice with the number %(number)s is in KSeF already:"
        " %(ksef_number)s. The buyer may hold this one, and a technical correction"
        " cannot change its number. Agree with the buyer that it does not count, take"
        " it back with a credit note marked “Do not send to KSeF”, and issue a new"
        " invoice.",
        number=number,
        ksef_number=ksef_number,
    )


def protected_message(env, protected):
    """Return why these differences rule out a technical correction."""
    rows = [
        env._(
            "%(element)s: %(old)s in the refused file, now %(new)s",
            element=each.path,
            old=each.old or env._("nothing"),
            new=each.new or env._("nothing"),
        )
        for each in protected
    ]
    return _listed(
        env._(
            "A technical correction must not change the content of the invoice, but"
            " this differs from the refused file:"
        ),
        rows,
        env._(
            "Set it back to what the refused file says. What was wrong from the start"
            " is corrected with a credit note or a debit note once KSeF has accepted"
            " the invoice."
        ),
    )


def unsigned_message(env, error):
    """Return what it means that the new file could not be signed."""
    return env._(
        "The new file has no QR code of the issuer's certificate (KOD II); it is sent"
        " all the same. Print the invoice only once it has its KSeF number. %s",
        user_message(env, error),
    )


def unseen_file_message(env, error):
    """Return why Odoo waits although KSeF holds a file of the invoice."""
    return env._(
        "KSeF already holds a valid file of this invoice but does not show it yet. Odoo"
        " keeps asking and takes it over by itself. KSeF says: %s",
        ksef_words(error),
    )


def other_file_message(env, error, ksef_number):
    """Return why this correction was not needed."""
    return env._(
        "This correction was not needed: KSeF has accepted another file of the same"
        " invoice, %(ksef_number)s, and Odoo has taken it over. KSeF says: %(words)s",
        ksef_number=ksef_number,
        words=ksef_words(error),
    )


def strange_file_message(env, ksef_number, protected):
    """Return what to do when KSeF holds another content in place of this invoice."""
    rows = [
        env._(
            "%(element)s: %(old)s in the refused file, %(new)s in KSeF",
            element=each.path,
            old=each.old or env._("nothing"),
            new=each.new or env._("nothing"),
        )
        for each in protected
    ]
    return _listed(
        env._(
            "KSeF has accepted a technical correction of this invoice that Odoo did not"
            " send, %s. Its content differs:",
            ksef_number,
        ),
        rows,
        env._(
            "That one is valid. Take this invoice back with a credit note marked “Do"
            " not send to KSeF”, and enter the valid one."
        ),
    )


def _listed(head, rows, tail):
    return "\n".join([head, *(f"- {row}" for row in rows), tail])
