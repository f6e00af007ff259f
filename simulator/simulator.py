"""The simulator as an object: start it, turn its knobs, look at what it holds."""

import os
import random
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from werkzeug.serving import WSGIRequestHandler, make_server

from . import authority, fa3, judging, keys, ledger, lighthouse
from .app import App
from .auth import new_ksef_token
from .away import Away
from .clock import Clock, polish_day
from .faults import Faults
from .limits import Limits, from_openapi
from .links import Links
from .numbers import reference
from .recorder import Recorder
from .routes import API
from .schema import load as load_schema
from .store import Delay, Grant, Identity, Store, Token
from .verification import Document

SETTINGS = (
    "attachment_consent",
    "certificate_limit",
    "check_nips",
    "check_schema",
    "closing_wait",
    "enrollment_limit",
    "mark_lag",
    "package_limit",
    "part_size",
    "query_limit",
    "self_signed",
    "session_limit",
    "upo_page_size",
)


class Simulator:
    """A KSeF on 127.0.0.1.

    schema       FA(3) XSD: path, folder or bytes; without it files are not
                 checked against a schema
    data         folder to keep the state in; without it all is lost at the end
    openapi      official OpenAPI file to take the request limits from
    self_signed  accept self-signed certificates, as TEST does

    The environment variable SIMULATOR_TRAFFIC names a folder to record the wire in.
    """

    def __init__(
        self, port=0, *, schema=None, data=None, openapi=None, self_signed=False
    ):
        self.clock = Clock()
        self.delay = Delay()
        self.faults = Faults()
        self.gone = Away()
        self.limits = Limits()
        self.links = Links(self)
        self.requests = []
        self.recorders = []
        self.judging = []
        self.lock = threading.RLock()
        self.chance = random.Random(20260201)
        self.schema = load_schema(schema)
        self.self_signed = self_signed
        self.check_nips = True
        self.check_schema = True
        self.closing_wait = 2.0
        self.attachment_consent = True
        self.session_limit = 10_000
        self.certificate_limit = None
        self.enrollment_limit = None
        self.mark_lag = 0.0
        self.package_limit = 10_000
        self.query_limit = 10_000
        self.part_size = None
        self.upo_page_size = 10_000
        self._folder = Path(data) if data else None
        self.store = Store.load(self._folder) if data else Store()
        self._make_keys()
        if openapi:
            self.limits.values |= from_openapi(openapi, API)
        if traffic := os.environ.get("SIMULATOR_TRAFFIC"):
            self.record(traffic)
        self.server = make_server(
            "127.0.0.1", port, App(self), threaded=True, request_handler=_Silent
        )
        self._thread = None

    @property
    def url(self) -> str:
        """Base address of the QR pages, the status service and the management."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def api_url(self) -> str:
        """Base address of the API."""
        return self.url + "/v2"

    def start(self):
        """Serve in a thread of its own. Returns the simulator."""
        self._thread = threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def serve(self):
        """Serve until interrupted."""
        self.server.serve_forever()

    def stop(self):
        """Stop serving and free the port."""
        if self._thread:
            self.server.shutdown()
            self._thread.join()
        self.server.server_close()
        for thread in self.judging:
            thread.join()
        self.keep()

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()

    @property
    def invoices(self) -> list:
        """What KSeF holds, in the order it came."""
        return list(self.store.invoices.values())

    @property
    def sessions(self) -> list:
        """All sessions, each with its submissions."""
        return list(self.store.sessions.values())

    def record(self, target):
        """Keep what is said on the wire: in a folder, or handed to a callable.

        See recorder.py; `simulator.tests.official` judges such records.
        """
        self.recorders.append(Recorder(target))

    def ledger(self) -> ledger.Ledger:
        """How often each hash, and each (NIP, kind, number), was accepted."""
        with self.lock:
            return ledger.of(self.store.invoices)

    def counts(self) -> dict:
        """Requests that were worked on, by group of limits; see ledger.py."""
        return ledger.counts(self.requests)

    def put_invoice(self, xml: bytes, *, stored=None, hidden=0) -> str:
        """Hold `xml` as if its seller had sent it with success, unchecked.

        `stored`: when it got into the repository, now by default. `hidden`: no list
        shows it for so many seconds, as happens behind the high water mark.
        Returns the KSeF number.
        """
        with self.lock:
            document = Document(xml, fa3.facts(fa3.parse(xml)))
            now = self.clock.now()
            invoice = judging.accept(self, document, now)
            judging.stored(self, invoice, stored or now)
            if hidden:
                invoice.hidden_until = now + timedelta(seconds=hidden)
        return invoice.ksef_number

    def issue_certificate(self, kind="Authentication", **order) -> tuple[bytes, bytes]:
        """A certificate of the simulator's authority: (.crt, .key) as PEM.

        `order`: nip, pesel or only a name; key ("EC", "RSA"), password, label (the
        holder's name for it), not_before, not_after. Raises ValueError.
        """
        with self.lock:
            entry, crt, key = authority.issue(
                self.store.keys["ca"],
                authority.Order(kind=kind, **order),
                self.clock.now(),
            )
            self.store.certificates[entry.serial] = entry
        return crt, key

    def revoke_certificate(self, serial: str):
        """Revoke a certificate by its serial number (16 hexadecimal digits)."""
        self.store.certificates[serial].revoked = True

    def expire_certificate(self, serial: str):
        """Let a certificate end now."""
        self.store.certificates[serial].ended = self.clock.now()

    def new_token(self, nip: str, permissions=("InvoiceRead", "InvoiceWrite")) -> str:
        """A KSeF token for the company."""
        name = reference("EC", polish_day(self.clock.now()))
        secret = new_ksef_token(nip, name)
        context = Identity("Nip", nip)
        self.store.tokens[secret] = Token(name, secret, context, tuple(permissions))
        return secret

    def revoke_token(self, token: str):
        """Revoke a KSeF token."""
        self.store.tokens[token].revoked = True

    def grant(
        self, context, identifier_type, identifier, permissions, *, context_type="Nip"
    ):
        """Let somebody (Nip, Pesel, Fingerprint or PeppolId) act in a context."""
        subject = Identity(identifier_type, identifier)
        context = Identity(context_type, context)
        grant = Grant(
            str(uuid4()), context, subject, tuple(permissions), self.clock.now()
        )
        self.store.grants.append(grant)

    def revoke_grants(self, context_nip):
        """Take every grant for a company back."""
        self.store.grants = [
            grant for grant in self.store.grants if grant.context.value != context_nip
        ]

    def link_person(self, pesel, nip):
        """The person with this PESEL is the sole proprietor with this NIP."""
        self.store.persons[pesel] = nip

    def fault(self, name, **params):
        """Ask for a failure; names and parameters: see faults.py."""
        self.faults.add(name, **params)

    def clear_faults(self):
        """Nothing more will fail."""
        self.faults.clear()

    def set_clock(self, moment, *, stopped=False):
        """Go on from an aware datetime, or stand there; None: real time."""
        self.clock.set(moment, stopped=stopped)

    def advance(self, seconds):
        """Let time pass."""
        self.clock.advance(seconds)

    def set_delay(self, steps=1, seconds=0.0):
        """An asynchronous step needs more than `steps` looks, and `seconds`."""
        self.delay = Delay(steps, seconds)

    def rate_limits(self, on=True, **values):
        """Count requests; a group may get other (second, minute, hour) values."""
        self.limits.switch(on, **{name: tuple(v) for name, v in values.items()})

    def set(self, **values):
        """Change settings by name. Raises ValueError for one that is not known."""
        unknown = set(values) - set(SETTINGS)
        if unknown:
            raise ValueError(f"unknown settings {sorted(unknown)}")
        for name, value in values.items():
            setattr(self, name, value)

    def announce(self, status, text="Komunikat symulatora", **details):
        """What the status service says: AVAILABLE, MAINTENANCE, FAILURE, …

        Alone it replaces all that was said. With `event` (a number) it is said beside
        it, again as the next version; `start` and `end` are aware datetimes, and an
        `end` ends a failure. Other details: the message's own fields, as they are.
        """
        with self.lock:
            now = self.clock.now()
            return lighthouse.announce(self.store, status, text, now, **details)

    def away(self, on=True, *, house="ksef", how="hang_up"):
        """No answer from KSeF (or "lighthouse") until it is brought back.

        `how`: "hang_up" closes the connection, "gateway" answers 503 in HTML. The
        QR pages stay.
        """
        self.gone.set(house, how if on else None)

    def rotate_keys(self):
        """Withdraw all public keys at once and publish others."""
        with self.lock:
            held = self.store.keys
            held["generation"] += 1
            held["public"] = keys.published(self.clock.now(), held["generation"])

    def changed(self, call):
        """Keep the state after a request that may have changed it."""
        if call.request.method != "GET":
            self.keep()

    def keep(self):
        """Write the state into its folder, if it has one."""
        if self._folder:
            self.store.save(self._folder)

    def _make_keys(self):
        if self.store.keys:
            return
        now = self.clock.now()
        self.store.keys = {
            "ca": authority.new_ca(),
            "seal": keys.seal(now),
            "public": keys.published(now),
            "generation": 0,
        }


class _Silent(WSGIRequestHandler):
    """Serves without writing every request to the console."""

    def log_request(self, code="-", size="-"):
        pass

    def send_response(self, code, message=None):
        """Without a Date: the application says what the time is."""
        self.send_response_only(code, message)
        self.send_header("Server", "simulator")
