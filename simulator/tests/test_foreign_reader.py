"""Our own client sends a batch; ksef-client, written by strangers, reads it.

The only place beside tests of Odoo where both meet: a misunderstanding that we share
would not be one of theirs.
"""

import io
from datetime import datetime, timedelta, timezone

import pytest

from ksef import batches  # noqa: TID251
from ksef.auth import log_in  # noqa: TID251
from ksef.batch import TAR_GZ, ZIP, pack  # noqa: TID251
from ksef.client import KsefClient  # noqa: TID251
from ksef.credential import Credential  # noqa: TID251
from ksef.crypto import (  # noqa: TID251
    SYMMETRIC_KEY_ENCRYPTION,
    SessionKey,
    choose_key,
)
from ksef.transport import Transport  # noqa: TID251

from .common import SELLER, digest, invoice
from .foreign_client import ForeignSeller

PARTS = 3


class TestForeignReader(ForeignSeller):
    """What our batch carried, a stranger reads byte for byte."""

    def our_client(self):
        transport = Transport(self.simulator.api_url, timeout=(5, 5))
        tokens = log_in(
            KsefClient(transport),
            SELLER,
            Credential.load(*self.simulator.issue_certificate(nip=SELLER)),
            now=self.simulator.clock.now,
            sleep=lambda _seconds: None,
            deadline=self.simulator.clock.now() + timedelta(minutes=1),
        )
        return KsefClient(transport, lambda: tokens.access.token)

    def send(self, files, compression):
        """Our batch of some parts. Returns the reference of its session."""
        client, key, sealed = self.our_client(), SessionKey.generate(), io.BytesIO()
        now = datetime.now(timezone.utc)
        public = choose_key(client.public_keys(), SYMMETRIC_KEY_ENCRYPTION, now)
        whole = io.BytesIO()
        options = {"compression": compression}
        pack(files, key, plain=whole, sealed=io.BytesIO(), **options)
        options["part_size"] = -(-len(whole.getvalue()) // PARTS)
        archive = pack(files, key, plain=io.BytesIO(), sealed=sealed, **options)
        wrapped = key.wrap(public)
        opened = batches.open_batch_session(client, wrapped, archive, offline=False)
        batches.upload_parts(client.transport, archive, opened.uploads, workers=2)
        batches.close_batch_session(client, opened.reference_number)
        return opened.reference_number

    @pytest.mark.parametrize("compression", [ZIP, TAR_GZ])
    def test_byte_for_byte(self, compression):
        sent = {f"{n:03}.xml": invoice(f"FV/{n}") for n in range(25)}
        session = self.send(list(sent.items()), compression)
        assert self.ended(session).status.code == 200
        entries = self.listed(session)
        assert {e.invoice_file_name: e.invoice_hash for e in entries} == {
            name: digest(xml) for name, xml in sent.items()
        }
        for entry in entries:
            read = self.ksef.invoices.get_invoice_bytes(
                entry.ksef_number, access_token=self.token
            )
            assert read.content == sent[entry.invoice_file_name]
