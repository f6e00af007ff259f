"""Sending to a KSeF that decrypts, checks and decides later, and that fails."""

from datetime import timedelta

import pytest
from lxml import etree

from ksef import number
from ksef.crypto import SessionKey, encrypt_invoice, sha256_b64
from ksef.errors import (
    ApiError,
    AuthenticationError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ksef.messages import SessionPhase, Verdict, session_phase, verdict

from .ksef_login import BUYER, SELLER, STRANGER, Conversation, utc_now, xml

#: A reference that no session holds.
UNKNOWN = "20260201-EE-0000000000-0000000000-00"


class TestAccepted(Conversation):
    """One session from opening to its receipt."""

    def test_the_whole_way(self):
        client, content = self.company(), xml("FV/1")
        session, key = self.open(client)
        assert client.session_status(session).code == 100
        status = self.verdict(client, session, key, content)
        assert verdict(status.code, offline=False) is Verdict.ACCEPT
        assert number.is_valid(status.ksef_number)
        assert status.invoice_number == "FV/1"
        assert status.invoice_hash == sha256_b64(content)
        assert status.invoicing_mode == "Online"
        assert status.acquisition_date is not None
        assert self.simulator.invoices[0].xml == content, "byte for byte"

        receipt = client.invoice_upo(session, status.reference_number)
        assert status.ksef_number.encode() in receipt
        client.close_online_session(session)
        closed = self.until_decided(lambda: client.session_status(session))
        assert session_phase(closed.code) is SessionPhase.DONE
        assert (closed.invoice_count, closed.successful_invoice_count) == (1, 1)
        (page,) = closed.upo_pages
        whole = etree.fromstring(client.session_upo(session, page.reference_number))
        assert whole.findtext(".//{*}NumerKSeFDokumentu") == status.ksef_number

    def test_nothing_is_decided_at_once(self):
        client = self.company()
        session, key = self.open(client)
        sent = client.send_invoice(session, encrypt_invoice(xml("FV/1"), key))
        first = client.invoice_status(session, sent)
        assert verdict(first.code, offline=False) is Verdict.WAIT
        assert first.ksef_number is None

    def test_a_declared_offline_invoice_is_offline(self):
        client = self.company()
        session, key = self.open(client)
        status = self.verdict(client, session, key, xml("FV/1"), offline=True)
        assert (status.code, status.invoicing_mode) == (200, "Offline")

    def test_an_invoice_of_yesterday_becomes_offline(self):
        client = self.company()
        session, key = self.open(client)
        day = utc_now().date() - timedelta(days=2)
        status = self.verdict(client, session, key, xml("FV/1", day=day))
        assert (status.code, status.invoicing_mode) == (200, "Offline")

    def test_the_listing_has_everything_page_by_page(self):
        client = self.company()
        session, key = self.open(client)
        sent = {xml(f"FV/{count}") for count in range(23)}
        for content in sent:
            client.send_invoice(session, encrypt_invoice(content, key))
        listed, token = [], None
        while True:
            page = client.session_invoices(session, continuation=token, page_size=10)
            listed += page.invoices
            token = page.continuation
            if token is None:
                break
        hashes = [status.invoice_hash for status in listed]
        assert sorted(hashes) == sorted(map(sha256_b64, sent))


class TestRefused(Conversation):
    """Each refusal by its code; the other invoices of the session live on."""

    def refused(self, content, client=None, **options):
        client = client or self.company()
        session, key = self.open(client)
        return self.verdict(client, session, key, content, **options)

    def test_a_future_date_is_450(self):
        status = self.refused(xml("FV/1", day=utc_now().date() + timedelta(days=2)))
        assert status.code == 450 and status.details

    def test_the_seller_of_another_company_is_410(self):
        status = self.refused(xml("FV/1", seller=STRANGER))
        assert verdict(status.code, offline=False) is Verdict.HOLD

    def test_a_byte_order_mark_is_refused(self):
        assert self.refused(b"\xef\xbb\xbf" + xml("FV/1")).code == 430

    def test_a_duplicate_names_its_original(self):
        first = self.refused(xml("FV/1"))
        second = self.refused(xml("FV/1") + b"\n")
        assert verdict(second.code, offline=False) is Verdict.DUPLICATE
        assert second.original_ksef_number == first.ksef_number
        assert second.original_session is not None

    def test_a_duplicate_may_be_silent_about_it(self):
        self.simulator.fault("refused_duplicate", original="none")
        assert self.refused(xml("FV/1")).original_ksef_number is None

    @pytest.mark.parametrize("code", [405, 415, 430, 435, 450, 500, 550])
    def test_every_other_code(self, code):
        self.simulator.fault("reject", code=code, details=("powód",))
        status = self.refused(xml("FV/1"))
        assert status.code == code and "powód" in status.details
        assert status.ksef_number is None

    def test_an_invoice_encrypted_with_another_key_is_435(self):
        client = self.company()
        session, _key = self.open(client)
        status = self.verdict(client, session, SessionKey.generate(), xml("FV/1"))
        assert status.code == 435

    def test_a_session_without_valid_invoices_is_done_and_lists_them(self):
        client = self.company()
        session, key = self.open(client)
        self.simulator.fault("reject", code=450)
        self.verdict(client, session, key, xml("FV/1"))
        client.close_online_session(session)
        status = self.until_decided(lambda: client.session_status(session))
        assert status.code == 445
        assert session_phase(status.code) is SessionPhase.DONE
        assert [each.code for each in client.session_invoices(session).invoices] == [
            450
        ]

    def test_an_empty_session_fails(self):
        client = self.company()
        session, _key = self.open(client)
        client.close_online_session(session)
        status = self.until_decided(lambda: client.session_status(session))
        assert session_phase(status.code) is SessionPhase.FAILED

    def test_a_session_whose_key_is_unreadable_fails(self):
        client = self.company()
        self.simulator.fault("session_refused_key")
        session, _key = self.open(client)
        status = self.until_decided(lambda: client.session_status(session), (100,))
        assert status.code == 415
        assert session_phase(status.code) is SessionPhase.FAILED

    def test_closing_twice_is_refused_by_its_code(self):
        client = self.company()
        session, _key = self.open(client)
        client.close_online_session(session)
        with pytest.raises(ApiError) as caught:
            client.close_online_session(session)
        assert caught.value.code == 21180

    def test_a_withdrawn_key_is_21470(self):
        client = self.company()
        wrapped = self.wrap(client, SessionKey.generate())
        self.simulator.rotate_keys()
        with pytest.raises(ApiError) as caught:
            client.open_online_session(wrapped)
        assert caught.value.code == 21470

    def test_a_token_that_may_only_read_cannot_send(self):
        token = self.simulator.new_token(SELLER, ["InvoiceRead"])
        client = self.client(self.log_in(token))
        with pytest.raises(AuthenticationError) as caught:
            self.open(client)
        assert caught.value.reason_code == "missing-permissions"
        assert any("InvoiceWrite" in text for text in caught.value.details)

    def test_the_session_of_another_company_stays_closed_to_us(self):
        session, _key = self.open(self.company())
        with pytest.raises(ApiError):
            self.company(BUYER).session_status(session)


class TestTechnicalCorrection(Conversation):
    """A refused offline invoice is replaced under the hash that its codes show."""

    def refused(self, client, session, key) -> bytes:
        content = xml("FV/1")
        self.simulator.fault("reject", code=450, details=("schemat",))
        status = self.verdict(client, session, key, content, offline=True)
        assert verdict(status.code, offline=True) is Verdict.REJECT
        return content

    def correct(self, client, session, key, old: bytes, new: bytes):
        options = {"offline": True, "corrected_hash": sha256_b64(old)}
        return self.verdict(client, session, key, new, **options)

    def test_it_takes_the_place_once(self):
        client = self.company()
        session, key = self.open(client)
        old = self.refused(client, session, key)
        status = self.correct(client, session, key, old, xml("FV/1") + b"\n")
        assert (status.code, status.invoicing_mode) == (200, "Offline")
        assert self.simulator.invoices[0].corrected_hash == sha256_b64(old)
        with pytest.raises(ApiError) as caught:
            self.correct(client, session, key, old, xml("FV/1") + b"\n\n")
        assert caught.value.code == 21166

    def test_one_refused_leaves_the_way_open(self):
        client = self.company()
        session, key = self.open(client)
        old = self.refused(client, session, key)
        self.simulator.fault("reject", code=450)
        again = self.correct(client, session, key, old, xml("FV/1") + b"\n")
        assert again.code == 450
        last = self.correct(client, session, key, old, xml("FV/1") + b"\n\n")
        assert last.code == 200

    def test_an_accepted_invoice_has_none(self):
        client = self.company()
        session, key = self.open(client)
        content = xml("FV/1")
        self.verdict(client, session, key, content, offline=True)
        with pytest.raises(ApiError) as caught:
            self.correct(client, session, key, content, xml("FV/1") + b"\n")
        assert caught.value.code == 21167


class TestFailures(Conversation):
    """What happens on the way is told by the type of the error."""

    def test_a_lost_answer_leaves_the_invoice_in_the_listing(self):
        client, content = self.company(), xml("FV/1")
        session, key = self.open(client)
        self.simulator.fault("lost_answer", method="POST", path="/invoices")
        with pytest.raises(TransportError):
            client.send_invoice(session, encrypt_invoice(content, key))
        (listed,) = client.session_invoices(session).invoices
        assert listed.invoice_hash == sha256_b64(content)

    def test_too_slow(self):
        client = self.company(timeout=(5, 0.2))
        session, _key = self.open(client)
        self.simulator.fault("slow", seconds=0.6, path="/sessions/")
        with pytest.raises(TransportError) as caught:
            client.session_status(session)
        assert caught.value.reason == "timeout"

    def test_too_many_requests(self):
        client = self.company()
        self.simulator.fault("too_many_requests", retry_after=42, path="/sessions")
        with pytest.raises(RateLimitError) as caught:
            self.open(client)
        assert caught.value.retry_after == 42

    @pytest.mark.parametrize(
        ("fault", "status"),
        [("server_error", 500), ("bad_gateway_html", 502), ("script_page", 200)],
    )
    def test_trouble_of_servers_and_gateways(self, fault, status):
        client = self.company()
        session, key = self.open(client)
        for call in (
            lambda: client.session_status(session),
            lambda: client.send_invoice(session, encrypt_invoice(xml("F"), key)),
            lambda: client.close_online_session(session),
            lambda: client.invoice_upo(session, UNKNOWN),
            lambda: client.challenge(),
        ):
            self.simulator.fault(fault)
            with pytest.raises(ServerError) as caught:
                call()
            assert caught.value.status == status

    def test_blocked_by_protection_systems(self):
        client = self.company()
        self.simulator.fault("blocked", path="/sessions")
        with pytest.raises(AuthenticationError) as caught:
            self.open(client)
        assert caught.value.reason_code == "security-service-blocked"
        assert any("SIM-0001" in text for text in caught.value.details)

    def test_rate_limits_of_production(self):
        self.simulator.rate_limits()
        client = self.company()
        session, _key = self.open(client)
        with pytest.raises(RateLimitError) as caught:
            for _ in range(200):
                client.session_invoices(session)
        assert caught.value.retry_after >= 1
