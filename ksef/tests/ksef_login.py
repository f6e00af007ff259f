"""A simulated KSeF and a client logged in to it, for tests of whole conversations."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ksef.auth import log_in
from ksef.client import KsefClient
from ksef.credential import Credential
from ksef.crypto import (
    SYMMETRIC_KEY_ENCRYPTION,
    Encryption,
    SessionKey,
    choose_key,
    encrypt_invoice,
)
from ksef.messages import InvoiceStatus, Tokens
from ksef.transport import Transport
from simulator import Simulator

SELLER, BUYER, STRANGER = "5265877635", "1111111111", "8513255117"


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def xml(number: str, *, seller: str = SELLER, buyer: str = BUYER, day=None) -> bytes:
    """What KSeF reads of an invoice; not valid FA(3), and nobody checks it here."""
    day = day or datetime.now(ZoneInfo("Europe/Warsaw")).date()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Podmiot1><DaneIdentyfikacyjne><NIP>{seller}</NIP><Nazwa>Żółw</Nazwa>
</DaneIdentyfikacyjne></Podmiot1>
<Podmiot2><DaneIdentyfikacyjne><NIP>{buyer}</NIP></DaneIdentyfikacyjne></Podmiot2>
<Fa><KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_2>{number}</P_2><P_15>123.45</P_15>
<RodzajFaktury>VAT</RodzajFaktury></Fa></Faktura>
""".encode()


class Conversation:
    """Base of tests that speak with the simulator; each has one of its own."""

    @pytest.fixture(autouse=True)
    def running(self):
        with Simulator(self_signed=False) as self.simulator:
            yield

    def log_in(self, login=None, nip: str = SELLER) -> Tokens:
        """Tokens for a company; by certificate unless another login is given."""
        return log_in(
            self.client(),
            nip,
            login or Credential.load(*self.simulator.issue_certificate(nip=nip)),
            now=self.simulator.clock.now,
            sleep=lambda _seconds: None,
            deadline=self.simulator.clock.now() + timedelta(minutes=1),
        )

    def client(self, tokens: Tokens | None = None, *, timeout=(5, 5)) -> KsefClient:
        transport = Transport(self.simulator.api_url, timeout=timeout)
        if tokens is None:
            return KsefClient(transport)
        return KsefClient(transport, lambda: tokens.access.token)

    def company(self, nip: str = SELLER, **options) -> KsefClient:
        """A client of a company with all its rights."""
        return self.client(self.log_in(nip=nip), **options)

    def wrap(self, client: KsefClient, key: SessionKey) -> Encryption:
        keys = client.public_keys()
        return key.wrap(choose_key(keys, SYMMETRIC_KEY_ENCRYPTION, utc_now()))

    def open(self, client: KsefClient) -> tuple[str, SessionKey]:
        """A session and its key."""
        key = SessionKey.generate()
        opened = client.open_online_session(self.wrap(client, key))
        return opened.reference_number, key

    def verdict(self, client, session, key, content, **options) -> InvoiceStatus:
        """Send one invoice and look until KSeF has decided."""
        sent = client.send_invoice(session, encrypt_invoice(content, key), **options)
        return self.until_decided(lambda: client.invoice_status(session, sent))

    def until_decided(self, look, undecided=(100, 150, 170)):
        for _ in range(10):
            status = look()
            if status.code not in undecided:
                return status
        raise AssertionError(f"still {status.code}")
