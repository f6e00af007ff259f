from contextlib import contextmanager
from unittest.mock import patch

from ..ksef import delivery
from .delivery_common import DeliveryCase


class BatchCase(DeliveryCase):
    """A handful is already many here: what goes by batch by the thousand."""

    def setUp(self):
        super().setUp()
        limit = patch.object(delivery, "ONLINE_AT_MOST", 2)
        limit.start()
        self.addCleanup(limit.stop)

    def many(self, count=5, **values):
        """Posted invoices, more than go online."""
        moves = self.env["account.move"]
        for number in range(count):
            moves |= self.posted(self.line(10.0 + number), **values)
        return moves

    def session(self, moves):
        """The one session that carries these invoices."""
        return moves.sudo().ksef_document_id.session_id.ensure_one()

    def assertAllAccepted(self, moves):
        for move in moves:
            self.assertAccepted(move)

    def paths(self, method, end):
        """How many requests of this kind KSeF has got."""
        return sum(
            r.method == method and r.path.endswith(end) for r in self.simulator.requests
        )

    @contextmanager
    def new_requests(self):
        """Count only what is asked from here on."""
        self.simulator.requests.clear()
        yield self.simulator.requests
