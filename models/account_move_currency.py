from odoo import api, fields, models


class AccountMove(models.Model):
    """At which rate the VAT of an invoice in foreign currency is told in PLN."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _get_invoice_currency_rate_date(self):
        """An invoice issued before the supply takes the rate before its issue, not the
        one before the supply (art. 31a(2) of the VAT Act)."""
        day = super()._get_invoice_currency_rate_date()
        if not self.ksef_issues:
            return day
        return min(day, self.invoice_date or fields.Date.context_today(self))

    def _get_expected_currency_rate_at(self, date):
        """A correction is converted at the rate of the corrected invoice (art. 31b(1)
        of the VAT Act), whatever its own dates become."""
        corrected = self._ksef_corrected_at_its_rate()
        if corrected:
            return corrected.invoice_currency_rate
        return super()._get_expected_currency_rate_at(date)

    @api.depends("reversed_entry_id", "debit_origin_id")
    def _compute_expected_currency_rate(self):
        return super()._compute_expected_currency_rate()

    @api.depends("reversed_entry_id", "debit_origin_id")
    def _compute_invoice_currency_rate(self):
        return super()._compute_invoice_currency_rate()

    def _ksef_corrected_at_its_rate(self):
        """Return the corrected invoice, empty where its rate says nothing of VAT: in
        another currency, or where the books are not in PLN."""
        corrected = self.reversed_entry_id or self.debit_origin_id
        same = corrected.currency_id == self.currency_id
        in_pln = self.company_id.currency_id.name == "PLN"
        return corrected if self.ksef_issues and same and in_pln else self.browse()

    def _ksef_pln_rate(self):
        """Return PLN for one unit of the currency of the invoice on the day that
        decides, from Odoo's table of rates."""
        self.ensure_one()
        return self.env["res.currency"]._get_conversion_rate(
            from_currency=self.currency_id,
            to_currency=self.env.ref("base.PLN"),
            company=self.company_id,
            date=self._get_invoice_currency_rate_date(),
        )
