"""Advances and the invoices that settle them."""


def problems(facts):
    return ()
