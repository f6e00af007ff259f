from odoo import api, fields, models


class KsefNewTransport(models.Model):
    """A new means of transport sold to another EU country: what art. 106e(1)(22) of
    the VAT Act wants on the invoice."""

    _name = "ksef.new.transport"
    _inherit = ["ksef.invoice.part"]
    _description = "New means of transport on an invoice for KSeF"

    line_id = fields.Many2one(
        "account.move.line",
        "Invoice line",
        ondelete="set null",
        index="btree_not_null",
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
        help="The line that sells it. Can be left empty when the invoice has one line.",
    )
    kind = fields.Selection(
        [("land", "Land vehicle"), ("vessel", "Vessel"), ("aircraft", "Aircraft")],
        required=True,
        default="land",
    )
    first_used = fields.Date("First put into use", required=True)
    use = fields.Char(
        "Kilometres or hours",
        required=True,
        help="Mileage of a land vehicle, hours of use of a vessel or an aircraft.",
    )
    number_kind = fields.Selection(
        [
            ("vin", "VIN"),
            ("body_number", "Body number"),
            ("chassis_number", "Chassis number"),
            ("frame_number", "Frame number"),
        ],
        default="vin",
        help="Which number of a land vehicle is stated. Of a vessel it is the number of"
        " the hull, of an aircraft the factory number.",
    )
    serial = fields.Char("Identifying number")
    make = fields.Char()
    model = fields.Char()
    color = fields.Char("Colour")
    registration = fields.Char("Registration number")
    year = fields.Char("Year of make")
    type = fields.Char(help="Type of a land vehicle.")

    @api.constrains("line_id", "move_id")
    def _check_line(self):
        self._ksef_check_line(carried=True)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    @api.ondelete(at_uninstall=False)
    def _unlink_ksef_new_transport(self):
        """A vehicle leaves its own invoice with the line that sells it. Corrections
        that have taken it over keep it."""
        sold = self.filtered(lambda line: line.display_type == "product")
        rows = self.env["ksef.new.transport"].sudo()
        if sold:
            found = rows.search([("line_id", "in", sold.ids)])
            found.filtered(lambda row: row.move_id == row.line_id.move_id).unlink()
