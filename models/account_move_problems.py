from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang

from ..ksef.errors import KsefError
from ..mapping.known import Known
from ..mapping.left_out import left_out
from ..mapping.problems import Problem, problems
from ..tools.user_message import user_message


def _company_problems(moves, company):
    return [
        *moves._ksef_double_connection_problems(company),
        *moves._ksef_connection_problems(company),
    ]


class AccountMove(models.Model):
    """What forbids issuing an invoice, told before it is posted."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_problems(self):
        """Return every ``Problem`` why this invoice cannot be issued in KSeF.

        Integrators extend it with ``super()``.
        """
        self.ensure_one()
        known = Known.of(self.env)
        of_company = known.once(_company_problems, self.browse(), self.company_id)
        return [*problems(self), *of_company]

    @api.model
    def _ksef_double_connection_problems(self, company):
        company = company.sudo()
        if (
            "l10n_pl_edi_certificate" in company._fields
            and company.l10n_pl_edi_certificate
        ):
            yield Problem(
                self.env._(
                    "Odoo's own KSeF connection (Polish E-Invoicing) is switched on for"
                    " this company too. Remove its certificate in the settings, or"
                    " every invoice would be sent twice."
                )
            )

    @api.model
    def _ksef_connection_problems(self, company):
        """What forbids this company to issue over the connection that holds for it."""
        owner = company._ksef_owner()
        try:
            owner._ksef_environment()
        except KsefError as error:
            yield Problem(user_message(self.env, error))
        if company._ksef_nip() not in ("", owner._ksef_nip()):
            yield Problem(
                self.env._(
                    "Company %(branch)s has another NIP than %(owner)s, whose KSeF"
                    " connection it uses. Set up KSeF for it in its own settings.",
                    branch=company.name,
                    owner=owner.name,
                )
            )

    def _ksef_check_problems(self):
        """Refuse before a number is used up.

        :raises UserError: the complete list, invoice by invoice.
        """
        lists = {move: move._ksef_problems() for move in self._ksef_at_once()}
        texts = [
            self.env._("%s cannot be issued in KSeF:", move._ksef_told_name())
            + "".join(f"\n- {problem.text}" for problem in found)
            for move, found in lists.items()
            if found
        ]
        if texts:
            raise UserError("\n\n".join(texts))

    def _ksef_told_name(self):
        """Drafts have no number: customer, amount and date tell them apart."""
        if self.name and self.name != "/":
            return self.display_name
        amount = formatLang(self.env, self.amount_total, currency_obj=self.currency_id)
        date = format_date(self.env, self.invoice_date) if self.invoice_date else ""
        known = filter(None, (self.partner_id.display_name, amount, date))
        return f"{self.display_name} ({', '.join(known)})"

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self._ksef_may_be_told() and self._ksef_is_drafted():
            for number, problem in enumerate(self._ksef_problems()):
                alerts[f"ksef_draft_{number}"] = self._ksef_problem_alert(problem)
            if text := self._ksef_left_out_text():
                alerts["ksef_left_out"] = {"level": "warning", "message": text}
        return alerts

    def _ksef_left_out_text(self):
        """Return where this invoice has characters that KSeF does not take (R14)."""
        found = list(left_out(self))
        if not found:
            return None
        names = (
            f"{text.display_name}: {text._fields[name]._description_string(self.env)}"
            for text, name in found
        )
        return self.env._(
            "KSeF: invisible characters that KSeF does not take are left out of the"
            " document. They are in: %s.",
            "; ".join(dict.fromkeys(names)),
        )

    def _ksef_note_left_out(self):
        """Log on each of these invoices what its document leaves out."""
        bodies = {move.id: move._ksef_left_out_text() for move in self}
        told = {number: text for number, text in bodies.items() if text}
        self.browse(told)._message_log_batch(bodies=told)

    def _ksef_may_be_told(self):
        """What forbids an invoice is read from data that salesmen do not see."""
        accountants = "account.group_account_invoice,account.group_account_readonly"
        return self.env.su or self.env.user.has_groups(accountants)

    def _ksef_is_drafted(self):
        """A saved draft with customer and lines: what is wrong may be told."""
        return bool(
            self.state == "draft"
            and self._origin
            and self.partner_id
            and self.invoice_line_ids
            and self._ksef_is_due()
        )

    def _ksef_problem_alert(self, problem):
        alert = {"level": "warning", "message": self.env._("KSeF: %s", problem.text)}
        if problem.record and problem.record != self:
            alert |= {
                "action": problem.record._get_records_action(),
                "action_text": self.env._("Open %s", problem.record.display_name),
            }
        return alert
