from odoo import api, models
from odoo.exceptions import UserError

from ..tools.transaction import commit

#: How long a user waits for the verdict of KSeF before the cron takes over.
WAIT_SECONDS = 8


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_all_extra_edis(self):
        edis = super()._get_all_extra_edis()
        edis["ksef"] = {
            "label": self.env._("KSeF"),
            "is_applicable": self._is_ksef_applicable,
        }
        edis["ksef_offline"] = {
            "label": self.env._("KSeF offline: give it to the customer now"),
            "is_applicable": self._is_ksef_offline_applicable,
            "help": self.env._(
                "The PDF gets two QR codes and can be given to the customer at once."
                " The invoice reaches KSeF later by itself, within the legal deadline."
            ),
        }
        if peer := edis.get("pl_ksef"):
            # Odoo's own asks for a field that accountants may not read.
            asks = peer["is_applicable"]
            edis["pl_ksef"] = {**peer, "is_applicable": lambda m: asks(m.sudo())}
        return edis

    @api.model
    def _get_default_extra_edis(self, move):
        edis = super()._get_default_extra_edis(move)
        edis = edis - {"ksef_offline"}  # a person chooses it
        # Two ways into KSeF would send the invoice twice.
        return edis - {"pl_ksef"} if "ksef" in edis else edis

    @api.model
    def _is_ksef_applicable(self, move):
        state = move.sudo().ksef_document_id.state
        return state in ("ready", "pending") or move._ksef_is_due()

    @api.model
    def _is_ksef_offline_applicable(self, move):
        return move.ksef_may_go_offline and bool(
            move.company_id._ksef_owner()._ksef_offline_certificate()
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    @api.model
    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        super()._hook_invoice_document_before_pdf_report_render(invoice, invoice_data)
        if "ksef" not in invoice_data["extra_edis"] or not invoice._ksef_is_due():
            return
        problems = invoice._ksef_problems()
        if problems:
            invoice_data["error"] = {
                "error_title": self.env._("The invoice cannot be issued in KSeF:"),
                "errors": [problem.text for problem in problems],
            }
        else:
            invoice._ksef_issue()

    @api.model
    def _call_web_service_before_invoice_pdf_render(self, invoices_data):
        result = super()._call_web_service_before_invoice_pdf_render(invoices_data)
        chosen = {
            invoice: data
            for invoice, data in invoices_data.items()
            if {"ksef", "ksef_offline"} & set(data["extra_edis"])
            and invoice.ksef_state != "accepted"
        }
        documents = self.env["ksef.document"].sudo()
        for invoice in chosen:
            documents |= invoice.sudo().ksef_document_id
        documents.filtered(lambda d: d.state == "ready").to_send = True
        self._ksef_go_offline(chosen)
        documents = documents.exists()  # in a total failure none is left
        alone = len(invoices_data) == 1 and not next(iter(invoices_data)).sending_data
        if alone and not documents.offline_mode:
            self._ksef_send_while_user_waits(documents)
        elif documents:
            self.env["ksef.session"]._wake_up("send")
        for invoice, data in chosen.items():
            if not data.get("error"):
                self._ksef_tell(invoice, data)
        for invoice, data in invoices_data.items():
            if not data.get("error"):
                invoice._ksef_drop_stale_pdf()
        return result

    @api.model
    def _ksef_go_offline(self, chosen):
        """Issue offline what the user wants to give to the customer now."""
        for invoice, data in chosen.items():
            if "ksef_offline" not in data["extra_edis"]:
                continue
            try:
                if invoice.ksef_may_go_offline:
                    invoice.action_ksef_issue_offline()
            except UserError as error:
                title = self.env._("The invoice cannot be issued offline:")
                data["error"] = {"error_title": title, "errors": [str(error)]}

    @api.model
    def _ksef_send_while_user_waits(self, document):
        """Send the one document the user waits for, and wait a few seconds."""
        sessions = self.env["ksef.session"].sudo()
        # What was decided so far must survive whatever happens on the line.
        commit(self.env)
        if document.state == "ready" and not document.waits_for_person:
            sessions._send_now(document)
        if document.state == "pending":
            document.session_id._wait_for_verdicts(WAIT_SECONDS)

    @api.model
    def _ksef_tell(self, invoice, data):
        """Hold back the e-mail while the number is missing, and say why."""
        document = invoice.sudo().ksef_document_id
        given = document.certificate_link and document.state != "rejected"
        if document.state == "accepted" or given or invoice.ksef_total_failure:
            return
        title = {
            "rejected": self.env._("KSeF rejected the invoice."),
            "pending": self.env._(
                "KSeF has received the invoice but not numbered it yet. It has not been"
                " sent to the customer: do that once the number is there."
            ),
        }.get(
            document.state,
            self.env._(
                "The invoice waits to be sent to KSeF. It has not been sent to the"
                " customer: do that once the KSeF number is there."
            ),
        )
        behind = invoice.ksef_waits_for_original
        waits = behind or document.state in ("ready", "pending")
        reason = document.problem or (behind and invoice._ksef_offline_alert())
        data["error"] = {
            "error_title": title,
            "errors": [reason] if reason else [],
            "retry": waits,
            "ksef_waits": waits,
        }

    @api.model
    def _hook_if_errors(self, moves_data, allow_raising=True):
        if not allow_raising:
            # Nothing to worry a person with: the cron comes again with the number.
            moves_data = {
                move: data
                for move, data in moves_data.items()
                if not (move.sending_data and data["error"].get("ksef_waits"))
            }
        return super()._hook_if_errors(moves_data, allow_raising=allow_raising)

    @api.model
    def _generate_invoice_fallback_documents(self, invoices_data):
        # No pro forma goes to a customer in place of an invoice that is in the queue.
        others = {
            invoice: data
            for invoice, data in invoices_data.items()
            if not data.get("error", {}).get("ksef_waits")
        }
        return super()._generate_invoice_fallback_documents(others)

    @api.model
    def _prepare_invoice_pdf_report(self, invoices_data):
        result = super()._prepare_invoice_pdf_report(invoices_data)
        for invoice, data in invoices_data.items():
            data["pdf_attachment_values"]["description"] = invoice._ksef_pdf_label()
        return result

    @api.model
    def _get_invoice_extra_attachments(self, move):
        move._ksef_refresh_pdf()
        return super()._get_invoice_extra_attachments(move)
