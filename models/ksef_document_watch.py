from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.deadlines import next_working_day
from ..tools import warsaw

ACTIVITY = "l10n_pl_ksef.mail_activity_type_deadline"

#: From this hour on (Warsaw) people are told what midnight makes offline24.
LATE = 22

#: An e-mail names so many invoices; the list in Odoo shows all.
MOST_LISTED = 50


class KsefDocument(models.Model):
    """Watch: what cannot go on by itself, or is due, comes to a person's attention."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    warned_of = fields.Date("Deadline announced", readonly=True, index="btree_not_null")
    warned_late = fields.Boolean("Delay announced", readonly=True)

    @api.model
    def _warn_of_what_waits(self):
        """Tell people once a day at most, of each thing once."""
        self._forget_settled_warnings()
        self._warn_of_deadlines()
        self._call_for_stuck()

    @api.model
    def _warn_before_midnight(self, *more):
        """Late in the evening: call to what was issued today and has not left (R07,
        R15), each once, whatever a person has settled today. The call is taken back
        when KSeF has accepted it.

        :param more: conditions that narrow it.
        """
        if warsaw.now().astimezone(warsaw.WARSAW).hour < LATE:
            return
        waiting = self.search(
            [
                ("direction", "=", "issued"),
                ("state", "=", "ready"),
                ("issue_date", "=", warsaw.today()),
                ("offline_mode", "=", False),
                *more,
            ]
        )
        untold = waiting._in_need()._without_call_done(warsaw.today())
        for company, documents in untold.grouped("company_id").items():
            owner = company._ksef_owner()
            certificate = owner._ksef_offline_certificate()
            for by_itself, some in documents.grouped(
                lambda d: d.to_send and not d.waits_for_person
            ).items():
                some.move_id._ksef_call_person(
                    partial(_midnight_words, by_itself, certificate)
                )

    # ------------------------------------------------------------------
    # Deadlines
    # ------------------------------------------------------------------

    @api.model
    def _forget_settled_warnings(self):
        """Take back what is not true any more: in KSeF by now, or due another day."""
        warned = self.search([("warned_of", "!=", False)])
        settled = warned.filtered(lambda d: not d._is_due_as_announced())
        settled.move_id.activity_unlink([ACTIVITY])
        settled.write({"warned_of": False, "warned_late": False})

    def _is_due_as_announced(self):
        current = self.move_id.ksef_document_id == self
        return current and self._is_unsent_offline() and self.deadline == self.warned_of

    @api.model
    def _warn_of_deadlines(self):
        """Plan activities and mail the people responsible: on the working day before a
        deadline (or on the day itself), and once it has passed."""
        today = warsaw.today()
        near = Domain("deadline", "<=", next_working_day(today))
        early = near & Domain("warned_of", "=", False)
        late = Domain("deadline", "<", today) & Domain("warned_late", "=", False)
        due = self.search(
            self._domain_unsent_offline() & (early | late), order="deadline, id"
        )
        for (user, company), documents in due.grouped(
            lambda document: (document.move_id._ksef_responsible(), document.company_id)
        ).items():
            documents._plan_activities(user, today)
            documents._mail(user, company, today)
            documents._note_warned(today)

    def _plan_activities(self, user, today):
        self.move_id.activity_unlink([ACTIVITY])
        for deadline, documents in self.grouped("deadline").items():
            moves = documents.move_id.with_context(
                lang=user.lang,
                mail_activity_quick_update=True,  # one e-mail names them all
            )
            day = fields.Date.to_string(deadline)
            moves.activity_schedule(
                ACTIVITY,
                date_deadline=deadline,
                summary=moves.env._("KSeF: to be sent by %s", day)
                if deadline >= today
                else moves.env._("KSeF: overdue since %s", day),
                note="",
                user_id=user.id,
            )

    def _mail(self, user, company, today):
        """Put one e-mail into the queue, which names these invoices."""
        if not user.email:
            return
        records = self.with_context(lang=user.lang)
        overdue = records.filtered(lambda d: d.deadline < today)
        self.env["mail.mail"].create(
            {
                "subject": records._mail_subject(overdue),
                "body_html": records.env["ir.qweb"]._render(
                    "l10n_pl_ksef.mail_deadlines",
                    {
                        "user": user,
                        "company": company,
                        "documents": records[:MOST_LISTED],
                        "left_out": len(records[MOST_LISTED:]),
                        "base_url": company.get_base_url(),
                    },
                ),
                "author_id": company.partner_id.id,
                "email_from": company.email_formatted or user.email_formatted,
                "email_to": user.email_formatted,
                "auto_delete": True,
            }
        )

    def _mail_subject(self, overdue):
        if overdue:
            return self.env._("KSeF: overdue invoices: %s", len(overdue))
        return self.env._("KSeF: invoices soon due: %s", len(self))

    def _note_warned(self, today):
        for deadline, documents in self.grouped("deadline").items():
            documents.write({"warned_of": deadline, "warned_late": deadline < today})


def _midnight_words(by_itself, certificate, env):
    if not by_itself:
        return env._(
            "KSeF does not have this invoice yet: it waits until somebody sends it."
            " From midnight on it is an offline invoice (offline24) by law. Send it"
            " before the day ends."
        )
    if certificate:
        return env._(
            "KSeF does not have this invoice yet. From midnight on it is an offline"
            " invoice (offline24) by law: it gets a second QR code and has to reach"
            " KSeF on the next working day. It is sent by itself."
        )
    return env._(
        "KSeF does not have this invoice yet. From midnight on it is an offline"
        " invoice (offline24) by law. The company has no offline certificate for"
        " its second QR code: give the invoice to the customer only once it has its"
        " KSeF number, or set up the certificate in the settings."
    )
