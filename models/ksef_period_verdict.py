from odoo import fields, models
from odoo.fields import Domain

from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.reminder import remind
from .ksef_document_arrival import Listing
from .ksef_period_control import AFTER_GAP, added

#: A finding names so many invoices; the month shows all.
MOST_NAMED = 50


class KsefPeriod(models.Model):
    """What a control has shown: stated on the month, and told to people."""

    _inherit = "ksef.period"  # pylint: disable=consider-merging-classes-inherited

    def _judge(self):
        """State what the control has shown."""
        cursor, late = self.cursor, self._late()
        arrived = set(late.mapped("ksef_number"))
        missing = {n: d for n, d in cursor["missing"].items() if n not in arrived}
        state = self._state_after(cursor, missing)
        self.write(
            self._counted(cursor, late)
            | self._next_control(state)
            | {
                "state": state,
                "missing": missing,
                "missing_count": len(missing),
                "problem": self._cut_text() if cursor["cut"] else False,
            }
        )
        if cursor["missing"] or cursor["cut"] or cursor["differing"]:
            self._tell([*sorted(cursor["missing"]), *sorted(cursor["differing"])])

    def _late(self):
        """Return what was missing and is here now, with the day that KSeF names."""
        dates = self.cursor["missing"]
        listing = Listing(self.company_id, self.environment, self.role)
        late = self.env["ksef.document"]._received(listing, dates)
        for document in late:
            document.stored_at = warsaw.naive(moment(dates[document.ksef_number]))
        return late

    def _state_after(self, cursor, missing):
        if missing or cursor["cut"]:
            return "gap"
        if cursor["differing"]:
            return "different"
        return "complete" if self._is_over(cursor["to"]) else "open"

    def _counted(self, cursor, late):
        """Return what was counted, in KSeF and here."""
        amounts = [(document.currency, document.amount) for document in late]
        return {
            "listed_count": cursor["listed"],
            "held_count": cursor["held"] + len(late),
            "set_aside_count": cursor["aside"],
            "late_count": self.late_count + len(late),
            "listed_sums": cursor["listed_sums"],
            "held_sums": added(cursor["held_sums"], amounts),
            "differing": cursor["differing"],
            "differing_count": len(cursor["differing"]),
        }

    def _next_control(self, state):
        """Return what the next control needs to know."""
        now = fields.Datetime.now()
        again = {"gap": now + AFTER_GAP, "complete": False}
        return {
            "controlled_at": now,
            "controlled_from": self.cursor["begin"],
            "controlled_to": self.cursor["to"],
            "next_at": again.get(state, self._next_while_open()),
            "cursor": False,
        }

    def _cut_text(self):
        return self.env._(
            "KSeF lists more than 10,000 invoices of one moment and shows no further"
            " ones: those cannot be compared."
        )

    def _tell(self, numbers):
        """Bring a finding to the people who are responsible for it."""
        month, role = f"{self.month:%Y-%m}", self.role
        remind(
            self,
            self._responsible(),
            lambda env: env._(
                "KSeF: invoices missing or different (%(month)s, %(role)s)",
                month=month,
                role=dict(self._fields["role"]._description_selection(env))[role],
            ),
            note=lambda env: env._(
                "The control of this month found invoices in KSeF that were not in"
                " Odoo, or over another amount. What was missing is fetched by"
                " itself; the month shows what is still missing or differs: %s",
                ", ".join(numbers[:MOST_NAMED]),
            ),
        )

    def _responsible(self):
        """Return who manages the accounts of the company, or its administrators."""
        users = self.env["res.users"].sudo()
        own = Domain("company_ids", "in", self.company_id.ids)
        for group in ("account.group_account_manager", "base.group_system"):
            found = users.search(
                own & Domain("all_group_ids", "in", self.env.ref(group).ids)
            )
            if found:
                return found
        return users
