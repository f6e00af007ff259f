"""Who may do what in whose name."""

from .answers import json_answer
from .clock import stamp
from .store import Identity

OWNER = "Owner"
OWNER_PERMISSIONS = (
    "CredentialsManage",
    "CredentialsRead",
    "EnforcementOperations",
    "InvoiceRead",
    "InvoiceWrite",
    "Introspection",
    "SubunitManage",
)
WRITE = ("InvoiceWrite", "PefInvoiceWrite", "EnforcementOperations")
BATCH = ("InvoiceWrite", "EnforcementOperations")
INSPECT = ("InvoiceWrite", "Introspection", "PefInvoiceWrite", "EnforcementOperations")
LIST = ("InvoiceWrite", "Introspection", "EnforcementOperations")
READ = ("InvoiceRead",)
ISSUING_FOR_OTHERS = ("SelfInvoicing", "TaxRepresentative", "PefInvoicing")


def permissions(store, context: Identity, subject: Identity) -> tuple:
    """What `subject` may do in `context`, in the words of the token's claim."""
    if context.type == "Nip" and context.value == _nip_of(store, subject):
        return (OWNER,)
    granted = [
        permission
        for grant in store.grants
        if (grant.context, grant.subject) == (context, subject)
        for permission in grant.permissions
    ]
    return tuple(dict.fromkeys(granted))


def expand(claim: tuple) -> tuple:
    """The single permissions behind the claim."""
    return OWNER_PERMISSIONS if OWNER in claim else claim


def may_issue_for(store, context: Identity, seller_nip: str) -> bool:
    """Whether an invoice of this seller may come from `context`.

    A unit (InternalId) and an EU entity (NipVatUe) begin with the NIP they belong to;
    a Peppol provider belongs to nobody and needs the seller's word.
    """
    if context.value.partition("-")[0] == seller_nip:
        return True
    held = permissions(store, Identity("Nip", seller_nip), context)
    return any(permission in ISSUING_FOR_OTHERS for permission in held)


def personal_grants(call):
    """POST /permissions/query/personal/grants: owners' rights are never listed."""
    call.body(optional=True)
    login = call.login
    found = [
        _listed(grant, permission)
        for grant in call.store.grants
        if (grant.context, grant.subject) == (login.context, login.subject)
        for permission in grant.permissions
        if permission not in ISSUING_FOR_OTHERS
    ]
    offset, size = call.page(10, 100)
    rows = found[offset * size : (offset + 1) * size]
    more = len(found) > (offset + 1) * size
    return json_answer(call, {"permissions": rows, "hasMore": more})


def _listed(grant, permission):
    return {
        "id": grant.id,
        "contextIdentifier": _identifier(grant.context),
        "authorizedIdentifier": _identifier(grant.subject),
        "permissionScope": permission,
        "description": "Uprawnienie nadane w symulatorze",
        "permissionState": "Active",
        "startDate": stamp(grant.since),
        "canDelegate": False,
    }


def _identifier(identity):
    return {"type": identity.type, "value": identity.value}


def _nip_of(store, subject):
    """The NIP that a subject owns: its own, or that linked with its PESEL."""
    if subject.type == "Pesel":
        return store.persons.get(subject.value)
    return subject.value if subject.type == "Nip" else None
