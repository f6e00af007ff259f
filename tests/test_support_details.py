import re
from dataclasses import replace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..ksef.crypto import encrypt_invoice
from ..ksef.errors import ApiError, TransportError
from ..models import ksef_session_online
from ..tools.user_message import error_details
from .carried_common import CarriedCase
from .common import NIP

OPEN = r"/sessions/online$"


def spoiled(xml, key):
    """A file that KSeF refuses at the door."""
    encrypted = encrypt_invoice(xml, key)
    return replace(encrypted, encrypted_hash=encrypted.invoice_hash)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSupportDetails(CarriedCase):
    """One text holds what the help desk of KSeF asks for (R41), and no secret."""

    def text(self, record):
        action = self.as_accountant(record).action_support_details()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        return wizard.with_user(self.accountant).text

    def test_r41_of_a_document(self):
        invoice = self.sent()
        document = self.document(invoice)
        text = self.text(document)
        session = document.session_id
        for part in (
            session.reference_number,
            document.invoice_reference,
            document.ksef_number,
            document.sha256,
            NIP,
            "l10n_pl_ksef: 19.0",
            f"{session.opened_at:%Y-%m-%dT%H:%M:%SZ}",
        ):
            self.assertIn(part, text)
        for person in (self.buyer.name, self.accountant.name, self.buyer.vat):
            self.assertNotIn(person, text)

    def test_of_an_invoice(self):
        invoice = self.sent()
        action = self.as_accountant(invoice).action_ksef_support_details()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn(invoice.ksef_number, wizard.text)
        with self.assertRaises(UserError):
            self.as_accountant(self.invoice()).action_ksef_support_details()

    def test_r41_of_a_session(self):
        session = self.batch(accepted=1, rejected=1)
        session.write(
            {"status_code": 445, "status_text": "445: Błąd", "trace_id": "trace-7"}
        )
        text = self.text(session)
        refused = session.document_ids.filtered(lambda d: d.state == "rejected")
        for part in (session.reference_number, "445: Błąd", "trace-7", refused.sha256):
            self.assertIn(part, text)
        self.assertNotIn("Jan Kowalski", text)

    def test_r41_the_last_trouble_names_its_request(self):
        self.simulator.fault("server_error", path=OPEN)
        invoice = self.posted()
        self.send()
        text = self.text(self.document(invoice))
        self.assertRegex(text, r"ServerError; POST \S+/sessions/online; HTTP 500")

    def test_r41_traces(self):
        """Of what KSeF refused at the door, of a session, of the last error."""
        self.simulator.fault("server_error", path=OPEN)
        invoice = self.posted()
        self.send()
        self.simulator.fault("server_error", path="/close$")
        with patch.object(ksef_session_online, "encrypt_invoice", spoiled):
            self.send()
        document = self.document(invoice)
        told = self.company.sudo().ksef_connection_id.last_error
        last = re.search(r"trace (\S+)", told)[1]
        self.assertEqual(last, document.session_ids.trace_id, "the last one: closing")
        traces = {document.trace_id, last}
        self.assertEqual(len(traces - {False}), 2)
        text = self.text(document)
        for trace in traces:
            self.assertIn(trace, text)

    def test_of_an_error_everything_is_told_once(self):
        error = ApiError(400, 21405, "Błąd", ("szczegół",), trace_id="t-1")
        error.request = "GET /x"
        self.assertEqual(
            error_details(error),
            "ApiError; GET /x; HTTP 400 / 21405: Błąd; szczegół; trace t-1",
        )
        self.assertEqual(
            error_details(TransportError("timeout", "GET https://x/y")),
            "TransportError; timeout: GET https://x/y",
        )

    def test_the_text_is_of_whom_asked_for_it(self):
        session = self.batch(accepted=1)
        action = self.as_accountant(session).action_support_details()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        colleague = new_test_user(
            self.env, "ksef_colleague", groups="account.group_account_invoice"
        )
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).read(["text"])
        with self.assertRaises(AccessError):
            self.as_accountant(wizard).sudo(False).write({"text": "x"})
