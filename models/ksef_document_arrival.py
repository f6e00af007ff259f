from base64 import b64encode
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..ksef.crypto import sha256_b64
from ..ksef.reading import moment
from ..tools import warsaw
from .ksef_document_file import STATED
from .ksef_import import ROLES

#: Files are stored so many at a time, in one transaction.
CHUNK = 500

#: What an invoice is for us when KSeF lists it in several roles: the first of these.
RANK = ("Subject2", "Subject1", "Subject3", "SubjectAuthorized")


@dataclass(frozen=True)
class Listing:
    """Whom KSeF lists invoices to, and as what."""

    company_id: models.Model
    environment: str
    role: str
    import_id: int | bool = False


@dataclass(frozen=True)
class Held:
    """What Odoo has of an invoice that KSeF lists."""

    currency: str
    amount: float
    set_aside: bool = False


class KsefDocument(models.Model):
    """The first phase of reception: every file of a window is stored."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    role = fields.Selection(
        ROLES,
        index="btree_not_null",
        help="What the company is on this invoice: the role that matters most.",
    )
    listed_roles = fields.Char(
        "KSeF's roles", help="All roles in which KSeF lists it, in KSeF's own words."
    )
    role_names = fields.Char("Listed as", compute="_compute_role_names")

    @api.depends("listed_roles")
    def _compute_role_names(self):
        names = dict(self._fields["role"]._description_selection(self.env))
        for document in self:
            roles = (document.listed_roles or "").split(",")
            document.role_names = ", ".join(names[r] for r in roles if r in names)

    @api.model
    def _store(self, window, content):
        """Keep every file of a package; of known KSeF numbers the role is noted.

        :param window: the ksef.import that asked for it
        :param content: the opened package
        :return: how many invoices the package holds; a file twice is one.
        """
        metadata = {found.ksef_number: found for found in content.metadata}
        listing = Listing(window.company_id, window.environment, window.role, window.id)
        numbers = set()
        for chunk in split_every(CHUNK, content.files):
            files = dict(chunk)
            self._store_files(listing, files, metadata)
            numbers |= files.keys()
            self.env.flush_all()
            self.env.invalidate_all()  # the bytes need not stay in memory
        return len(numbers)

    @api.model
    def _store_files(self, listing, files, metadata):
        """Keep files that are not here yet.

        :param listing: a ``Listing``
        :param files: the bytes by KSeF number
        :param metadata: by KSeF number, where KSeF gave any
        """
        received = self._received(listing, files)
        received._note_role(listing.role)
        known = set(received.mapped("ksef_number"))
        known |= self._numbers_issued_here(listing, files)
        self.create(
            [
                self._values_to_store(listing, number, xml, metadata.get(number))
                for number, xml in files.items()
                if number not in known
            ]
        )

    @api.model
    def _received(self, listing, numbers):
        """Return the documents that are here with these KSeF numbers. Another company
        with this NIP may have received them, before it left that to this one."""
        return self.search_fetch(
            Domain(
                [
                    ("company_id", "in", listing.company_id._ksef_same_nip().ids),
                    ("environment", "=", listing.environment),
                    ("direction", "=", "received"),
                    ("ksef_number", "in", list(numbers)),
                ]
            ),
            ["ksef_number", "role", "listed_roles", "amount", "currency", "state"],
        )

    def _note_role(self, role):
        """KSeF lists these documents in one more role."""
        for roles, documents in self.grouped("listed_roles").items():
            known = {*(roles or "").split(",")} & {*RANK}
            if role not in known:
                of_others = documents.filtered(lambda d: d._is_of_others())
                documents.write(_as_listed(known | {role}))
                of_others._reconsider()

    @api.model
    def _note_listed(self, listing, rows):
        """Note of received documents what only KSeF's list tells: an export may come
        without metadata, a file fetched by its number always does."""
        told = {row.ksef_number: row for row in rows}
        received = self._received(listing, told)
        for document in received.filtered(lambda d: not d.stored_at):
            values = _values_of_metadata(told[document.ksef_number])
            stated = {name for name in STATED if document[name]}
            document.write({n: v for n, v in values.items() if n not in stated})

    @api.model
    def _numbers_issued_here(self, listing, files):
        """Return the KSeF numbers of files that were issued in this Odoo: they have
        their invoice already, whether KSeF shows them to us as the seller or, what we
        self-billed, as the buyer.

        :param files: the bytes by KSeF number
        """
        hashes = {number: sha256_b64(xml) for number, xml in files.items()}
        issued = self._issued_here(listing, hashes)
        known = {*issued.mapped("sha256"), *issued.mapped("ksef_number")}
        known |= self._sent_by_other_module(listing, hashes).keys()
        return {number for number, sha in hashes.items() if known & {number, sha}}

    @api.model
    def _sent_by_other_module(self, listing, numbers):
        """Return, by KSeF number, the invoices that ``l10n_pl_edi`` has sent."""
        moves = self.env["account.move"]
        if "l10n_pl_edi_number" not in moves._fields:
            return {}
        sent = moves.search(
            Domain(
                [
                    ("company_id", "child_of", listing.company_id._ksef_same_nip().ids),
                    ("move_type", "in", moves.get_sale_types()),
                    ("l10n_pl_edi_number", "in", list(numbers)),
                ]
            )
        )
        return {move.l10n_pl_edi_number: move for move in sent}

    @api.model
    def _issued_here(self, listing, hashes):
        """Return the issued documents that are these, by number or by their bytes.

        :param hashes: SHA-256 by KSeF number
        """
        same = Domain("sha256", "in", [sha for sha in hashes.values() if sha])
        same |= Domain("ksef_number", "in", list(hashes))
        names = ["sha256", "ksef_number", "amount", "currency", "state"]
        return self.search_fetch(self._issued_by(listing) & same, names)

    @api.model
    def _held(self, listing, rows):
        """Return what is here, received or issued, by KSeF number, as ``Held``.

        :param rows: the metadata that KSeF lists
        """
        hashes = {row.ksef_number: row.invoice_hash for row in rows}
        sent = self._sent_by_other_module(listing, hashes)
        held = {
            number: Held(move.currency_id.name, _signed_total(move))
            for number, move in sent.items()
        }
        issued = self._issued_here(listing, hashes)
        by_hash = {document.sha256: document for document in issued}
        by_number = {document.ksef_number: document for document in issued}
        by_number |= {d.ksef_number: d for d in self._received(listing, hashes)}
        for number, sha in hashes.items():
            if document := by_number.get(number) or by_hash.get(sha):
                held[number] = document._as_held()
        return held

    def _as_held(self):
        return Held(self.currency, self.amount, self.state == "quarantined")

    @api.model
    def _issued_by(self, listing):
        """Documents issued by the company, its branches, and others with its NIP."""
        return Domain(
            [
                ("company_id", "child_of", listing.company_id._ksef_same_nip().ids),
                ("environment", "=", listing.environment),
                ("direction", "=", "issued"),
            ]
        )

    @api.model
    def _values_to_store(self, listing, number, xml, metadata):
        values = {
            "company_id": listing.company_id.id,
            "environment": listing.environment,
            "direction": "received",
            "state": "received",
            "import_id": listing.import_id,
            "ksef_number": number,
            "xml": b64encode(xml),
            "sha256": sha256_b64(xml),
            "size": len(xml),
            **_as_listed({listing.role}),
        }
        return values | _values_of_metadata(metadata) if metadata else values


def _signed_total(move):
    """Return the total as P_15 has it: negative where it lowers an invoice."""
    return -move.direction_sign * move.amount_total


def _as_listed(roles):
    listed = [role for role in RANK if role in roles]
    return {"role": listed[0], "listed_roles": ",".join(listed)}


def _values_of_metadata(metadata):
    return {
        "number": metadata.invoice_number,
        "issue_date": _day(metadata.issue_date),
        "invoice_kind": metadata.invoice_type,
        "seller_nip": metadata.seller_nip,
        "seller_name": metadata.seller_name,
        "amount": float(metadata.gross_amount or 0),
        "currency": metadata.currency,
        "self_billing": metadata.is_self_invoicing,
        "acquired_at": warsaw.naive(metadata.acquisition_date),
        "stored_at": warsaw.naive(moment(metadata.permanent_storage_date)),
        "invoicing_mode": metadata.invoicing_mode,
    }


def _day(text):
    """Return the date that metadata name, or nothing where it is none."""
    try:
        return fields.Date.to_date(text)
    except ValueError:
        return False
