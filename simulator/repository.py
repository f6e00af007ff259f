"""The invoices that KSeF holds, by KSeF number, found by what else names them."""

from collections import Counter


class Repository(dict):
    """KSeF number -> Invoice. What is looked for often is found without a search.

    An invoice is put in complete: its hash, its facts and what it corrects stay.
    """

    def __init__(self, invoices=()):
        super().__init__()
        self._by_key, self._by_hash, self._by_corrected = {}, {}, {}
        self.accepted = Counter()
        self.waiting = {}
        for invoice in invoices:
            self[invoice.ksef_number] = invoice

    def __reduce__(self):
        return Repository, (list(self.values()),)

    def __setitem__(self, number, invoice):
        super().__setitem__(number, invoice)
        self._by_key.setdefault(invoice.facts.duplicate_key, invoice)
        self._by_hash.setdefault(invoice.hash, invoice)
        if invoice.corrected_hash:
            self._by_corrected.setdefault(invoice.corrected_hash, invoice)
        if invoice.storage_date is None and not invoice.never_stored:
            self.waiting[number] = invoice
        self.accepted[invoice.hash, invoice.facts.duplicate_key] += 1

    def __delitem__(self, number):
        """A failed session takes it along: it was never accepted."""
        invoice = self[number]
        super().__delitem__(number)
        self.waiting.pop(number, None)
        self.accepted[invoice.hash, invoice.facts.duplicate_key] -= 1
        for index, name in (
            (self._by_key, invoice.facts.duplicate_key),
            (self._by_hash, invoice.hash),
            (self._by_corrected, invoice.corrected_hash),
        ):
            if index.get(name) is invoice:
                del index[name]

    def clear(self):
        """Hold nothing, and know nothing of what was held."""
        super().clear()
        self.__init__()

    def with_key(self, key):
        """The invoice of that seller, kind and number, or None."""
        return self._by_key.get(key)

    def with_hash(self, digest):
        """The invoice with these bytes, or None."""
        return self._by_hash.get(digest)

    def correcting(self, digest):
        """The technical correction of the file with that hash, or None."""
        return self._by_corrected.get(digest)
