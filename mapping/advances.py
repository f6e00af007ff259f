"""Advances and their settlement: ZAL, ROZ."""


def elements(facts):
    return {}
