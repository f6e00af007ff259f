"""Answers of KSeF: read as documented, whatever is added to them or left out."""

import json
from datetime import datetime, timezone

import pytest

from ksef import messages
from ksef.crypto import b64url
from ksef.errors import ProtocolError
from ksef.messages import (
    Grant,
    InvoicePage,
    InvoiceStatus,
    PublicKey,
    SessionStatus,
    Tokens,
    rights,
)

ACCEPTED = {
    "ordinalNumber": 2,
    "invoiceNumber": "FV/1",
    "ksefNumber": "5265877635-20250626-010080DD2B5E-26",
    "referenceNumber": "20250626-EE-2F20AD2000-242386DF86-52",
    "invoiceHash": "mkht+3m5trnfxlTYhq3QFn74LkEO69MFNlsMAkCDSPA=",
    "acquisitionDate": "2025-07-11T12:24:16.0154302+00:00",
    "invoicingDate": "2025-07-11T12:23:56.0154302+00:00",
    "permanentStorageDate": "2025-07-11T12:24:01.0154302+00:00",
    "upoDownloadUrl": "https://api.example/storage/upo?sig=SECRET",
    "invoicingMode": "Online",
    "status": {"code": 200, "description": "Sukces"},
}
NUMBER = "5265877635-20250626-010080DD2B5E-26"
DUPLICATE = {
    "code": 440,
    "description": "Duplikat faktury",
    "details": [f"Duplikat faktury. Faktura o numerze KSeF: {NUMBER} została ..."],
}


def with_status(**status) -> dict:
    return {**ACCEPTED, "ksefNumber": None, "status": status}


class TestInvoiceStatus:
    """One line of a session's listing."""

    def test_every_field(self):
        read = InvoiceStatus.from_json(ACCEPTED)
        assert read.ordinal_number == 2
        assert read.reference_number == ACCEPTED["referenceNumber"]
        assert (read.invoice_number, read.ksef_number) == ("FV/1", NUMBER)
        assert read.invoice_hash == ACCEPTED["invoiceHash"]
        at = datetime(2025, 7, 11, 12, 24, 16, 15430, tzinfo=timezone.utc)
        assert read.acquisition_date == at
        assert read.invoicing_date == at.replace(minute=23, second=56)
        assert read.permanent_storage_date == at.replace(second=1)
        assert read.invoicing_mode == "Online"
        assert read.upo_url == ACCEPTED["upoDownloadUrl"]
        assert (read.code, read.description, read.details) == (200, "Sukces", ())
        assert read.original_session is None and read.original_ksef_number is None
        assert "SECRET" not in repr(read)

    def test_only_what_is_sure_to_be_there(self):
        read = InvoiceStatus.from_json(
            {"referenceNumber": "r", "invoiceHash": "h", "status": {"code": 100}}
        )
        assert (read.code, read.ksef_number, read.acquisition_date) == (100, None, None)

    def test_r39_unknown_fields_and_values_pass(self):
        added = {**ACCEPTED, "invoicingMode": "Quantum", "new": {"a": [1]}}
        assert InvoiceStatus.from_json(added).invoicing_mode == "Quantum"

    def test_a_duplicate_names_its_original(self):
        extensions = {
            "originalSessionReferenceNumber": "20250626-SO-1",
            "originalKsefNumber": NUMBER,
        }
        read = InvoiceStatus.from_json(with_status(code=440, extensions=extensions))
        assert read.original_session == "20250626-SO-1"
        assert read.original_ksef_number == NUMBER

    @pytest.mark.parametrize("extensions", [None, {}, {"originalKsefNumber": None}])
    def test_a_duplicate_may_name_it_in_its_text_alone(self, extensions):
        status = {**DUPLICATE, "extensions": extensions}
        read = InvoiceStatus.from_json(with_status(**status))
        assert read.original_ksef_number == NUMBER

    def test_a_duplicate_may_not_name_it_at_all(self):
        read = InvoiceStatus.from_json(with_status(code=440))
        assert read.original_ksef_number is None

    def test_a_number_in_the_text_of_another_refusal_is_not_taken(self):
        read = InvoiceStatus.from_json(with_status(**{**DUPLICATE, "code": 450}))
        assert read.original_ksef_number is None

    @pytest.mark.parametrize("missing", ["referenceNumber", "invoiceHash", "status"])
    def test_without_its_identity_an_answer_is_outside_the_specification(self, missing):
        left = {name: value for name, value in ACCEPTED.items() if name != missing}
        with pytest.raises(ProtocolError):
            InvoiceStatus.from_json(left)


@pytest.mark.parametrize("token", [None, "", "next"])
def test_pages_end_with_an_empty_continuation(token):
    page = InvoicePage.from_json({"invoices": [ACCEPTED], "continuationToken": token})
    assert page.continuation == (token or None)
    assert len(page.invoices) == 1
    assert InvoicePage.from_json({"invoices": None}).invoices == ()


def test_session_status():
    read = SessionStatus.from_json(
        {
            "status": {"code": 200, "description": "x", "details": ["y"]},
            "validUntil": None,
            "invoiceCount": 10,
            "failedInvoiceCount": 2,
            "upo": {
                "pages": [{"referenceNumber": "u", "downloadUrl": "https://SECRET"}]
            },
        }
    )
    assert (read.code, read.details, read.invoice_count) == (200, ("y",), 10)
    assert (read.successful_invoice_count, read.failed_invoice_count) == (None, 2)
    assert [page.reference_number for page in read.upo_pages] == ["u"]
    assert "SECRET" not in repr(read)
    assert SessionStatus.from_json({"status": {"code": 100}, "upo": None}).code == 100


def test_tokens_do_not_show():
    token = {"token": "SECRET", "validUntil": "2025-07-11T12:23:56Z"}
    read = Tokens.from_json({"accessToken": token, "refreshToken": token})
    assert read.access.token == "SECRET" and "SECRET" not in repr(read)
    operation = {"referenceNumber": "r", "authenticationToken": token}
    assert "SECRET" not in repr(messages.AuthOperation.from_json(operation))


def test_a_right_may_come_without_a_context():
    read = Grant.from_json({"permissionScope": "New", "permissionState": "Active"})
    assert (read.permission, read.state, read.context) == ("New", "Active", None)


@pytest.mark.parametrize("written", ["a", "ż==="])
def test_a_public_key_that_is_not_base64(written):
    data = {
        "certificate": written,
        "validFrom": "2025-01-01T00:00:00Z",
        "validTo": "2027-01-01T00:00:00Z",
    }
    with pytest.raises(ProtocolError):
        PublicKey.from_json(data)
    assert PublicKey.from_json({**data, "certificate": "AAAA"}).usage == ()


class TestRights:
    """The hint inside an access token, from whichever form it has."""

    @pytest.mark.parametrize(
        ("claim", "told"),
        [
            (["Owner"], ("Owner",)),
            ('["InvoiceRead","InvoiceWrite"]', ("InvoiceRead", "InvoiceWrite")),
            ("InvoiceRead", ("InvoiceRead",)),
            (None, ()),
            (5, ()),
            ({"a": 1}, ()),
            ("[broken", ()),
        ],
    )
    def test_claims(self, claim, told):
        assert rights(self.jwt({"per": claim})) == told

    @pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.W10.c", "a.żó.c", "..."])
    def test_what_is_no_token_names_none(self, token):
        assert rights(token) == ()

    def jwt(self, payload) -> str:
        return f"e30.{b64url(json.dumps(payload).encode())}.c2ln"
