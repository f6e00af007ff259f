from odoo import api, fields, models

from ..ksef.fa3 import PERCENTS, RATES

# Precedence of the tags of l10n_pl on sales: the first that a tax carries decides
# (EU services bear K_11 and K_12, the triangular tax K_21 as well).
# A supply by the second taxpayer of a triangular transaction takes place outside
# Poland: np I (FA(3) brochure, p. 51, 92, 98).
SALE_RATES = (
    ("Triangular Sale", "np I"),
    ("OSS", "oss"),
    ("K_22", "0 EX"),
    ("K_21", "0 WDT"),
    ("K_31", "oo"),
    ("K_12", "np II"),
    ("K_11", "np I"),
    ("K_10", "zw"),
    ("K_13", "0 KR"),
    ("K_14", "0 KR"),
)
PROCEDURES = {"Triangular Sale": "TT_D", "I_42": "I_42", "I_63": "I_63"}
# K_42 with one of these: the buyer accounts for the tax, no rate is on the bill.
REVERSE_CHARGE_TAGS = {"K_23", "K_25", "K_27", "K_29", "K_31rc", "Triangular Purchase"}
GOLD_EXEMPTION = "art. 122 ust. 1 ustawy o VAT"


class AccountTax(models.Model):
    _inherit = "account.tax"

    ksef_rate = fields.Selection(
        [
            *((code, code) for code in RATES),
            ("oss", "OSS (VAT of another EU country)"),
            ("margin", "Margin scheme"),
            ("outside", "Outside VAT (deposit, fee, reimbursed cost)"),
        ],
        string="KSeF rate",
        compute="_compute_ksef_rate",
        store=True,
        readonly=False,
        help="Sales: the rate that invoices sent to KSeF state for this tax. "
        "Purchases: bills received from KSeF with this rate get this tax.",
    )
    ksef_exemption_basis = fields.Selection(
        [
            ("P_19A", "Polish VAT Act or a regulation"),
            ("P_19B", "Directive 2006/112/EC"),
            ("P_19C", "Other legal basis"),
        ],
        string="KSeF exemption",
        compute="_compute_ksef_exemption",
        store=True,
        readonly=False,
        help="Where the exemption from VAT comes from (art. 106e(1)(19)). Of"
        " purchases it is stated on bills that the company issues for the supplier.",
    )
    ksef_exemption = fields.Char(
        "KSeF exemption provision",
        compute="_compute_ksef_exemption",
        store=True,
        readonly=False,
        help="The provision, in Polish, as it stands on the invoice, "
        'for example "art. 43 ust. 1 pkt 37 ustawy o VAT".',
    )

    @api.depends(
        "amount",
        "amount_type",
        "country_id",
        "type_tax_use",
        "repartition_line_ids.tag_ids",
        "repartition_line_ids.factor_percent",
    )
    def _compute_ksef_rate(self):
        for tax in self:
            polish = tax.country_id.code == "PL"
            tax.ksef_rate = polish and (
                tax._ksef_default_rate() or tax._ksef_chosen_rate()
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Odoo adds the repartition last; it must not undo the rate that was given."""
        taxes = super().create(vals_list)
        given = {
            tax: vals["ksef_rate"]
            for tax, vals in zip(taxes, vals_list, strict=True)
            if "ksef_rate" in vals
        }
        if given:
            taxes.flush_recordset()
        for tax, rate in given.items():
            if tax.ksef_rate != rate:
                tax.ksef_rate = rate
        return taxes

    @api.depends("ksef_rate", "repartition_line_ids.tag_ids")
    def _compute_ksef_exemption(self):
        for tax in self:
            exempt = tax.ksef_rate == "zw"
            gold = exempt and "Gold" in tax._ksef_tags()
            tax.ksef_exemption_basis = exempt and (tax.ksef_exemption_basis or "P_19A")
            tax.ksef_exemption = exempt and (
                tax.ksef_exemption or (gold and GOLD_EXEMPTION)
            )

    def _ksef_default_rate(self):
        """Return the KSeF rate of the tax, ``False`` when it cannot be told: nothing in
        a tax says that it is one of a margin scheme or outside VAT."""
        self.ensure_one()
        if self.amount_type != "percent":
            return False
        tags = self._ksef_tags()
        if self.type_tax_use == "sale":
            decisive = next((pair for pair in SALE_RATES if pair[0] in tags), None)
            return decisive[1] if decisive else self._ksef_rate_by_amount()
        if self.type_tax_use == "purchase":
            return self._ksef_default_purchase_rate(tags)
        return False

    def _ksef_chosen_rate(self):
        """Return the rate that only a person can have chosen, to be kept."""
        return not PERCENTS.get(self.ksef_rate) and self.ksef_rate

    def _ksef_default_purchase_rate(self, tags):
        if "K_31rc" in tags:
            return "oo"
        taxed = self.invoice_repartition_line_ids.filtered(
            lambda line: line.repartition_type == "tax"
        )
        if tags & REVERSE_CHARGE_TAGS or len(taxed) > 1:  # leasing: partly deductible
            return False
        if self.amount:
            return self._ksef_rate_by_amount()
        # 0% and exempt purchases bear the same tags, only the name differs.
        xmlid = self._origin.get_external_id().get(self._origin.id, "")
        if xmlid.endswith("_kraj_zw"):
            return "zw"
        return "0 KR" if "K_42" in tags else False

    def _ksef_rate_by_amount(self):
        """Return the code of a rate above zero; zero may be any of seven."""
        codes = {percent: code for code, percent in PERCENTS.items() if percent}
        return codes.get(self.amount, False)

    def _ksef_tags(self):
        """Return the names of the tax grids that the tax puts on journal items. Those
        of its repartition: under cash accounting the items of an invoice bear none."""
        lines = self.repartition_line_ids.with_context(lang="en_US")
        return set(lines.tag_ids.mapped("name"))

    def _ksef_procedure(self):
        """Return the Procedura of a sale under this tax, or ``None``."""
        tags = self._ksef_tags()
        return next((code for tag, code in PROCEDURES.items() if tag in tags), None)

    @api.model
    def _ksef_purchase_tax(self, company, rate):
        """Return the purchase tax for bill lines of ``rate``, empty when there is none:
        the company's default tax, else one for any product, else the first."""
        return self._ksef_tax(company, rate, "purchase")

    @api.model
    def _ksef_sale_tax(self, company, rate):
        """Return the sale tax for lines of ``rate`` of an invoice issued elsewhere."""
        return self._ksef_tax(company, rate, "sale")

    def _ksef_tax(self, company, rate, use):
        taxes = self.search(
            [
                *self._check_company_domain(company),
                ("type_tax_use", "=", use),
                ("ksef_rate", "=", rate),
            ]
        )
        default = company[f"account_{use}_tax_id"] & taxes
        return (default or taxes.sorted(lambda tax: bool(tax.tax_scope)))[:1]
