from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class KsefDocument(models.Model):
    """KSeF takes a number once for a seller and kind (440). We take it once for a
    seller: branches, journals and companies with one NIP share its numbers."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _check_numbers(self, values_list):
        """Refuse numbers that another invoice of the seller has, one query for all.

        :raises UserError: which invoice has it.
        """
        taken = {_name(document): document for document in self._numbered(values_list)}
        seen = set()
        for values in values_list:
            other = taken.get(_name(values))
            if other or _name(values) in seen:
                raise UserError(self._taken_message(values["number"], other))
            seen.add(_name(values))

    @api.model
    def _numbered(self, values_list):
        """Return the live documents with these numbers, whoever's company issued
        them."""
        wanted = {
            name: list({values[name] for values in values_list})
            for name in ("environment", "seller_nip", "number")
        }
        domain = Domain([("direction", "=", "issued"), ("state", "!=", "rejected")])
        for name, found in wanted.items():
            domain &= Domain(name, "in", found)
        return self.sudo().search(domain)

    @api.model
    def _taken_message(self, number, other):
        where = ""
        if other and other.company_id in self.env.companies:
            where = other.move_id.display_name or ""
        elif other:
            where = self.env._("an invoice of another company with this NIP")
        return self.env._(
            "The number %(number)s is taken already: %(where)s. KSeF takes a number of"
            " a NIP once, in whatever journal, branch or company it was given. Give"
            " this invoice another number.",
            number=number,
            where=where or self.env._("by another invoice posted with this one"),
        )


def _name(record):
    return record["environment"], record["seller_nip"], record["number"]
