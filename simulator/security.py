"""The public keys that KSeF publishes."""

from .answers import json_answer


def public_keys(call):
    """GET /security/public-key-certificates: a bare list, in any order."""
    keys = [key for key in call.store.keys["public"] if not key.withdrawn]
    call.simulator.chance.shuffle(keys)
    return json_answer(call, [key.listing() for key in keys])
