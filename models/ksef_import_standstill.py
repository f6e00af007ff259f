from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import warsaw
from ..tools.reminder import remind, withdraw

#: So long nothing could be received before people are told.
STANDSTILL = timedelta(days=1)


class KsefImport(models.Model):
    """Reception that stands still, whatever the reason, comes to people's attention."""

    _inherit = "ksef.import"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _warn_of_standstill(self, companies):
        """Tell people, once, of each role that gets no further; take it back later."""
        for company in companies.filtered("ksef_import"):
            if self._received_elsewhere(company):
                continue
            for role in company._ksef_import_roles():
                self._warn_of_role(company, role)

    @api.model
    def _warn_of_role(self, company, role):
        month = self.env["ksef.period"]._latest(company, role)
        if self._stands_still(company, role):
            month = month or month._open(company, role, warsaw.today().replace(day=1))
            problem = self._last_problem(company, role)
            remind(month, month._responsible(), self._standstill_words, note=problem)
        else:
            withdraw(month, self._standstill_words)

    @staticmethod
    def _standstill_words(env):
        return env._("KSeF: no invoices can be received")

    @api.model
    def _stands_still(self, company, role):
        """Whether a window waits that should have been done long ago."""
        if not self._waiting(company, role, force=True):
            return False
        ledger = self._ledger(company, role)
        begun = self.search(ledger, order="id", limit=1).create_date
        since = self._last_stored(company, role).write_date or begun
        return bool(since) and since < fields.Datetime.now() - STANDSTILL

    @api.model
    def _last_problem(self, company, role):
        told = self._ledger(company, role) & Domain("problem", "!=", False)
        return self.search(told, limit=1).problem or ""
