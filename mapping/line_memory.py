"""What Odoo knows of the lines that a supplier invoices: their product, account and
analytic distribution."""

from dataclasses import dataclass, field
from typing import NamedTuple

# A shorter code of a supplier says little: “001” is somebody's first product.
SHORTEST_CODE = 4


class Booked(NamedTuple):
    """How a line was booked when it came the last time."""

    product: int | None
    account: int
    distribution: dict | None


@dataclass
class LineMemory:
    """Ids of records, read for a batch of invoices at once. Partners are firms; in the
    keys of what holds for every partner stands ``None``."""

    by_gtin: dict = field(default_factory=dict)
    by_supplier_code: dict = field(default_factory=dict)  # (partner, code)
    by_code: dict = field(default_factory=dict)
    by_name: dict = field(default_factory=dict)
    booked_names: dict = field(default_factory=dict)  # (partner, name) -> Booked
    booked_products: dict = field(default_factory=dict)  # (partner, product) -> Booked
    accounts: dict = field(default_factory=dict)  # the usual one by partner

    def product(self, partner, line):
        """Return the product of an ``fa3.Line``: by GTIN, by the code of the supplier,
        as it was booked before, by our own reference, by name."""
        booked = self.booked_names.get((partner, line.name))
        return (
            (line.gtin and self.by_gtin.get(gtin_key(line.gtin)))
            or self.by_supplier_code.get((partner, line.code))
            or (booked and booked.product)
            or self.by_code.get(line.code)
            or self.by_name.get(line.name)
            or None
        )

    def of(self, partner, default_account):
        """Return a function from an item of ``partner`` to the values of its line."""
        return lambda item: self._values(partner, item, default_account)

    def _values(self, partner, item, default_account):
        """Only the account of a product is left to Odoo."""
        product = self.product(partner, item.line) if item.line else None
        booked = self.booked_names.get((partner, item.name))
        booked = booked or self.booked_products.get((partner, product))
        values = {"is_imported": True} | ({"product_id": product} if product else {})
        if booked:
            values["account_id"] = booked.account
            if booked.distribution:
                values["analytic_distribution"] = booked.distribution
        elif not product:
            values["account_id"] = self.accounts.get(partner) or default_account
        return values


def gtin_key(gtin):
    """Return a GTIN for comparison: those of 8, 12, 13 and 14 digits differ in zeros
    at the front."""
    return gtin.strip().lstrip("0")


def gtin_forms(gtin):
    key = gtin_key(gtin)
    return {gtin, key, *(key.zfill(length) for length in (8, 12, 13, 14))}
