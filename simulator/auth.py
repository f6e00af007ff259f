"""Logging in: challenge, signed request or KSeF token, status, three tokens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import jwt, login_request, rights, subjects
from .answers import json_answer, no_content, sha256
from .certificates import identity, trouble
from .clock import polish_day, stamp
from .errors import BadRequest, Gone
from .keys import TOKEN, unlock
from .login_request import CONTEXTS
from .numbers import reference
from .store import Identity, Login
from .xades import verify

CHALLENGE_LIFE = timedelta(minutes=10)
KEPT = timedelta(days=7)
STATUS = {
    100: "Uwierzytelnianie w toku",
    200: "Uwierzytelnianie zakończone sukcesem",
    415: "Uwierzytelnianie zakończone niepowodzeniem",
    425: "Uwierzytelnienie unieważnione",
    450: "Uwierzytelnianie zakończone niepowodzeniem z powodu błędnego tokenu",
    460: "Uwierzytelnianie zakończone niepowodzeniem z powodu błędu certyfikatu",
    480: "Uwierzytelnienie zablokowane",
}
METHODS = {
    "Token": ("Token", "token.ksef", "Token KSeF"),
    "InternalCertificate": (
        "XadesSignature",
        "xades.internalCertificate",
        "Certyfikat KSeF",
    ),
}


@dataclass
class Challenge:
    """One challenge and the moment it was given out."""

    value: str
    given: datetime


def challenge(call):
    """POST /auth/challenge"""
    now = call.now
    value = reference("CR", polish_day(now))
    call.store.challenges[value] = Challenge(value, now)
    return json_answer(
        call,
        {
            "challenge": value,
            "timestamp": stamp(now),
            "timestampMs": _milliseconds(now),
            "clientIp": call.client_ip,
        },
    )


def with_signature(call):
    """POST /auth/xades-signature"""
    xml = call.xml()
    signed = verify(xml, call.now)
    given, context, subject_type = login_request.read(signed.root)
    _spend(call, given)
    subject = identity(call.store, signed.certificate, subject_type)
    problem = trouble(call, signed.certificate)
    login = _login(call, context, subject, "InternalCertificate")
    login.document_hash = sha256(xml)
    told = subjects.read(signed.certificate.subject)
    login.told = tuple(subjects.complete(told, subject).items())
    login.permissions = rights.permissions(call.store, context, subject)
    if problem:
        login.code, login.details = 460, (problem,)
    elif not login.permissions:
        login.code, login.details = 415, ("Brak przypisanych uprawnień.",)
    return _begun(call, login)


def with_token(call):
    """POST /auth/ksef-token"""
    body = call.body()
    context = body.part("contextIdentifier")
    context = Identity(context.choice("type", CONTEXTS), context.text("value"))
    encrypted = body.base64("encryptedToken")
    keys = call.store.keys["public"]
    key_id = body.text("publicKeyId", required=False)
    try:
        plain = unlock(keys, TOKEN, encrypted, key_id, call.now)
    except KeyError as error:
        raise unknown_key(key_id) from error
    given = _spend(call, body.text("challenge"))
    login = _login(call, context, None, "Token")
    problem = _token_trouble(call.store, login, plain, given.given)
    if problem:
        login.code, login.details = 450, (problem,)
    return _begun(call, login)


def unknown_key(key_id):
    """21470: the client holds a key that is no longer in use."""
    return BadRequest(21470, f"Klucz o identyfikatorze {key_id} nie jest wspierany.")


def status(call):
    """GET /auth/{reference}"""
    login = _own_login(call)
    if call.now - login.started > KEPT:
        raise Gone("Operacja nie jest już dostępna.")
    login.looks += 1
    return json_answer(call, _described(login, _code(call, login)))


def redeem(call):
    """POST /auth/token/redeem: once."""
    login = call.store.logins[call.claims.login]
    code = _code(call, login)
    if login.redeemed:
        raise BadRequest(
            21301,
            f"Tokeny dla operacji uwierzytelniania {login.reference} "
            "zostały już pobrane.",
        )
    if code != 200:
        raise _status_forbids(code, "pobranie tokenów")
    _check_ksef_token(call.store, login)
    login.redeemed = True
    refresh, login.refresh_until = jwt.issue(
        call.store.secret, jwt.REFRESH, login, (), call.now
    )
    tokens = {
        "accessToken": _access_token(call, login),
        "refreshToken": _token(refresh, login.refresh_until),
    }
    return json_answer(call, tokens)


def refresh(call):
    """POST /auth/token/refresh: the refresh token stays the same."""
    login = call.store.logins.get(call.claims.login)
    if login is None:
        raise BadRequest(21304, "Operacja uwierzytelniania nie została znaleziona.")
    if login.revoked:
        raise _status_forbids(425, "odświeżenie tokenu dostępowego")
    _check_ksef_token(call.store, login)
    if login.subject and not login.token_reference:
        login.permissions = rights.permissions(call.store, login.context, login.subject)
    login.last_refresh = call.now
    return json_answer(call, {"accessToken": _access_token(call, login)})


def sessions(call):
    """GET /auth/sessions: those that can still refresh, newest first."""
    own = [
        login
        for login in call.store.logins.values()
        if _same_owner(call, login) and _active(call, login)
    ]
    own.sort(key=lambda login: login.started, reverse=True)
    rows, token = call.continued(own, 10, 100)
    items = [_listed(call, login) for login in rows]
    return json_answer(call, {"continuationToken": token, "items": items})


def revoke_current(call):
    """DELETE /auth/sessions/current"""
    call.login.revoked = True
    return no_content(call)


def revoke(call):
    """DELETE /auth/sessions/{reference}: access tokens live on until they end."""
    login = call.store.logins.get(call.args["reference"])
    if login is None or not _same_owner(call, login):
        raise BadRequest(21405, "Sesja uwierzytelnienia nie została znaleziona.")
    login.revoked = True
    return no_content(call)


def _same_owner(call, login):
    """A session belongs to the subject that logged in, in that context."""
    mine = call.login.context, call.login.subject
    return (login.context, login.subject) == mine


def _active(call, login):
    lasts = jwt.LIFETIME[jwt.AUTHENTICATION]
    until = login.refresh_until or login.started + lasts
    return login.code == 200 and not login.revoked and call.now < until


def _spend(call, value):
    """Use the challenge up. Raises BadRequest 21111."""
    found = call.store.challenges.pop(value, None)
    if found is None or call.now - found.given > CHALLENGE_LIFE:
        raise BadRequest(21111)
    return found


def _token_trouble(store, login, plain, given):
    """Why the decrypted KSeF token opens nothing, or None. Fills `login`."""
    if plain is None:
        return "Nieprawidłowe szyfrowanie tokena."
    secret, _bar, moment = plain.decode("utf-8", "replace").rpartition("|")
    if moment != str(_milliseconds(given)):
        return "Nieprawidłowy czas tokena."
    token = store.tokens.get(secret)
    if token is None:
        return "Nieprawidłowy token."
    if token.revoked:
        return "Token unieważniony."
    if token.context != login.context:
        return "Tokena nie można użyć w tym kontekście."
    login.subject = token.context
    login.permissions = token.permissions
    login.token_reference = token.reference
    return None


def _check_ksef_token(store, login):
    for token in store.tokens.values():
        if token.reference == login.token_reference and token.revoked:
            raise BadRequest(21301, "Token KSeF został unieważniony.")


def _login(call, context, subject, method):
    login = Login(
        reference=reference("AU", polish_day(call.now)),
        context=context,
        subject=subject,
        method=method,
        started=call.now,
        code=200,
    )
    call.store.logins[login.reference] = login
    return login


def _begun(call, login):
    issued = jwt.issue(call.store.secret, jwt.AUTHENTICATION, login, (), call.now)
    token = _token(*issued)
    answer = {"referenceNumber": login.reference, "authenticationToken": token}
    return json_answer(call, answer, 202)


def _own_login(call):
    login = call.store.logins.get(call.args["reference"])
    if login is None or login.reference != call.claims.login:
        raise BadRequest(
            21304,
            f"Operacja uwierzytelniania o numerze referencyjnym "
            f"{call.args['reference']} nie została znaleziona.",
        )
    return login


def _code(call, login):
    """What the status says by now. A revoked login has ended in any case."""
    if login.revoked:
        return 425
    done = call.simulator.delay.over(login.looks, login.started, call.now)
    return login.code if done else 100


def _status_forbids(code, what):
    return BadRequest(21301, f"Status uwierzytelniania ({code}) nie pozwala na {what}.")


def _access_token(call, login):
    claim = login.permissions
    return _token(*jwt.issue(call.store.secret, jwt.ACCESS, login, claim, call.now))


def _token(token, until):
    return {"token": token, "validUntil": stamp(until)}


def _described(login, code):
    category, method, name = METHODS[login.method]
    details = list(login.details) if code == login.code and login.details else None
    return {
        "startDate": stamp(login.started),
        "authenticationMethod": login.method,
        "authenticationMethodInfo": {
            "category": category,
            "code": method,
            "displayName": name,
        },
        "status": {"code": code, "description": STATUS[code], "details": details},
        "isTokenRedeemed": login.redeemed,
        "lastTokenRefreshDate": stamp(login.last_refresh),
        "refreshTokenValidUntil": stamp(login.refresh_until),
    }


def _listed(call, login):
    return {
        **_described(login, _code(call, login)),
        "referenceNumber": login.reference,
        "isCurrent": login is call.login,
    }


def _milliseconds(moment):
    return int(moment.timestamp() * 1000)


def new_ksef_token(nip: str, token_reference: str) -> str:
    """The text of a KSeF token; it contains two bars of its own."""
    return f"{token_reference}|nip-{nip}|{secrets.token_hex(32)}"
