import base64

from odoo import fields

from ..ksef.crypto import sha256_b64
from .delivery_common import DeliveryCase

RECEIPT = b"<Potwierdzenie>whole batch</Potwierdzenie>"


class CarriedCase(DeliveryCase):
    """Batch sessions with documents whose verdicts are set by hand: what is tested is
    how people see them."""

    def batch(self, company=None, **counts):
        """A closed batch session with so many documents in each state."""
        company = company or self.company
        session = (
            self.env["ksef.session"]
            .sudo()
            .create(
                {
                    "company_id": company.id,
                    "environment": "own",
                    "reference_number": f"20260201-SB-{self.serial():010}-0-00",
                    "session_type": "batch",
                    "state": "closed",
                    "opened_at": fields.Datetime.now(),
                    "part_count": 1,
                }
            )
        )
        for state, count in counts.items():
            for _document in range(count):
                self.carried(session, state)
        return session

    def serial(self):
        type(self)._serial = getattr(type(self), "_serial", 0) + 1
        return type(self)._serial

    def carried(self, session, state, invoice=None, **values):
        serial = self.serial()
        xml = f"<Faktura>{serial}</Faktura>".encode()
        number = f"9999999999-20260201-{serial:06X}-{serial:06X}-00"
        return (
            self.env["ksef.document"]
            .sudo()
            .create(
                {
                    "company_id": session.company_id.id,
                    "environment": "own",
                    "direction": "issued",
                    "state": state,
                    "xml": base64.b64encode(xml),
                    "sha256": sha256_b64(xml),
                    "size": len(xml),
                    "number": f"FV/{serial}",
                    "issue_date": "2026-02-01",
                    "seller_nip": "9999999999",
                    "buyer_name": "Jan Kowalski",
                    "ksef_number": number if state == "accepted" else False,
                    "session_id": session.id,
                    "session_ids": [(4, session.id)],
                    **values,
                }
            )
        )

    def page(self, session, content=RECEIPT, **values):
        """The receipt of a whole session."""
        return (
            self.env["ksef.upo"]
            .sudo()
            .create(
                {
                    "session_id": session.id,
                    "reference_number": f"20260201-EU-{self.serial():010}-0-00",
                    "content": base64.b64encode(content),
                    "sha256": sha256_b64(content),
                    **values,
                }
            )
        )
