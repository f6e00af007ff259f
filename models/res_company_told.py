from odoo import fields, models

from ..tools import warsaw

#: KSeF refuses signatures of a time too far from its own.
CLOCK_TOLERANCE = 120


class ResCompany(models.Model):
    """The sentences about the connection."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_pause_text(self):
        """Return until when KSeF wants no requests, or nothing."""
        until = self._ksef_connection().paused_until
        if not until or until <= fields.Datetime.now():
            return False
        return self.env._(
            "Odoo asks KSeF nothing until %s: there were too many requests, or the"
            " protection systems of KSeF blocked this server. It goes on by itself.",
            self._ksef_moment(until),
        )

    def _ksef_sharing_text(self):
        """Return with which companies the connection is shared, or nothing."""
        others = self._ksef_connection().company_ids - self
        if not others:
            return False
        text = self.env._(
            "NIP %(nip)s is connected to KSeF by %(companies)s too. Both share the"
            " connection, its limits and its pauses; sending works from each.",
            nip=self._ksef_nip(),
            companies=", ".join(others.mapped("name")),
        )
        receiver = self._ksef_receiver()
        if not receiver:
            return text
        bills = self.env._("Bills of this NIP are received by %s only.", receiver.name)
        return f"{text} {bills}"

    def _ksef_warning_text(self):
        """Return what KSeF warned of last, and when."""
        connection = self._ksef_connection()
        if not connection.system_warning:
            return False
        return self.env._(
            "KSeF warned on %(moment)s of what it will refuse in future: %(warning)s",
            moment=self._ksef_moment(connection.system_warning_at),
            warning=connection.system_warning,
        )

    def _ksef_clock_text(self):
        """Return how wrong this server's clock is, or nothing."""
        ahead = self._ksef_connection().clock
        if abs(ahead) <= CLOCK_TOLERANCE:
            return False
        return self.env._(
            "The clock of this server differs from that of KSeF by %s min. Set it"
            " right: KSeF may refuse logins, and invoices get a wrong date.",
            round(abs(ahead) / 60),
        )

    def _ksef_moment(self, moment):
        local = warsaw.aware(moment).astimezone(warsaw.WARSAW)
        return f"{local:%Y-%m-%d %H:%M}"
