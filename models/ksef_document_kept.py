from odoo import fields, models

from ..mapping.roles import receives

#: The company is neither buyer nor seller: factor, payer, bailiff, tax representative.
OF_OTHERS = ("Subject3", "SubjectAuthorized")


class KsefDocument(models.Model):
    """Invoices between others that KSeF shows to the company too. They are kept and
    can be read, but are no cost of the company: a bill is made where the company gets
    what was sold, where a rule of assignment for this role or a person asks for it, and
    once KSeF lists the invoice to the company as its buyer or seller."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    bill_wanted = fields.Boolean("Bill wanted", help="A person has asked for its bill.")

    def _is_of_others(self):
        return self.role in OF_OTHERS

    def _keep_of_others(self, readable):
        """Keep without bill what nobody asks to be booked.

        :param readable: documents of one company with their ``fa3.Invoice``
        :return: those to be booked.
        """
        doubtful = {
            document: invoice
            for document, invoice in readable.items()
            if document._is_of_others() and not document.bill_wanted
        }
        if not doubtful:
            return readable
        nip = self.company_id._ksef_nip()
        rules = self.env["ksef.route"]._of(doubtful)
        for document, invoice in doubtful.items():
            asked_for = document in rules and rules[document].role
            if not (asked_for or receives(invoice, nip)):
                document._keep(**self._values_of_invoice(invoice))
        return {d: i for d, i in readable.items() if d.state != "kept"}

    def _keep(self, **values):
        self.write({"state": "kept", "problem": False, **values})

    def _book_empty(self, reason):
        if not self._is_of_others() or self.bill_wanted:
            return super()._book_empty(reason)
        return self._keep(problem=reason)

    def _reconsider(self):
        """KSeF lists invoices in one more role: what is the company's own now gets its
        bill."""
        own = self.filtered(lambda d: d._is_without_bill() and not d._is_of_others())
        own.state = "received"
