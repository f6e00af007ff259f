"""DodatkowyOpis, Stopka, Zalacznik: free texts."""


def elements(facts):
    return {}
