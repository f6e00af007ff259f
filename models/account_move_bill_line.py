from odoo import api, fields, models
from odoo.fields import Domain

from ..mapping.line_memory import (
    SHORTEST_CODE,
    Booked,
    LineMemory,
    gtin_forms,
    gtin_key,
)

#: How far back bills of a supplier tell how it is booked, as in Odoo itself.
YEARS = 2

TYPES = {
    "purchase": ("in_invoice", "in_refund"),
    "sale": ("out_invoice", "out_refund"),
}


class AccountMove(models.Model):
    """Products, accounts and analytic of received lines. Everything is read for a batch
    of invoices at once: the number of queries does not grow with that of bills."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_line_memory(self, company, kind, partners, lines):
        """Return the ``LineMemory`` of what these partners invoice, or are invoiced.

        :param kind: purchase or sale
        :param lines: all ``fa3.Line`` of the batch
        """
        memory = LineMemory(
            by_gtin=self._ksef_products_by_gtin(company, lines),
            by_supplier_code=self._ksef_supplier_codes(company, partners, lines),
            by_code=self._ksef_only_products(
                company,
                "default_code",
                {line.code for line in lines if len(line.code or "") >= SHORTEST_CODE},
            ),
            by_name=self._ksef_only_products(
                company, "name", {line.name for line in lines if line.name}
            ),
        )
        if partners:
            before = self._ksef_booked_before(company, kind, partners)
            self._ksef_remember(memory, before, partners, lines)
            memory.accounts.update(self._ksef_usual_accounts(before, kind))
        return memory

    @api.model
    def _ksef_products_by_gtin(self, company, lines):
        gtins = {line.gtin for line in lines if gtin_key(line.gtin or "")}
        if not gtins:
            return {}
        products = self.env["product.product"]
        forms = set().union(*map(gtin_forms, gtins))
        found = products.search_fetch(
            Domain("barcode", "in", list(forms))
            & Domain(products._check_company_domain(company)),
            ["barcode"],
        )
        return {gtin_key(product.barcode): product.id for product in found}

    @api.model
    def _ksef_supplier_codes(self, company, partners, lines):
        """Return products by partner and the code in the price list of the vendor."""
        codes = {line.code for line in lines if line.code}
        if not codes or not partners:
            return {}
        known = self.env["product.supplierinfo"].search(
            Domain("partner_id", "child_of", partners.ids)
            & Domain("product_code", "in", list(codes))
            & Domain("company_id", "in", (False, company.id))
        )
        products = {info: _only_product(info) for info in known}
        return {
            (info.partner_id.commercial_partner_id.id, info.product_code): product.id
            for info, product in products.items()
            if product.active
        }

    @api.model
    def _ksef_only_products(self, company, name, values):
        """Return products by the value of a field, where just one has it."""
        if not values:
            return {}
        products = self.env["product.product"]
        found = products.search_fetch(
            Domain(name, "in", list(values))
            & Domain(products._check_company_domain(company)),
            [name],
        )
        grouped = found.grouped(name)
        return {value: same.id for value, same in grouped.items() if len(same) == 1}

    # ------------------------------------------------------------------
    # Earlier bills
    # ------------------------------------------------------------------

    @api.model
    def _ksef_remember(self, memory, before, partners, lines):
        """Add how the partners' lines were booked before."""
        journal_items = self.env["account.move.line"]
        names = list({line.name for line in lines if line.name})
        known = {memory.product(p.id, line) for p in partners for line in lines}
        products = list(known - {None})
        by_name = journal_items._read_group(
            before & Domain("name", "in", names), ["partner_id", "name"], ["id:max"]
        )
        by_product = journal_items._read_group(
            before & Domain("product_id", "in", products),
            ["partner_id", "product_id"],
            ["id:max"],
        )
        latest = [row[-1] for row in (*by_name, *by_product)]
        booked = self._ksef_booked(journal_items.browse(latest))
        for partner, name, newest in by_name:
            memory.booked_names[partner.id, name] = booked[newest]
        for partner, product, newest in by_product:
            memory.booked_products[partner.id, product.id] = booked[newest]

    @api.model
    def _ksef_booked_before(self, company, kind, partners):
        """Return the domain of lines that a person has posted."""
        since = fields.Date.add(fields.Date.context_today(self), years=-YEARS)
        return Domain(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "in", TYPES[kind]),
                ("display_type", "=", "product"),
                ("partner_id", "in", partners.ids),
                ("date", ">=", since),
                ("account_id.active", "=", True),
            ]
        )

    @api.model
    def _ksef_booked(self, journal_items):
        """Return a ``Booked`` by the id of the line; what is archived by now is left
        out."""
        accounts = self.env["account.analytic.account"].browse(
            {
                int(one)
                for line in journal_items
                for one in _analytic_ids(line.analytic_distribution)
            }
        )
        active = set(accounts.exists().filtered("active").ids)
        return {
            line.id: Booked(
                line.product_id.filtered("active").id or None,
                line.account_id.id,
                _usable(line.analytic_distribution, active),
            )
            for line in journal_items
        }

    @api.model
    def _ksef_usual_accounts(self, before, kind):
        """Return the account that most lines of each partner were booked to."""
        group = "income" if kind == "sale" else "expense"
        rows = self.env["account.move.line"]._read_group(
            before & Domain("account_id.internal_group", "=", group),
            ["partner_id", "account_id"],
            ["__count"],
            order="__count",
        )
        # Later entries win.
        return {partner.id: account.id for partner, account, _count in rows}


def _only_product(info):
    """Return the product of a vendor's price; of several variants none is meant."""
    variants = info.product_id or info.product_tmpl_id.product_variant_ids
    return variants if len(variants) == 1 else variants.browse()


def _analytic_ids(distribution):
    return [one for key in distribution or {} for one in key.split(",") if one]


def _usable(distribution, active):
    ids = {int(one) for one in _analytic_ids(distribution)}
    return distribution if ids and ids <= active else None
