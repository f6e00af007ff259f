"""What the simulator remembers: plain records, nothing else."""

import pickle
import secrets
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path

from .repository import Repository


@dataclass(frozen=True)
class Identity:
    """Who: `type` is Nip, Pesel, Fingerprint or a context type."""

    type: str
    value: str


@dataclass
class Login:
    """One authentication operation and the session of tokens it opened."""

    reference: str
    context: Identity
    subject: Identity | None
    method: str
    started: datetime
    code: int
    details: tuple = ()
    permissions: tuple = ()
    document_hash: str | None = None
    told: tuple = ()
    token_reference: str | None = None
    looks: int = 0
    redeemed: bool = False
    revoked: bool = False
    last_refresh: datetime | None = None
    refresh_until: datetime | None = None


@dataclass
class Token:
    """A KSeF token: bound to one context, with unchangeable permissions."""

    reference: str
    secret: str
    context: Identity
    permissions: tuple
    revoked: bool = False


@dataclass(frozen=True)
class Grant:
    """`subject` may act in `context` with these permissions."""

    id: str
    context: Identity
    subject: Identity
    permissions: tuple
    since: datetime


@dataclass(frozen=True)
class Facts:
    """What KSeF reads from an invoice."""

    seller_nip: str
    seller_name: str | None
    buyer: Identity
    buyer_name: str | None
    number: str
    kind: str
    issue_date: date
    currency: str
    net: float
    vat: float
    gross: float
    self_billing: bool = False
    attachment: bool = False
    thirds: tuple = ()
    authorized: tuple | None = None

    @property
    def duplicate_key(self):
        """What may exist only once in KSeF."""
        return self.seller_nip, self.kind, self.number


@dataclass
class Invoice:
    """An invoice that KSeF has accepted."""

    ksef_number: str
    xml: bytes
    hash: str
    facts: Facts
    mode: str
    invoicing_date: datetime
    acquisition_date: datetime
    session_reference: str
    corrected_hash: str | None = None
    storage_date: datetime | None = None
    never_stored: bool = False
    hidden_until: datetime | None = None

    @property
    def seller(self):
        return self.facts.seller_nip

    @property
    def buyer(self):
        return self.facts.buyer.value


@dataclass
class Submission:
    """One file handed over in a session, with the verdict waiting for it."""

    reference: str
    ordinal: int
    declared_hash: str
    received: datetime
    offline: bool
    code: int = 150
    details: tuple = ()
    extensions: dict | None = None
    xml: bytes | None = None
    number: str | None = None
    invoice: Invoice | None = None
    upo: bytes | None = None
    looks: int = 0
    shown: bool = False
    stuck: bool = False
    file_name: str | None = None


@dataclass(frozen=True)
class UpoPage:
    """One collective receipt of a session."""

    reference: str
    xml: bytes


@dataclass(frozen=True)
class DeclaredPart:
    """What the sender said about one encrypted part."""

    hash: str
    size: int


@dataclass
class Batch:
    """The archive of a batch session: what was declared, and what has come of it.

    `judged`: nothing of it is left to be decided; the parts are dropped by then.
    """

    hash: str
    size: int
    form: str
    parts: dict
    upload_until: datetime
    uploaded: dict = field(default_factory=dict)
    counted: bool = False
    judged: bool = False


@dataclass
class Session:
    """A session; `batch` only if it is one. `end_code`: the verdict on itself."""

    reference: str
    context: Identity
    subject: Identity
    login_reference: str
    key: bytes | None
    iv: bytes
    created: datetime
    updated: datetime
    valid_until: datetime
    closed: datetime | None = None
    end_code: int | None = None
    looks: int = 0
    code: int = 100
    submissions: list = field(default_factory=list)
    upo_pages: list = field(default_factory=list)
    details: tuple = ()
    offline: bool = False
    stuck: bool = False
    batch: Batch | None = None
    places: dict | None = None

    @property
    def kind(self):
        return "Batch" if self.batch else "Online"

    def find(self, name: str) -> Submission | None:
        """The file with that reference."""
        self.places = self.places or {}
        for entry in self.submissions[len(self.places) :]:
            self.places[entry.reference] = entry
        return self.places.get(name)


@dataclass
class Export:
    """One export order and, once ready, its encrypted parts."""

    reference: str
    context: Identity
    subject: Identity
    ordered: datetime
    code: int
    package: dict | None = None
    parts: list = field(default_factory=list)
    looks: int = 0
    completed: datetime | None = None
    shown: bool = False
    stuck: bool = False


@dataclass
class Certificate:
    """A certificate from the simulator's register."""

    serial: str
    der: bytes
    kind: str
    subject: Identity
    name: str
    requested: datetime
    revoked: bool = False
    last_use: datetime | None = None
    ended: datetime | None = None
    blocked: datetime | None = None
    reason: str | None = None
    looks: int = 0


@dataclass
class Enrollment:
    """One request for a certificate; `serial` once it is issued."""

    reference: str
    subject: Identity
    told: tuple
    public_key: bytes
    name: str
    kind: str
    valid_from: datetime | None
    requested: datetime
    code: int = 100
    details: tuple = ()
    end_code: int | None = None
    serial: str | None = None
    looks: int = 0
    stuck: bool = False


@dataclass
class Delay:
    """How long an asynchronous step takes: looks at its status, and seconds."""

    steps: int = 1
    seconds: float = 0.0

    def over(self, looks: int, began: datetime, now: datetime) -> bool:
        """Whether the step is done for somebody who has looked `looks` times."""
        return looks > self.steps and self.passed(began, now)

    def passed(self, began: datetime, now: datetime) -> bool:
        """Whether the time alone has passed: KSeF works while nobody looks."""
        return now - began >= timedelta(seconds=self.seconds)


@dataclass
class Store:
    """Everything held. Written to a file only when a folder is given."""

    challenges: dict = field(default_factory=dict)
    logins: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)
    grants: list = field(default_factory=list)
    persons: dict = field(default_factory=dict)
    certificates: dict = field(default_factory=dict)
    enrollments: dict = field(default_factory=dict)
    sessions: dict = field(default_factory=dict)
    invoices: Repository = field(default_factory=Repository)
    exports: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def save(self, folder: Path):
        """Write all of it, replacing the former file in one step."""
        draft = folder / "simulator.draft"
        draft.write_bytes(pickle.dumps(self))
        draft.replace(folder / "simulator.state")

    @classmethod
    def load(cls, folder: Path) -> "Store":
        """What `save` wrote there, or an empty store."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "simulator.state"
        held = vars(pickle.loads(file.read_bytes())) if file.exists() else {}
        if "invoices" in held:
            held["invoices"] = Repository(held["invoices"].values())
        names = [each.name for each in fields(cls)]
        return cls(**{name: held[name] for name in names if name in held})
