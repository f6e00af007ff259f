import time

import requests

from .offline_common import OfflineCase


class CorrectionCase(OfflineCase):
    """Invoices that the buyer holds and KSeF refused."""

    def refused(self, code=450, **values):
        """An invoice issued offline that KSeF refused."""
        self.simulator.fault("reject", code=code, details=("Błąd techniczny.",))
        invoice = self.issued_offline(**values)
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected", invoice.ksef_problem)
        self.let_a_second_pass()
        return invoice

    def refuse_again(self, invoice):
        self.simulator.fault("reject", code=450)
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected", invoice.ksef_problem)
        self.let_a_second_pass()

    def let_a_second_pass(self):
        """Files tell the second in which they were made."""
        time.sleep(1 - time.time() % 1)

    def open(self, invoices):
        """What the button on the form or the action of the list shows."""
        self.env.flush_all()
        self.env.invalidate_all()
        action = self.as_accountant(invoices).action_ksef_correct_technically()
        wizards = self.env["ksef.technical.correction"].with_user(self.accountant)
        return wizards.browse(action["res_id"])

    def correct(self, invoices):
        """Open, confirm and send, as the accountant does."""
        wizard = self.open(invoices)
        wizard.confirmed = True
        wizard.action_correct()
        return self.document(invoices)

    def page(self, document):
        """What a phone shows behind KOD I."""
        return requests.get(document.qr_link, timeout=10)

    def submissions(self):
        return [file for s in self.simulator.sessions for file in s.submissions]

    def rows(self, wizard):
        return [
            (row.element, row.refused_value, row.new_value, row.is_protected)
            for row in wizard.difference_ids
        ]
