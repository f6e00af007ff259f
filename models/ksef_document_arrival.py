from base64 import b64encode

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..ksef.crypto import sha256_b64

#: Files are stored so many at a time, in one transaction.
CHUNK = 500


class KsefDocument(models.Model):
    """The first phase of reception: every file of a window is stored."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _store(self, window, content):
        """Keep every file of a package; known KSeF numbers are passed over.

        :param window: the ksef.import that asked for it
        :param content: the opened package
        :return: how many files the package holds.
        """
        metadata = {found.ksef_number: found for found in content.metadata}
        count = 0
        for chunk in split_every(CHUNK, content.files):
            files = dict(chunk)
            known = self._known_numbers(window, list(files))
            known |= self._numbers_issued_here(window, files)
            self.create(
                [
                    self._values_to_store(window, number, xml, metadata.get(number))
                    for number, xml in files.items()
                    if number not in known
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()  # the bytes need not stay in memory
            count += len(files)
        return count

    @api.model
    def _known_numbers(self, window, numbers):
        found = self.search_fetch(
            Domain(
                [
                    ("company_id", "=", window.company_id.id),
                    ("environment", "=", window.environment),
                    ("direction", "=", "received"),
                    ("ksef_number", "in", numbers),
                ]
            ),
            ["ksef_number"],
        )
        return set(found.mapped("ksef_number"))

    @api.model
    def _numbers_issued_here(self, window, files):
        """Return the KSeF numbers of files that the company issued itself: what it
        self-billed comes back to it as the buyer, and has its bill already.

        :param files: the bytes by KSeF number
        """
        hashes = {number: sha256_b64(xml) for number, xml in files.items()}
        ours = Domain(
            [
                ("company_id", "child_of", window.company_id.id),
                ("environment", "=", window.environment),
                ("direction", "=", "issued"),
            ]
        )
        same = Domain("sha256", "in", list(hashes.values())) | Domain(
            "ksef_number", "in", list(hashes)
        )
        found = self.search_fetch(ours & same, ["sha256", "ksef_number"])
        known = {*found.mapped("sha256"), *found.mapped("ksef_number")}
        return {number for number, sha in hashes.items() if known & {number, sha}}

    @api.model
    def _values_to_store(self, window, number, xml, metadata):
        values = {
            "company_id": window.company_id.id,
            "environment": window.environment,
            "direction": "received",
            "state": "received",
            "import_id": window.id,
            "ksef_number": number,
            "xml": b64encode(xml),
            "sha256": sha256_b64(xml),
            "size": len(xml),
        }
        if metadata:
            values |= {
                "number": metadata.invoice_number,
                "issue_date": _day(metadata.issue_date),
                "invoice_kind": metadata.invoice_type,
                "seller_nip": metadata.seller_nip,
                "seller_name": metadata.seller_name,
                "amount": float(metadata.gross_amount or 0),
                "currency": metadata.currency,
            }
        return values


def _day(text):
    """Return the date that metadata name, or nothing where it is none."""
    try:
        return fields.Date.to_date(text)
    except ValueError:
        return False
