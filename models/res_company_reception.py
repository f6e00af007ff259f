from odoo import fields, models

from ..ksef.reading import moment
from ..tools import warsaw
from .res_company import ADMIN

#: The switch of each role, what matters most first.
SWITCHES = {
    "Subject2": "ksef_import_bills",
    "Subject1": "ksef_import_sales",
    "Subject3": "ksef_import_third_party",
    "SubjectAuthorized": "ksef_import_authorized",
}


class ResCompany(models.Model):
    """What is received from KSeF, and how far reception is."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_import_bills = fields.Boolean(
        "Invoices in which the company is the buyer", default=True, groups=ADMIN
    )
    ksef_import_sales = fields.Boolean(
        "Own sales issued elsewhere or by the buyer", groups=ADMIN
    )
    ksef_import_third_party = fields.Boolean(
        "Invoices in which the company is a third party", groups=ADMIN
    )
    ksef_import_authorized = fields.Boolean(
        "Invoices in which the company is the authorized entity", groups=ADMIN
    )

    def write(self, vals):
        result = super().write(vals)
        if any(vals.get(switch) for switch in SWITCHES.values()):
            self.env.ref("l10n_pl_ksef.cron_import")._trigger()
        return result

    def _ksef_import_roles(self):
        """Return the roles in which invoices are received."""
        company = self.sudo()
        if not company.ksef_import:
            return []
        return [role for role, switch in SWITCHES.items() if company[switch]]

    # ------------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------------

    def _ksef_reception_text(self):
        """Return how far each role is received, and when it will be up to date: roles
        are served one after the other."""
        imports = self.env["ksef.import"].sudo()
        names = dict(imports._fields["role"]._description_selection(self.env))
        lines, ahead = [], 0
        for role in self._ksef_import_roles():
            own = imports._exports_ahead(self, role)
            ahead += own
            told = self._ksef_progress_text(imports._mark(self, role), own, ahead)
            lines.append(f"{names[role]}: {told}")
        return "\n".join(lines)

    def _ksef_progress_text(self, mark, own, ahead):
        """Return how far a role is.

        :param own: exports that it still needs
        :param ahead: with those of the roles before it
        """
        if own <= 1:
            if mark is None:
                return self.env._("nothing has been received yet")
            return self.env._("complete until %s", self._ksef_mark_text(mark))
        if mark is None:
            return self.env._(
                "nothing has been received yet; about %(count)s packages to go, ready"
                " in about %(hours)s h",
                count=own,
                hours=self._ksef_hours_for(ahead),
            )
        return self.env._(
            "complete until %(reached)s; about %(count)s packages to go, ready in about"
            " %(hours)s h",
            reached=self._ksef_mark_text(mark),
            count=own,
            hours=self._ksef_hours_for(ahead),
        )

    def _ksef_mark_text(self, mark):
        return self._ksef_moment(warsaw.naive(moment(mark)))

    def _ksef_hours_for(self, exports):
        """Return in how many hours KSeF takes so many orders of packages."""
        connection = self._ksef_connection()
        meter = connection and connection._meter()
        hourly = meter and meter.hourly("invoiceExport", "import")
        if not hourly:
            return 1
        later = max(0, exports - meter.left("invoiceExport", "import"))
        return 1 + -(-later // hourly)
