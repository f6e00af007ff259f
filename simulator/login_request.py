"""AuthTokenRequest: the XML that a login signs."""

import re

from .errors import BadRequest
from .numbers import NIP
from .store import Identity

NAMESPACES = ("2.0", "2.1")
CONTEXTS = {
    "Nip": NIP,
    "InternalId": re.compile(NIP.pattern + r"-\d{5}"),
    "NipVatUe": re.compile(NIP.pattern + r"-[A-Z]{2}[A-Z0-9+*]{2,12}"),
    "PeppolId": re.compile(r"P[A-Z]{2}\d{6}"),
}


def read(root) -> tuple[str, Identity, str]:
    """Challenge, context and subject type. Raises BadRequest 21401."""
    namespace = root.tag.partition("}")[0] + "}"
    known = [f"{{http://ksef.mf.gov.pl/auth/token/{v}}}" for v in NAMESPACES]
    names = [child.tag for child in root.iterchildren("*")]
    wanted = ["Challenge", "ContextIdentifier", "SubjectIdentifierType"]
    policy = namespace + "AuthorizationPolicy"
    if namespace not in known or root.tag != namespace + "AuthTokenRequest":
        raise BadRequest(21401, f"Nieoczekiwany element {root.tag}.")
    if [name for name in names if name != policy] != [namespace + n for n in wanted]:
        raise BadRequest(21401, "Nieoczekiwana kolejność elementów.")
    challenge_element, context, subject = list(root.iterchildren("*"))[:3]
    if len(context) != 1 or subject.text not in (
        "certificateSubject",
        "certificateFingerprint",
    ):
        raise BadRequest(21401, "ContextIdentifier lub SubjectIdentifierType.")
    kind = context[0].tag.removeprefix(namespace)
    if kind not in CONTEXTS or not CONTEXTS[kind].fullmatch(context[0].text or ""):
        raise BadRequest(21401, f"Nieprawidłowa wartość elementu {kind}.")
    return challenge_element.text, Identity(kind, context[0].text), subject.text
