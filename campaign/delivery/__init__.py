"""The campaign of delivery: nothing is lost and nothing is doubled, whatever fails.

A round posts invoices in several companies and plays a few acts: each lets something
fail at a named point while real workers of Odoo send to the simulator. Then Odoo is
left alone until nothing moves any more, and three ledgers are compared: that of Odoo,
that of the simulator, and the list of what was posted.
"""
