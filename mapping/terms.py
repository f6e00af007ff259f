"""WarunkiTransakcji: contracts, orders, delivery."""


def elements(facts):
    return {}
