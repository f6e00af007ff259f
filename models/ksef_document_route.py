import logging
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mapping.readable import Speech
from ..tools.reminder import Call, call
from ..tools.transaction import commit

_logger = logging.getLogger(__name__)

ACTIVITY = "l10n_pl_ksef.mail_activity_type_bill"
TEMPLATE = "l10n_pl_ksef.mail_template_received"

#: Invoices are rendered and mailed so many at a time, each batch committed.
MAILED_AT_ONCE = 10


class KsefDocument(models.Model):
    """To the right person: the rule of a received invoice, its activity and e-mail."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    route_id = fields.Many2one(
        "ksef.route", "Rule of assignment", index="btree_not_null"
    )
    # (none)  --[_tell_people]-> waiting  the rule has recipients
    # waiting --[_cron_mail]---> sent     the e-mail is with Odoo's mail queue
    # waiting --[_cron_mail]---> failed   no e-mail could be made of it
    mail_state = fields.Selection(
        [("waiting", "To be sent"), ("sent", "Sent"), ("failed", "Failed")],
        string="E-mail to recipients",
        index="btree_not_null",
    )

    @api.model
    def _find_routes(self, read):
        """Note the rule of each document, before its bill is made."""
        rules = self.env["ksef.route"]._of(read)
        for document in read:
            document.route_id = rules.get(document)

    def _tell_people(self):
        """Plan an activity for the responsible of each bill, once, and have the invoice
        mailed to whom the rule names."""
        routed = self.filtered(lambda document: document.route_id.sudo()._reader())
        calls = [document._route_call() for document in routed]
        call(self.env, self.env.ref(ACTIVITY), calls)
        mailed = self.filtered(
            lambda d: d.route_id.sudo().recipient_ids and not d.mail_state
        )
        if mailed:
            mailed.mail_state = "waiting"
            self.env.ref("l10n_pl_ksef.cron_mail").sudo()._trigger()

    def _route_call(self):
        seller, number = self.seller_name or "", self.number or ""
        return Call(
            record=self.move_id,
            user=self.route_id.sudo().user_id,
            words=lambda env: env._(
                "Bill %(number)s of %(seller)s", number=number, seller=seller
            ),
            reason=self.findings_text or "",
        )

    # ------------------------------------------------------------------
    # E-mail
    # ------------------------------------------------------------------

    @api.model
    def _cron_mail(self):
        """Mail what waits; an invoice that cannot be mailed stops no other."""
        last = 0
        while documents := self._to_mail(last):
            for document in documents.try_lock_for_update(allow_referencing=True):
                lang = document.company_id.partner_id.lang or self.env.lang
                document.with_context(lang=lang)._mail_or_note()
            last = documents[-1].id
            if not commit(self.env, len(documents)):
                self.env.ref("l10n_pl_ksef.cron_mail")._trigger()
                return

    @api.model
    def _to_mail(self, last):
        """Return the next invoices to be mailed; none that is in quarantine."""
        return self.search(
            [
                ("mail_state", "=", "waiting"),
                ("state", "=", "booked"),
                ("id", ">", last),
            ],
            order="id",
            limit=MAILED_AT_ONCE,
        )

    def _mail_or_note(self):
        try:
            with self.env.cr.savepoint():
                self._mail_to_recipients()
                self.mail_state = "sent"
        except UserError as error:
            _logger.warning("KSeF document %s not mailed: %s", self.id, error)
            self.mail_state = "failed"
            said = self.env._("The invoice was not sent by e-mail: %s", error)
            self.move_id._message_log(body=said)

    def _mail_to_recipients(self):
        """Put the e-mail with the invoice into Odoo's queue, and note it on the bill.

        :raises UserError: nobody can get it
        """
        rule = self.route_id.sudo()
        recipients = rule.recipient_ids.filtered("email")
        if not recipients:
            raise UserError(self.env._("No recipient of this rule has an e-mail."))
        lang = recipients[:1].lang or self.company_id.partner_id.lang
        template = self.env.ref(TEMPLATE).with_context(lang=lang)
        template.send_mail(
            self.id,
            email_values={
                "recipient_ids": [fields.Command.set(recipients.ids)],
                "attachment_ids": [
                    fields.Command.create(values) for values in self._mailed_files()
                ],
            },
        )
        names = ", ".join(recipients.mapped("display_name"))
        said = self.env._("The readable invoice was sent by e-mail to %s.", names)
        self.move_id._message_log(body=said)

    def _amount_text(self):
        """Return the total as it is written in the language of the environment."""
        speech = Speech((self.env.lang or "en_US",))
        return speech.money(Decimal(f"{self.amount:.2f}"), self.currency or "")

    def _mailed_files(self):
        """Return the values of the attachment: the readable invoice; its XML where no
        PDF can be made."""
        name = self._readable_name()
        try:
            return [{"name": f"{name}.pdf", "raw": self._readable_pdf()}]
        except UserError as error:
            _logger.warning("KSeF document %s: no PDF: %s", self.id, error)
            return [{"name": f"{name}.xml", "raw": self._bytes()}]
