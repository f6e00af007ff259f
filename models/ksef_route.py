from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mapping import routing
from .ksef_import import ROLES

#: Who of the users can open a bill.
READERS = "account.group_account_invoice,account.group_account_readonly"


class KsefTag(models.Model):
    """A label on bills, given by rules or by hand."""

    _name = "ksef.tag"
    _description = "KSeF tag of bills"
    _order = "name, id"

    name = fields.Char(required=True)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")

    _name_unique = models.Constraint(
        "UNIQUE(name, company_id)", "There is a tag with this name already."
    )


class KsefRoute(models.Model):
    """Who takes care of received invoices, and where they are booked: the first rule
    that fits decides. A condition left empty fits all."""

    _name = "ksef.route"
    _description = "KSeF rule of assignment"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    # Conditions
    role = fields.Selection(
        ROLES,
        help="What your company is on the invoice. Invoices between others, in which it"
        " is a third party or the authorized entity, get a bill where a rule names"
        " that role.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Supplier", check_company=True, help="Recognised by its NIP."
    )
    third_party = fields.Char(
        "NIP or identifier of a third party",
        help="NIP or IDWew of Podmiot3: a unit, branch or payer. A NIP stands for all"
        " of its units, too.",
    )
    order_pattern = fields.Char(
        "Order number contains",
        help="In the number of an order, a contract or a delivery note. An asterisk"
        " stands for anything, a question mark for one character: then the pattern has"
        " to fit the whole number.",
    )
    amount_from = fields.Float(
        digits=(16, 2), help="Total of the invoice in its currency, without sign."
    )
    amount_to = fields.Float(digits=(16, 2))

    # What follows
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'purchase')]",
        help="Empty: the journal of the settings.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets an activity for each bill. Needs rights in accounting.",
    )
    tag_ids = fields.Many2many("ksef.tag", string="Tags", check_company=True)
    recipient_ids = fields.Many2many(
        "res.partner",
        string="Send the invoice to",
        help="They get the readable invoice by e-mail, without rights in accounting.",
    )

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for rule in self.filtered("user_id"):
            if not rule._reader():
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot read bills of %(company)s. Give the user"
                        " rights in accounting, or have the invoice sent by e-mail.",
                        user=rule.user_id.name,
                        company=rule.company_id.name,
                    )
                )

    @api.constrains("amount_from", "amount_to")
    def _check_amounts(self):
        for rule in self:
            if rule.amount_to and rule.amount_to < rule.amount_from:
                raise ValidationError(
                    self.env._("The amounts of rule %s fit no invoice.", rule.name)
                )

    def _reader(self):
        """Return the responsible user, if the bills may be read still."""
        return self.user_id.filtered(
            lambda user: (
                user.active
                and user.has_groups(READERS)
                and self.company_id in user.company_ids
            )
        )

    @api.model
    def _of(self, read):
        """Return the rule of each document that one fits.

        :param read: documents of one company with their ``fa3.Invoice``
        """
        company = next(iter(read)).company_id
        rules = self.sudo().search([("company_id", "=", company.id)])
        found = {
            document: self._first_that_fits(rules, document, invoice)
            for document, invoice in read.items()
        }
        return {document: rule for document, rule in found.items() if rule}

    @api.model
    def _first_that_fits(self, rules, document, invoice):
        fitting = (r for r in rules if routing.fits(r, document, invoice))
        return next(fitting, rules.browse())

    def _bill_values(self):
        """Return the values of a bill that this rule sets."""
        values = {}
        if self.journal_id.active and self.journal_id.default_account_id:
            values["journal_id"] = self.journal_id.id
        if self._reader():
            values["invoice_user_id"] = self.user_id.id
        if self.tag_ids:
            values["ksef_tag_ids"] = [fields.Command.set(self.tag_ids.ids)]
        return values
