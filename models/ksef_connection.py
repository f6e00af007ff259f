from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..ksef.limits import RateLimits
from ..tools import meter, warsaw
from ..tools.user_message import error_details

#: Older requests count in no window any more.
HOUR = timedelta(hours=1)

#: Up to here requests are counted to the second, then to the minute.
EXACT = timedelta(minutes=2)


class KsefConnection(models.Model):
    """What one NIP has with KSeF at one address: pause, silence, limits and budget.

    KSeF knows the NIP, not our companies: those with the same NIP and address, and
    their branches, share the row. Nothing of it may ever stop a transaction that
    carries invoices, so requests are counted in rows of their own (`ksef.request`).
    """

    _name = "ksef.connection"
    _description = "KSeF connection"
    _rec_name = "nip"

    nip = fields.Char("NIP", required=True, readonly=True)
    api_url = fields.Char("KSeF API address", required=True, readonly=True)
    company_ids = fields.One2many("res.company", "ksef_connection_id", "Companies")
    # KSeF answered 429: until then nobody asks it anything in the name of this NIP.
    paused_until = fields.Datetime("No KSeF requests until", readonly=True)
    unreachable_since = fields.Datetime("No answer from KSeF since", readonly=True)
    unreachable_at = fields.Datetime("Last time without an answer", readonly=True)
    limits = fields.Json("Request limits", readonly=True)
    limits_at = fields.Datetime("Request limits read on", readonly=True)
    system_warning = fields.Text("Warning from KSeF", readonly=True)
    system_warning_at = fields.Datetime("Warning received on", readonly=True)
    last_error = fields.Text(
        "Last trouble with KSeF",
        readonly=True,
        help="When, what was asked, and what came back: for the support of KSeF.",
    )
    clock = fields.Integer(
        "Clock of KSeF", readonly=True, help="Seconds by which it is ahead of ours."
    )

    _unique_nip_and_address = models.Constraint(
        "UNIQUE(nip, api_url)", "This connection to KSeF is here already."
    )

    @api.model
    def _of(self, nip, api_url):
        """Return the connection of a NIP at an address; it is made when first needed.

        Where another process makes it at the same moment, PostgreSQL reports a conflict
        of transactions, and Odoo repeats ours.
        """
        known = Domain("nip", "=", nip) & Domain("api_url", "=", api_url)
        found = self.search(known, limit=1)
        if found:
            return found
        self.env.cr.execute(
            SQL(
                "INSERT INTO ksef_connection (nip, api_url) VALUES (%s, %s)"
                " ON CONFLICT DO NOTHING",
                nip,
                api_url,
            )
        )
        return self.search(known, limit=1)

    # ------------------------------------------------------------------
    # Pause and silence
    # ------------------------------------------------------------------

    def _note(self, **values):
        """Write, unless another process just notes something of this connection.

        :return: whether it is written.
        """
        self.env.flush_all()  # what is others' must not fail in here
        try:
            with self.env.cr.savepoint():
                locked = self.try_lock_for_update(allow_referencing=True)
                locked.write(values)
        except SerializationFailure:
            self.invalidate_recordset()
            return False
        return bool(locked)

    def _note_error(self, error):
        """Keep the last trouble for the help desk of KSeF (R41)."""
        moment = f"{fields.Datetime.now():%Y-%m-%dT%H:%M:%SZ}"
        if self:
            self._note(last_error=f"{moment} {error_details(error)}")

    def _pause(self, seconds):
        """Note how long KSeF wants no requests, for every worker on every host; its
        limits are other ones than we thought."""
        until = fields.Datetime.now() + timedelta(seconds=seconds)
        if self:
            self._meter().pause(warsaw.aware(until))
            self._write_down()
        return until

    # ------------------------------------------------------------------
    # Budget
    # ------------------------------------------------------------------

    def _meter(self):
        """Return what this process spends from, with what others have spent."""
        self.ensure_one()
        found = meter.of((self.env.cr.dbname, self.id))
        found.refresh(
            RateLimits.from_json(self.limits) if self.limits else None,
            self.limits_at and warsaw.aware(self.limits_at),
            self.env["ksef.request"]._spent(self.id),
            {
                "system_warning": self.system_warning,
                "clock": self.clock,
                "paused_until": self.paused_until and warsaw.aware(self.paused_until),
            },
        )
        return found

    @api.model
    def _write_down(self):
        """Write down what this process asked KSeF, and what it heard beside answers.
        Called where a transaction is about to be committed."""
        for connection_id, known in meter.of_database(self.env.cr.dbname):
            spent, news = known.take()
            if not (spent or news):
                continue
            connection = self.sudo().browse(connection_id).exists()
            if news and connection and not connection._note(**_columns(news)):
                known.give_back(news)
            if spent and connection:
                self.env["ksef.request"].sudo()._add(connection_id, spent)
                connection._meter()  # with what others have spent meanwhile


class KsefRequest(models.Model):
    """How many requests left for KSeF, by the second: only added, so that processes
    never wait for each other. There is no foreign key, which would lock the connection.
    """

    _name = "ksef.request"
    _description = "KSeF requests of the last hour"
    _log_access = False

    connection = fields.Integer(required=True)
    counter = fields.Char(required=True, help="What KSeF counts them under.")
    sent_at = fields.Datetime(required=True)
    number = fields.Integer(required=True)

    _of_connection = models.Index("(connection, sent_at)")

    @api.model
    def _add(self, connection_id, spent):
        """Add requests given as (counter, moment)."""
        numbers = {}
        for counter, moment in spent:
            # The next whole second: a request never counts shorter than at KSeF.
            second = warsaw.naive(moment) + timedelta(seconds=1)
            numbers[counter, second] = numbers.get((counter, second), 0) + 1
        self.create(
            [
                {
                    "connection": connection_id,
                    "counter": counter,
                    "sent_at": second,
                    "number": number,
                }
                for (counter, second), number in numbers.items()
            ]
        )

    @api.model
    def _spent(self, connection_id):
        """Return the requests of the last hour as (counter, moment, number)."""
        self.flush_model()
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                SELECT counter, max(sent_at), sum(number)
                  FROM ksef_request
                 WHERE connection = %(connection)s AND sent_at > %(oldest)s
              GROUP BY counter, CASE WHEN sent_at > %(exact)s THEN sent_at
                                     ELSE date_trunc('minute', sent_at) END
                """,
                connection=connection_id,
                oldest=now - HOUR,
                exact=now - EXACT,
            )
        )
        return [
            (counter, warsaw.aware(moment), number)
            for counter, moment, number in self.env.cr.fetchall()
        ]

    @api.autovacuum
    def _gc_requests(self):
        self.search([("sent_at", "<", fields.Datetime.now() - HOUR)]).unlink()


def _columns(news):
    """Return what a meter has heard as the database keeps it."""
    columns = dict(news)
    if "limits" in columns:
        columns["limits"] = columns["limits"].to_json()
    for name in {"limits_at", "paused_until", "system_warning_at"} & columns.keys():
        columns[name] = warsaw.naive(columns[name])
    return columns
