"""The demo database, opened as a given user."""

import os
from contextlib import contextmanager

import odoo.api
import odoo.modules.registry
from odoo.tools import config


@contextmanager
def database(login=None):
    """Yield an environment of the user (None: the system user); commit at the end."""
    quiet = ["--log-level=error", "--log-handler=py.warnings:CRITICAL"]
    config.parse_config(["-c", os.environ["DEMO_CONF"], *quiet], setup_logging=True)
    registry = odoo.modules.registry.Registry(os.environ["DEMO_DATABASE"])
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        yield as_user(env, login) if login else env
        cr.commit()


def as_user(env, login):
    """The environment of a user, who sees and may do only what he may."""
    user = env["res.users"].sudo().search([("login", "=", login)])
    context = {"lang": user.lang, "tz": user.tz, "allowed_company_ids": [1]}
    return env(user=user.id, su=False, context=context)
