from odoo import SUPERUSER_ID, api

MOVED = ("paused_until", "unreachable_since", "unreachable_at")


def migrate(cr, version):
    """A pause and a silence of KSeF belong to a NIP and an address now, which companies
    may share: of theirs the latest holds."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for company in env["res.company"].search([("ksef_environment", "!=", False)]):
        company._ksef_connection()
    env.flush_all()
    for name in MOVED:
        cr.execute(
            f"""
            UPDATE ksef_connection
               SET {name} = moved.latest
              FROM (SELECT ksef_connection_id AS id, max(ksef_{name}) AS latest
                      FROM res_company
                  GROUP BY ksef_connection_id) AS moved
             WHERE moved.id = ksef_connection.id
            """
        )
        cr.execute(f"ALTER TABLE res_company DROP COLUMN ksef_{name}")
    env.invalidate_all()
