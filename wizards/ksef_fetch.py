from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef import number
from ..models.ksef_import import ROLES
from ..tools import warsaw


class KsefFetch(models.TransientModel):
    """What a person fetches from KSeF: all that is new, a period once more, or a single
    invoice by its number."""

    _name = "ksef.fetch"
    _description = "Fetch invoices from KSeF"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    what = fields.Selection(
        [
            ("new", "Everything new"),
            ("period", "A period again"),
            ("number", "One invoice by its KSeF number"),
        ],
        string="Fetch",
        required=True,
        default="new",
    )
    role = fields.Selection(
        ROLES,
        string="The company is",
        required=True,
        default="Subject2",
        help="What the company is on the invoices.",
    )
    date_from = fields.Date(
        "Since", default=lambda self: warsaw.today() + relativedelta(months=-1, day=1)
    )
    date_to = fields.Date(
        "Until", default=lambda self: warsaw.today() + relativedelta(day=1, days=-1)
    )
    ksef_number = fields.Char("KSeF number")
    reception = fields.Text(compute="_compute_reception")

    @api.depends("company_id")
    def _compute_reception(self):
        for wizard in self:
            owner = wizard.company_id._ksef_owner()
            wizard.reception = owner and owner.sudo()._ksef_reception_text()

    def action_fetch(self):
        """Fetch, and tell what came of it.

        :raises UserError: what is missing or wrong in the form.
        """
        self.ensure_one()
        self.check_access("write")
        self.env["account.move"].check_access("create")
        company = self._receiver()
        imports = self.env["ksef.import"].sudo().with_company(company)
        if self.what == "number":
            return self._fetch_number(imports, company)
        if self.what == "period":
            self._plan_period(imports, company)
        journals = self.env["account.journal"].with_company(company)
        return journals._ksef_fetch_now(company)

    def _receiver(self):
        """Return the company whose connection is used.

        :raises UserError: it receives nothing from KSeF, or another of its NIP does.
        """
        company = self.company_id._ksef_owner()
        if not company or not company.sudo().ksef_import:
            raise UserError(
                self.env._(
                    "Company %s does not receive invoices from KSeF: an administrator"
                    " switches it on in the settings.",
                    self.company_id.name,
                )
            )
        if elsewhere := self.env["ksef.import"].sudo()._received_elsewhere(company):
            raise UserError(elsewhere)
        return company

    def _plan_period(self, imports, company):
        if not self.date_from or not self.date_to or self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins."))
        end = warsaw.start_of_day(self.date_to + relativedelta(days=1))
        begin = warsaw.start_of_day(self.date_from)
        if begin >= warsaw.now():
            raise UserError(self.env._("This period lies in the future."))
        imports._plan_again(company, self.role, begin, min(end, warsaw.now()))

    def _fetch_number(self, imports, company):
        """Fetch one invoice, unless it is here, and open it.

        :raises UserError: why it cannot be fetched.
        """
        wanted = (self.ksef_number or "").strip().upper()
        if not number.is_valid(wanted):
            raise UserError(self.env._("%s is not a KSeF number.", wanted or "–"))
        document = self._document(wanted)
        if not document:
            trouble = imports._fetch_number_or_note(company, wanted, self.role)
            if trouble:
                raise UserError(trouble)
            imports._book_stored(company)
            document = self._document(wanted)
        return {
            "type": "ir.actions.act_window",
            "name": wanted,
            "res_model": "ksef.document",
            "view_mode": "form",
            "res_id": document.id,
        }

    def _document(self, wanted):
        documents = self.env["ksef.document"]
        return documents.search(
            [
                ("ksef_number", "=", wanted),
                ("company_id", "child_of", self._receiver()._ksef_same_nip().ids),
                ("environment", "=", self._receiver().sudo().ksef_environment),
            ],
            limit=1,
        )
