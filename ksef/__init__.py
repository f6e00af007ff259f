"""The KSeF 2 protocol in plain Python: no Odoo, no clock, no sleep, no paths."""
