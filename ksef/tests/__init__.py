"""Tests of the protocol: no Odoo, no database, no network but 127.0.0.1."""
