"""A client that others wrote sends whole batches, and reads back what it sent."""

import pytest
from ksef_client import models as m
from ksef_client.services.workflows import BatchSessionWorkflow

from .common import digest, invoice, parse, tarred, zipped
from .foreign_client import ForeignSeller

NS = "{http://upo.schematy.mf.gov.pl/KSeF/v4-3}"
FORM = m.FormCode(system_code="FA (3)", schema_version="1-0E", value="FA")


class TestForeignBatch(ForeignSeller):
    """ksef-client's batch arrives byte for byte, and is told in its own words."""

    def send(self, archive, form, **changes):
        """Open, upload and close. Returns the reference."""
        key = self.key(m.PublicKeyCertificateUsage.SYMMETRICKEYENCRYPTION)
        return BatchSessionWorkflow(
            self.ksef.sessions, self.ksef.http_client
        ).open_upload_and_close(
            form_code=FORM,
            archive_bytes=archive,
            compression_type=form,
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=self.token,
            parallelism=2,
            **changes,
        )

    @pytest.mark.parametrize("form, pack", [("Zip", zipped), ("TarGz", tarred)])
    def test_a_whole_batch(self, form, pack):
        sent = {f"FV-{n}.xml": invoice(f"FV/{n}") for n in range(25)}
        session = self.send(pack(sent), form)
        status = self.ended(session)
        assert status.status.code == 200
        assert (status.invoice_count, status.successful_invoice_count) == (25, 25)
        entries = self.listed(session)
        assert {e.invoice_file_name: e.invoice_hash for e in entries} == {
            name: digest(xml) for name, xml in sent.items()
        }
        for entry in entries:
            held = self.ksef.invoices.get_invoice_bytes(
                entry.ksef_number, access_token=self.token
            )
            assert held.content == sent[entry.invoice_file_name]

    def test_the_receipt_names_every_invoice(self):
        sent = {f"{n}.xml": invoice(f"FV/{n}") for n in range(3)}
        (page,) = self.ended(self.send(zipped(sent), "Zip")).upo.pages
        upo = self.ksef.http_client.request("GET", page.download_url, skip_auth=True)
        hashes = {node.text for node in parse(upo.content).iter(f"{NS}SkrotDokumentu")}
        assert hashes == {digest(xml) for xml in sent.values()}

    def test_offline_for_the_whole_session(self):
        sent = {f"{n}.xml": invoice(f"FV/{n}") for n in range(2)}
        session = self.send(zipped(sent), "Zip", offline_mode=True)
        self.ended(session)
        modes = {entry.invoicing_mode.value for entry in self.listed(session)}
        assert modes == {"Offline"}

    def test_the_failed_are_listed(self):
        xml = invoice("FV/1")
        session = self.send(zipped({"1.xml": xml, "2.xml": xml}), "Zip")
        self.ended(session)
        failed = self.ksef.sessions.get_session_failed_invoices(
            session, access_token=self.token
        )
        (entry,) = failed.invoices
        assert (entry.invoice_file_name, entry.status.code) == ("2.xml", 440)

    def test_it_is_found_among_batches(self):
        session = self.send(zipped({"1.xml": invoice()}), "Zip")
        found = self.ksef.sessions.get_sessions(
            session_type="Batch", access_token=self.token
        )
        assert [row.reference_number for row in found.sessions] == [session]
