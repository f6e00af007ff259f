"""A client that others wrote does its whole job here: ksef-client from PyPI."""

from datetime import datetime, timedelta, timezone

import pytest
from ksef_client import KsefRateLimitError
from ksef_client import models as m
from ksef_client.services.crypto import build_encryption_data
from ksef_client.services.workflows import (
    AuthCoordinator,
    ExportWorkflow,
    OnlineSessionWorkflow,
)

from .common import BUYER, SELLER, digest, invoice, parse
from .foreign_client import ForeignLaw

NS = "{http://upo.schematy.mf.gov.pl/KSeF/v4-3}"


class TestForeignClient(ForeignLaw):
    """Login by token, session, sending, receipt, query, download, export."""

    def key(self, usage):
        return self.ksef.security.get_public_key_certificate(usage)

    def log_in(self, nip):
        key = self.key(m.PublicKeyCertificateUsage.KSEFTOKENENCRYPTION)
        result = AuthCoordinator(self.ksef.auth).authenticate_with_ksef_token(
            token=self.simulator.new_token(nip),
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            context_identifier_type="nip",
            context_identifier_value=nip,
            poll_interval_seconds=0,
        )
        return result.access_token

    def send(self, token, *files):
        """One session with the files in it. Returns its reference."""
        key = self.key(m.PublicKeyCertificateUsage.SYMMETRICKEYENCRYPTION)
        workflow = OnlineSessionWorkflow(self.ksef.sessions)
        session = workflow.open_session(
            form_code=m.FormCode(
                system_code="FA (3)", schema_version="1-0E", value="FA"
            ),
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=token,
        )
        for xml in files:
            session.send_invoice(xml)
        session.close()
        return session.reference_number

    def test_selling(self):
        token, xml = self.log_in(SELLER), invoice()
        session = self.send(token, xml)
        for _look in range(3):
            status = self.ksef.sessions.get_session_status(session, access_token=token)
        assert status.status.code == 200
        listed = self.ksef.sessions.get_session_invoices(session, access_token=token)
        (entry,) = listed.invoices
        assert entry.invoice_hash == digest(xml)
        (page,) = status.upo.pages
        upo = self.ksef.http_client.request("GET", page.download_url, skip_auth=True)
        document = parse(upo.content).find(f"{NS}Dokument")
        assert document.findtext(f"{NS}NumerKSeFDokumentu") == entry.ksef_number

    def test_buying(self):
        number = self.simulator.put_invoice(invoice("FV/1"))
        token = self.log_in(BUYER)
        found = self.ksef.invoices.query_invoice_metadata(
            self.filters(), access_token=token, page_size=10
        )
        assert [row.ksef_number for row in found.invoices] == [number]
        bought = self.ksef.invoices.get_invoice_bytes(number, access_token=token)
        assert bought.content == invoice("FV/1")

    @pytest.mark.parametrize("form", ["Zip", "TarGz"])
    def test_export(self, form):
        numbers = [self.simulator.put_invoice(invoice(f"FV/{n}")) for n in range(3)]
        token = self.log_in(BUYER)
        key = self.key(m.PublicKeyCertificateUsage.SYMMETRICKEYENCRYPTION)
        encryption = build_encryption_data(
            key.certificate, public_key_id=key.public_key_id
        )
        order = m.InvoiceExportRequest(
            encryption=encryption.encryption_info,
            filters=self.filters(),
            compression_type=m.CompressionType(form),
        )
        reference = self.ksef.invoices.export_invoices(order, access_token=token)
        for _look in range(3):
            status = self.ksef.invoices.get_export_status(
                reference.reference_number, access_token=token
            )
        # It joins the parts as they are listed; their order is in ordinalNumber.
        status.package.parts.sort(key=lambda part: part.ordinal_number)
        workflow = ExportWorkflow(self.ksef.invoices, self.ksef.http_client)
        result = workflow.download_and_process_package(
            status.package, encryption, compression_type=form
        )
        assert [row["ksefNumber"] for row in result.metadata_summaries] == numbers
        assert set(result.invoice_xml_files) == {f"{number}.xml" for number in numbers}

    def test_it_understands_a_429(self):
        token = self.log_in(BUYER)
        self.simulator.fault("too_many_requests", retry_after=9)
        with pytest.raises(KsefRateLimitError) as caught:
            self.ksef.rate_limits.get_rate_limits(access_token=token)
        assert str(caught.value.retry_after) == "9"

    def test_the_lighthouse(self):
        assert self.ksef.lighthouse.get_status().status.value == "AVAILABLE"
        self.simulator.announce("FAILURE", "Awaria")
        status = self.ksef.lighthouse.get_status()
        assert (status.status.value, status.messages[0].title) == ("FAILURE", "Awaria")
        end = datetime.now(timezone.utc) + timedelta(days=1)
        self.simulator.announce("MAINTENANCE", "Prace", event=2, end=end)
        told = {m.event_id: m for m in self.ksef.lighthouse.get_messages()}
        assert told[1].type.value == "FAILURE_START" and told[1].end is None
        assert told[2].category.value == "MAINTENANCE" and told[2].end

    def filters(self):
        start = datetime.now(timezone.utc) - timedelta(days=2)
        return m.InvoiceQueryFilters(
            subject_type=m.InvoiceQuerySubjectType.SUBJECT2,
            date_range=m.InvoiceQueryDateRange(
                date_type=m.InvoiceQueryDateType.PERMANENTSTORAGE,
                from_=start.isoformat(),
                restrict_to_permanent_storage_hwm_date=True,
            ),
        )
