import base64

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..ksef.batch import compression_for, pack
from ..ksef.delivery import Waiting
from ..ksef.errors import ProtocolError
from ..ksef.upo import receipts
from ..tools import warsaw
from ..tools.user_message import ksef_words

#: So many files are read from the database at a time.
FILES_AT_ONCE = 200


class KsefDocument(models.Model):
    """Delivery: the way of an issued document into KSeF."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    trace_id = fields.Char("Trace", help="What KSeF calls its last refusal.")

    @api.model
    def _domain_to_hand_over(self):
        in_time = Domain("send_after", "=", False) | Domain(
            "send_after", "<=", fields.Datetime.now()
        )
        return in_time & Domain(
            [
                ("direction", "=", "issued"),
                ("state", "=", "ready"),
                ("to_send", "=", True),
                ("waits_for_person", "=", False),
            ]
        )

    def _of_environment(self, environment):
        """Return the documents issued for the environment that the company is connected
        to; tell the others why they wait."""
        strangers = self.filtered(lambda d: d.environment != environment)
        strangers._note_problem(
            self.env._(
                "This invoice was issued for another KSeF environment than the one the"
                " company is connected to now. Switch the environment back, or reset"
                " the invoice to draft and post it again."
            )
        )
        return self - strangers

    def _as_waiting(self):
        """Return what decides how this document is sent."""
        return Waiting(
            id=self.id,
            size=self.size,
            offline=bool(self.offline_mode),
            batch_only=self.needs_batch,
            online_only=bool(self.corrects_id),
        )

    def _purpose(self):
        """Return what sending these is to KSeF's limits: deadlines go first."""
        return "deadline" if any(self.mapped("deadline")) else "send"

    def _take(self):
        """Lock what is still ready. Another process may have been faster: use the
        records that are returned."""
        documents = self.try_lock_for_update(allow_referencing=True)
        documents.invalidate_recordset(["state"])
        return documents.filtered(lambda document: document.state == "ready")

    def _are_of_yesterday(self):
        """Whether midnight has made some of them offline24 since they were chosen."""
        today = warsaw.today()
        return any(d.issue_date < today and not d.offline_mode for d in self)

    def _pack(self, key, plain, sealed):
        """Pack the files of a batch into two temporary files and return the
        ``Archive``."""
        return pack(
            self._files(),
            key,
            plain=plain,
            sealed=sealed,
            compression=compression_for(self._total_size()),
        )

    def _files(self):
        """Yield name and bytes of each file for an archive, a few in memory at once."""
        self.env.flush_all()
        for start in range(0, len(self), FILES_AT_ONCE):
            ids = self.ids[start : start + FILES_AT_ONCE]
            self.env.cr.execute(
                SQL("SELECT id, xml FROM ksef_document WHERE id = ANY(%s)", ids)
            )
            for number, content in self.env.cr.fetchall():
                yield f"{number}.xml", base64.b64decode(bytes(content))

    def _total_size(self):
        [(total,)] = self._read_group([("id", "in", self.ids)], [], ["size:sum"])
        return total or 0

    def _hand_over(self, session):
        """Bind documents, just taken, to the session that is about to carry them."""
        self.write(
            {
                "state": "pending",
                "session_id": session.id,
                "session_ids": [(4, session.id)],
                "invoice_reference": False,
                "problem": False,
                "send_after": False,
            }
        )

    def _note_status(self, status, problem, **values):
        """Note what KSeF said of this document, beside ``values``."""
        self.write(
            {
                "status_code": status.code,
                "status_text": ksef_words(status),
                # A refusal at the door has one, a verdict has none (R41).
                "trace_id": getattr(status, "trace_id", None),
                "problem": problem,
                **values,
            }
        )

    def _keep_upo(self, content):
        """Keep the official receipt, byte for byte.

        :raises ProtocolError: the receipt of something else.
        """
        if receipts(content).get(self.ksef_number) != self.sha256:
            raise ProtocolError(f"the receipt is not that of {self.ksef_number}")
        self.upo = base64.b64encode(content)

    def _note_problem(self, text):
        """Tell on waiting documents why they wait."""
        self.filtered(lambda document: document.problem != text).problem = text
