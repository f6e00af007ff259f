"""A running simulator for each test, and a small client to speak to it."""

import base64
import hashlib
import io
import os
import tarfile
import zipfile
from datetime import datetime
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree

from simulator import Simulator
from simulator.schema import load

from .official import FILE, SHARED, Checked, Official

SELLER, BUYER, STRANGER = "5265877635", "1111111111", "8513255117"
PESEL = "44051401458"
FORM = {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}
XSD = SHARED / "xsd"
OAEP = rsa_padding.OAEP(
    rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)
ATTACHMENT = (
    b"<Zalacznik><BlokDanych><MetaDane><ZKlucz>a</ZKlucz><ZWartosc>b</ZWartosc>"
    b"</MetaDane></BlokDanych></Zalacznik></Faktura>"
)
needs_shared = pytest.mark.skipif(
    not FILE.exists(), reason="the official files of ../shared are absent"
)


@lru_cache
def schema():
    """The official schema, compiled once."""
    return load(XSD) if XSD.exists() else None


@lru_cache
def official():
    """The official OpenAPI file, read once."""
    return Official()


class Law:
    """Base of all tests: a simulator whose answers the official file judges."""

    options: ClassVar = {}

    @pytest.fixture(autouse=True)
    def running(self):
        self.simulator = Simulator(schema=schema(), **self.options).start()
        checked = None
        if FILE.exists():
            checked = Checked(self.simulator.server.app, official())
            self.simulator.server.app = checked
        yield
        self.simulator.stop()
        assert not checked or not checked.violations, "\n".join(checked.violations)

    def client(self, nip=SELLER, permissions=("InvoiceRead", "InvoiceWrite")):
        """A client logged in by KSeF token."""
        client = Client(self.simulator)
        client.log_in_with_token(nip, self.simulator.new_token(nip, permissions))
        return client


class Client:
    """Speaks KSeF plainly, and written apart from the simulator's own code."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.token = None
        self.refresh_token = None
        self.key, self.iv = os.urandom(32), os.urandom(16)

    def call(self, method, path, *, token=None, old_errors=False, **kwargs):
        """One request; the answer as it is."""
        headers = kwargs.pop("headers", {})
        if not old_errors:
            headers["X-Error-Format"] = "problem-details"
        if token or self.token:
            headers["Authorization"] = f"Bearer {token or self.token}"
        url = self.simulator.api_url + path
        return requests.request(method, url, headers=headers, timeout=30, **kwargs)

    def get(self, path, **kwargs):
        return self.call("GET", path, **kwargs)

    def post(self, path, **kwargs):
        return self.call("POST", path, **kwargs)

    def public_key(self, usage):
        """The newest valid key for the usage: (RSA key, its id)."""
        now = datetime.now(ZoneInfo("UTC")).isoformat()
        listed = [
            key
            for key in self.get("/security/public-key-certificates").json()
            if usage in key["usage"] and key["validFrom"] <= now < key["validTo"]
        ]
        chosen = max(listed, key=lambda key: key["validFrom"])
        der = base64.b64decode(chosen["certificate"])
        certificate = x509.load_der_x509_certificate(der)
        return certificate.public_key(), chosen["publicKeyId"]

    def start_token_login(self, nip, token, *, moment=None):
        """Challenge and token, up to 202."""
        challenge = self.post("/auth/challenge").json()
        key, key_id = self.public_key("KsefTokenEncryption")
        text = f"{token}|{moment or challenge['timestampMs']}"
        return self.post(
            "/auth/ksef-token",
            json={
                "challenge": challenge["challenge"],
                "contextIdentifier": {"type": "Nip", "value": nip},
                "encryptedToken": b64(key.encrypt(text.encode(), OAEP)),
                "publicKeyId": key_id,
            },
        )

    def login_status(self, begun):
        """Poll a login to its end."""
        answer = begun.json()
        token = answer["authenticationToken"]["token"]
        path = f"/auth/{answer['referenceNumber']}"
        for _look in range(5):
            status = self.get(path, token=token).json()["status"]
            if status["code"] != 100:
                return status
        return status

    def redeem(self, begun):
        """Exchange the authentication token."""
        token = begun.json()["authenticationToken"]["token"]
        return self.post("/auth/token/redeem", token=token)

    def log_in_with_token(self, nip, token):
        begun = self.start_token_login(nip, token)
        assert self.login_status(begun)["code"] == 200
        self.take(self.redeem(begun).json())

    def take(self, tokens):
        self.token = tokens["accessToken"]["token"]
        self.refresh_token = tokens["refreshToken"]["token"]

    def encryption(self, key=None):
        public, key_id = self.public_key("SymmetricKeyEncryption")
        return {
            "encryptedSymmetricKey": b64(public.encrypt(key or self.key, OAEP)),
            "initializationVector": b64(self.iv),
            "publicKeyId": key_id,
        }

    def open(self, **changes):
        """Open a session, return its reference."""
        body = {"formCode": FORM, "encryption": self.encryption(**changes)}
        answer = self.post("/sessions/online", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["referenceNumber"]

    def envelope(self, xml, **changes):
        """The body of a send."""
        cipher = encrypt(self.key, self.iv, xml)
        body = {
            "invoiceHash": digest(xml),
            "invoiceSize": len(xml),
            "encryptedInvoiceHash": digest(cipher),
            "encryptedInvoiceSize": len(cipher),
            "encryptedInvoiceContent": b64(cipher),
        }
        return body | changes

    def send(self, session, xml, **changes):
        """Send, return the answer."""
        body = self.envelope(xml, **changes)
        return self.post(f"/sessions/online/{session}/invoices", json=body)

    def verdict(self, session, xml, **changes):
        """Send and poll; the invoice's status at the end."""
        sent = self.send(session, xml, **changes)
        assert sent.status_code == 202, sent.text
        path = f"/sessions/{session}/invoices/{sent.json()['referenceNumber']}"
        for _look in range(6):
            status = self.get(path).json()
            if status["status"]["code"] >= 200:
                return status
        return status

    def session_status(self, session):
        """Poll a session until it leaves 100, 150 and 170."""
        for _look in range(6):
            status = self.get(f"/sessions/{session}").json()
            if status["status"]["code"] not in (100, 150, 170):
                return status
        return status

    def batch_body(self, whole, *, parts=1, form="Zip", key=None, **changes):
        """The body that opens a batch, and the encrypted parts of the archive."""
        size = -(-len(whole) // parts)
        plain = [whole[start : start + size] for start in range(0, len(whole), size)]
        encrypted = [encrypt(self.key, self.iv, part) for part in plain]
        body = {
            "formCode": FORM,
            "batchFile": {
                "fileSize": len(whole),
                "fileHash": digest(whole),
                "compressionType": form,
                "fileParts": [
                    {"ordinalNumber": n, "fileSize": len(p), "fileHash": digest(p)}
                    for n, p in enumerate(encrypted, 1)
                ],
            },
            "encryption": self.encryption(key),
        }
        return body | changes, encrypted

    def open_batch(self, whole, **changes):
        """Open a batch: its reference, its upload requests, its encrypted parts."""
        body, encrypted = self.batch_body(whole, **changes)
        answer = self.post("/sessions/batch", json=body)
        assert answer.status_code == 201, answer.text
        requests_ = answer.json()["partUploadRequests"]
        requests_.sort(key=lambda request: request["ordinalNumber"])
        return answer.json()["referenceNumber"], requests_, encrypted

    def upload(self, request, part, **headers):
        """Send one part as the answer says."""
        kept = request["headers"] | headers
        return requests.request(
            request["method"], request["url"], data=part, headers=kept, timeout=30
        )

    def send_batch(self, whole, **changes):
        """Open, upload, close; the reference."""
        session, links, encrypted = self.open_batch(whole, **changes)
        for link, part in zip(links, encrypted, strict=True):
            assert self.upload(link, part).status_code == 201
        assert self.close_batch(session).status_code == 204
        return session

    def close_batch(self, session):
        return self.post(f"/sessions/batch/{session}/close")

    def listed(self, session, size=1000):
        """Every file of a session, page by page."""
        path, found, headers = f"/sessions/{session}/invoices?pageSize={size}", [], {}
        while True:
            page = self.get(path, headers=dict(headers)).json()
            found += page["invoices"]
            if not page["continuationToken"]:
                return found
            headers["x-continuation-token"] = page["continuationToken"]


def invoice(
    number="FV/1", *, seller=SELLER, buyer=BUYER, day=None, extra="", kind="VAT"
):
    """A small valid FA(3) file."""
    day = day or datetime.now(ZoneInfo("Europe/Warsaw")).date()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
<WariantFormularza>3</WariantFormularza>
<DataWytworzeniaFa>2026-02-04T11:18:34Z</DataWytworzeniaFa></Naglowek>
<Podmiot1><DaneIdentyfikacyjne><NIP>{seller}</NIP><Nazwa>Ćma &amp; Żuk</Nazwa>
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>Łąka 1</AdresL1></Adres>
</Podmiot1>
<Podmiot2><DaneIdentyfikacyjne><NIP>{buyer}</NIP><Nazwa>Nabywca</Nazwa>
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>Pole 2</AdresL1></Adres>
<JST>2</JST><GV>2</GV></Podmiot2>
<Fa><KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_2>{number}</P_2>
<P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1><P_15>123.00</P_15>
<Adnotacje><P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
<Zwolnienie><P_19N>1</P_19N></Zwolnienie>
<NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu><P_23>2</P_23>
<PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy></Adnotacje>
<RodzajFaktury>{kind}</RodzajFaktury>
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Usługa{extra}</P_7><P_8A>szt</P_8A>
<P_8B>1</P_8B><P_9A>100.00</P_9A><P_11>100.00</P_11><P_12>23</P_12></FaWiersz>
</Fa></Faktura>
""".encode()


def zipped(files):
    """A ZIP of name -> bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(files):
    """A gzip-compressed tar of name -> bytes."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def b64(content):
    return base64.b64encode(content).decode()


def digest(content):
    return b64(hashlib.sha256(content).digest())


def encrypt(key, iv, plain):
    adder = padding.PKCS7(128).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return cipher.update(adder.update(plain) + adder.finalize()) + cipher.finalize()


def decrypt(key, iv, ciphertext):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    remover = padding.PKCS7(128).unpadder()
    plain = cipher.update(ciphertext) + cipher.finalize()
    return remover.update(plain) + remover.finalize()


def load_pair(crt, key, password=None):
    """Certificate and private key as objects."""
    password = password.encode() if password else None
    private = serialization.load_pem_private_key(key, password)
    return x509.load_pem_x509_certificate(crt), private


def code_of(answer):
    """The KSeF code of a 400."""
    assert answer.status_code == 400, answer.text
    return answer.json()["errors"][0]["code"]


def parse(xml):
    return etree.fromstring(xml)
