from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef import number
from ..ksef.fa3 import parse
from ..mapping import trust
from ..tools import warsaw


class KsefDocument(models.Model):
    """What is odd about a received invoice, found when it is booked. Receipt is never
    held up by it; automatic posting is, until a person has looked."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    # (none), check --[_check_trust]-> clean      nothing but what is good to know
    # (none), clean --[_check_trust]-> check      a person should look
    # check         --[_confirm]-----> confirmed  a person has looked
    trust = fields.Selection(
        [
            ("clean", "Nothing suspicious"),
            ("check", "To be checked"),
            ("confirmed", "Checked"),
        ],
        string="Trust check",
        index="btree_not_null",
    )
    findings = fields.Json(
        "Findings as data", help="Code, level and sentence of what was found."
    )
    findings_text = fields.Text("Findings", compute="_compute_findings_text")

    @api.depends("findings")
    def _compute_findings_text(self):
        for document in self:
            found = document.findings or []
            document.findings_text = "\n".join(one["text"] for one in found)

    @api.model
    def _check_trust(self, read):
        """Note what is odd about documents that have bills now.

        :param read: documents of one company with their ``fa3.Invoice``
        """
        again = self.browse(document.id for document in read)._of_same_number()
        for document, invoice in read.items():
            found = trust.findings(document._trust_case(invoice, again))
            grave = any(finding.level != trust.INFO for finding in found)
            findings = [finding._asdict() for finding in found]
            state = "check" if grave else "clean"
            if (document.findings, document.trust) != (findings, state):
                document.write({"findings": findings, "trust": state})

    def _check_again(self):
        """Check what no person has confirmed once more: accounts have become trusted,
        a person has changed the bill or its supplier."""
        checked = self.filtered(lambda d: d.trust in ("clean", "check") and d.move_id)
        for documents in checked.grouped("company_id").values():
            documents._check_trust({one: parse(one._bytes()) for one in documents})

    def _trust_case(self, invoice, again):
        move, today = self.move_id, warsaw.today()
        sign = -1 if move.move_type in ("in_refund", "out_refund") else 1
        try:
            arrived = number.parse(self.ksef_number or "").accepted_on
        except ValueError:
            arrived = warsaw.day_of(self.create_date)
        return trust.Case(
            invoice=invoice,
            company=self.company_id.with_env(self.env),
            partner=move.partner_id,
            currency=move.currency_id,
            bill_total=Decimal(f"{move.amount_total * sign:.2f}") + 0,
            arrived=arrived,
            today=today,
            again=(again[self.seller_nip, self.number] - self)[:1].ksef_number,
            bill_date=move.invoice_date if self.is_joined else None,
        )

    def _of_same_number(self):
        """Return the documents by seller and number, others of the company included:
        one query for all."""
        found = self.search_fetch(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("direction", "=", "received")
            & Domain("ksef_number", "!=", False)
            & Domain("number", "in", self.mapped("number"))
            & Domain("seller_nip", "in", self.mapped("seller_nip")),
            ["seller_nip", "number", "ksef_number"],
        )
        return (self | found).grouped(lambda one: (one.seller_nip, one.number))

    def _take_place_of(self, file):
        """What was found when the file was dropped stays known."""
        self.write({"trust": file.trust, "findings": file.findings})
        return super()._take_place_of(file)

    def _confirm(self):
        """Note that a person has looked at what was found."""
        self.filtered(lambda d: d.trust == "check").trust = "confirmed"

    def _may_be_posted_alone(self):
        """Whether Odoo may post the bill without a person."""
        return self.trust in ("clean", "confirmed") and not self.similar_move_ids

    def _post_trusted(self):
        """Post the bills of suppliers whose bills Odoo posts by itself."""
        moves = self.move_id.filtered(lambda move: move.state == "draft")
        for move in moves:
            move._ksef_autopost()
