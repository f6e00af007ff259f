"""What many invoices have in common, found once for all of them."""


class Known:
    """Answers about what invoices of a batch share: partners, products, taxes, the
    company. It lives no longer than the batch is looked at, and nothing is written
    meanwhile, so no answer grows old."""

    #: Key of the context of a batch.
    CONTEXT = "ksef_known"

    def __init__(self):
        self._answers = {}

    @classmethod
    def of(cls, env):
        """Return what is known in a batch; outside one, nothing yet."""
        known = env.context.get(cls.CONTEXT)
        return known if isinstance(known, cls) else cls()  # a client sends anything

    def once(self, question, *subject):
        """Return ``question(*subject)``, asked once."""
        key = (question, *subject)
        try:
            return self._answers[key]
        except KeyError:
            answer = self._answers[key] = question(*subject)
            return answer
