"""Batch sessions with a KSeF that unpacks, decrypts and judges what was uploaded."""

import io
from datetime import timedelta

import pytest

from ksef import batches
from ksef.batch import TAR_GZ, ZIP, pack
from ksef.crypto import SessionKey, sha256_b64
from ksef.errors import ApiError
from ksef.messages import (
    CloseRefusal,
    SessionPhase,
    Verdict,
    close_refusal,
    session_phase,
    verdict,
)

from .ksef_login import Conversation, utc_now, xml

both = pytest.mark.parametrize("compression", [ZIP, TAR_GZ])


class BatchConversation(Conversation):
    """Base of tests that send a batch step by step."""

    @pytest.fixture(autouse=True)
    def logged_in(self, running):
        self.client_of_seller = self.company()

    def pack(self, files, key, parts=1, compression=ZIP):
        """An archive of about so many parts."""
        files = sorted(files.items())
        plain = io.BytesIO()
        pack(files, key, plain=plain, sealed=io.BytesIO(), compression=compression)
        size = -(-len(plain.getvalue()) // parts)
        plain, sealed = io.BytesIO(), io.BytesIO()
        options = {"compression": compression, "part_size": size}
        return pack(files, key, plain=plain, sealed=sealed, **options)

    def open_batch(self, archive, key, offline=False):
        client = self.client_of_seller
        wrapped = self.wrap(client, key)
        return batches.open_batch_session(client, wrapped, archive, offline=offline)

    def upload(self, archive, opened):
        transport = self.client_of_seller.transport
        batches.upload_parts(transport, archive, opened.uploads, workers=2)

    def send(self, files, *, offline=False, wrapped=None, **packing):
        """Pack, open, upload and close; the reference and the final status."""
        key = SessionKey.generate()
        archive = self.pack(files, key, **packing)
        opened = self.open_batch(archive, wrapped or key, offline)
        self.upload(archive, opened)
        return self.close(opened.reference_number)

    def close(self, session):
        batches.close_batch_session(self.client_of_seller, session)
        client = self.client_of_seller
        return session, self.until_decided(lambda: client.session_status(session))

    def listed(self, session):
        """Name, hash and verdict of every invoice, page by page."""
        client, found, token = self.client_of_seller, [], None
        while True:
            page = client.session_invoices(session, continuation=token, page_size=10)
            found += page.invoices
            token = page.continuation
            if token is None:
                return found

    def refused(self, session):
        entries = self.listed(session)
        return [e for e in entries if verdict(e.code, offline=False) != Verdict.ACCEPT]


def invoices(count, **options):
    return {
        f"{number:04}.xml": xml(f"FV/{number}", **options) for number in range(count)
    }


class TestWhole(BatchConversation):
    """From the files to their numbers: every one judged once, byte for byte."""

    @both
    @pytest.mark.parametrize("parts", [1, 7])
    def test_every_file_is_accepted(self, compression, parts):
        files = invoices(23)
        session, status = self.send(files, parts=parts, compression=compression)
        assert session_phase(status.code, batch=True) is SessionPhase.DONE
        assert (status.invoice_count, status.successful_invoice_count) == (23, 23)
        listed = self.listed(session)
        told = {each.invoice_file_name: each.invoice_hash for each in listed}
        assert told == {name: sha256_b64(content) for name, content in files.items()}
        assert {verdict(each.code, offline=False) for each in listed} == {
            Verdict.ACCEPT
        }
        assert {held.xml for held in self.simulator.invoices} == set(files.values())

    def test_declared_offline(self):
        session, _status = self.send(invoices(3), offline=True)
        assert {each.invoicing_mode for each in self.listed(session)} == {"Offline"}

    def test_yesterday_is_offline_by_itself(self):
        day = utc_now().date() - timedelta(days=2)
        session, _status = self.send(invoices(2, day=day))
        assert {each.invoicing_mode for each in self.listed(session)} == {"Offline"}

    def test_its_receipt_names_every_number(self):
        session, status = self.send(invoices(3))
        (page,) = status.upo_pages
        receipt = self.client_of_seller.session_upo(session, page.reference_number)
        for each in self.listed(session):
            assert each.ksef_number.encode() in receipt


class TestSomeRefused(BatchConversation):
    """One bad invoice costs the others nothing."""

    def test_a_refused_one_beside_good_ones(self):
        files = {**invoices(12), "bad.xml": b"<Faktura"}
        session, status = self.send(files)
        assert session_phase(status.code, batch=True) is SessionPhase.DONE
        assert (status.successful_invoice_count, status.failed_invoice_count) == (12, 1)
        (failed,) = self.refused(session)
        assert failed.invoice_file_name == "bad.xml"
        assert verdict(failed.code, offline=False) is Verdict.REJECT

    def test_the_same_batch_again_is_duplicates_that_name_their_originals(self):
        first, _status = self.send(invoices(3))
        numbers = {each.invoice_hash: each.ksef_number for each in self.listed(first)}
        again, status = self.send(invoices(3))
        assert status.code == 445
        failed = self.refused(again)
        assert {verdict(each.code, offline=False) for each in failed} == {
            Verdict.DUPLICATE
        }
        originals = {each.invoice_hash: each.original_ksef_number for each in failed}
        assert originals == numbers
        assert len(self.simulator.invoices) == 3


class TestLost(BatchConversation):
    """A batch that failed holds nothing, and a refused close says whether it may."""

    def refusal(self, session) -> CloseRefusal:
        with pytest.raises(ApiError) as caught:
            batches.close_batch_session(self.client_of_seller, session)
        return close_refusal(caught.value.code)

    def test_a_wrong_key(self):
        _session, status = self.send(invoices(2), wrapped=SessionKey.generate())
        assert session_phase(status.code, batch=True) is SessionPhase.FAILED
        assert not self.simulator.invoices

    @both
    def test_parts_in_another_order(self, compression):
        key = SessionKey.generate()
        archive = self.pack(invoices(9), key, parts=2, compression=compression)
        opened = self.open_batch(archive, key)
        transport = self.client_of_seller.transport
        contents = [archive.read(part) for part in archive.parts[::-1]]
        for place, content in zip(opened.uploads, contents, strict=True):
            batches.upload_part(transport, place, content)
        try:
            _session, status = self.close(opened.reference_number)
        except ApiError as error:
            assert close_refusal(error.code) is CloseRefusal.NEVER_PROCESSED
        else:
            assert session_phase(status.code, batch=True) is SessionPhase.FAILED
        assert not self.simulator.invoices

    def test_a_part_that_was_cut(self):
        key = SessionKey.generate()
        archive = self.pack(invoices(2), key)
        opened = self.open_batch(archive, key)
        (place,), (part,) = opened.uploads, archive.parts
        transport = self.client_of_seller.transport
        batches.upload_part(transport, place, archive.read(part)[:-16])
        refusal = self.refusal(opened.reference_number)
        assert refusal is CloseRefusal.NEVER_PROCESSED

    def test_a_part_that_is_missing(self):
        key = SessionKey.generate()
        opened = self.open_batch(self.pack(invoices(2), key), key)
        refusal = self.refusal(opened.reference_number)
        assert refusal is CloseRefusal.NEVER_PROCESSED

    def test_too_late(self):
        key = SessionKey.generate()
        archive = self.pack(invoices(9), key, parts=2)
        opened = self.open_batch(archive, key)
        self.simulator.advance(41 * 60)
        with pytest.raises(ApiError) as caught:
            self.upload(archive, opened)
        assert caught.value.status == 403
        self.client_of_seller = self.company()
        refusal = self.refusal(opened.reference_number)
        assert refusal is CloseRefusal.NEVER_PROCESSED

    def test_closed_twice(self):
        session, status = self.send(invoices(2))
        assert self.refusal(session) is CloseRefusal.STATUS_TELLS
        assert status.code == 200

    @pytest.mark.parametrize("code", [405, 415, 420, 430, 435, 500])
    def test_a_session_that_ends(self, code):
        self.simulator.fault("session_ends", code=code)
        _session, status = self.send(invoices(2))
        assert status.code == code
        assert session_phase(status.code, batch=True) is SessionPhase.FAILED
        assert not self.simulator.invoices
