from datetime import datetime, timezone

from ..tools import warsaw
from .common import NIP
from .delivery_common import DeliveryCase

#: Certificates that are valid on every day a test plays on.
ALWAYS = {
    "not_before": datetime(2026, 1, 1, tzinfo=timezone.utc),
    "not_after": datetime(2027, 12, 31, tzinfo=timezone.utc),
}


class OfflineCase(DeliveryCase):
    """A company with both certificates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offline_certificate = cls.upload(cls.company, "Offline", nip=NIP, **ALWAYS)

    def leave(self):
        """KSeF goes away: it answers nobody."""
        self.simulator.fault("server_error", times=10_000, path="^/v2/")

    def come_back(self):
        self.simulator.clear_faults()

    def issued_offline(self, *lines, **values):
        """An invoice that a person issued offline while KSeF was away."""
        invoice = self.posted(*lines, **values)
        invoice.action_ksef_issue_offline()
        return invoice

    def credit_note(self, invoice, **values):
        refund = invoice._reverse_moves([{"invoice_date": warsaw.today(), **values}])
        refund.action_post()
        return refund

    def submitted(self, invoice):
        """What KSeF got of this invoice, in order."""
        document = self.document(invoice)
        return [
            file
            for session in self.simulator.sessions
            for file in session.submissions
            if file.declared_hash == document.sha256
        ]
