from odoo import fields, models


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    ksef_due_event = fields.Char(
        "Due days counted from (KSeF)",
        help="Where the days do not run from the invoice date: the event, in Polish,"
        " as “otrzymanie faktury”. KSeF then gets the number of days and the event in"
        " place of the due date.",
    )
