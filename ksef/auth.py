"""Logging in: challenge, signed request or token, waiting, tokens.

Source: official documentation, authentication.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from .client import KsefClient
from .credential import Credential
from .crypto import TOKEN_ENCRYPTION, choose_key, encrypt_ksef_token
from .errors import ApiError, AuthenticationError, CertificateError, TransportError
from .messages import AuthOperation, Tokens
from .xades import auth_token_request, sign

# Code of a public key that KSeF no longer takes.
_KEY_REFUSED = 21470

# A longer text is no KSeF token: told by the status KSeF has for wrong tokens.
_LONGEST_TOKEN = 160
_TOKEN_REFUSED = 450

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 5.0


def log_in(
    client: KsefClient,
    nip: str,
    login: Credential | str,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    deadline: datetime,
) -> Tokens:
    """Log in to the context of this NIP with a certificate or a KSeF token.

    :raises CertificateError: the certificate cannot log in, or not today
    :raises AuthenticationError: KSeF refused; `code` is its status then
    :raises TransportError: no answer, or none before the deadline
    :raises ApiError: any other refusal
    """
    if isinstance(login, Credential):
        signed = _signed_request(client, nip, login, now)
        return log_in_signed(client, signed, now=now, sleep=sleep, deadline=deadline)
    operation = _begin_with_token(client, nip, login, now)
    return _finish(client, operation, now, sleep, deadline)


def new_request(client: KsefClient, nip: str) -> bytes:
    """A request with a fresh challenge, to be signed elsewhere within ten minutes."""
    return auth_token_request(client.challenge().challenge, nip)


def log_in_signed(
    client: KsefClient,
    signed_xml: bytes,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    deadline: datetime,
) -> Tokens:
    """Log in with a request that was signed elsewhere, by a seal or trusted profile.

    It is a `new_request`, good for one login; `xades.check_signed` tells before, so
    that no other file is sent. Raises as `log_in` does.
    """
    operation = client.authenticate_xades(signed_xml)
    return _finish(client, operation, now, sleep, deadline)


def _signed_request(
    client: KsefClient, nip: str, credential: Credential, now: Callable[[], datetime]
) -> bytes:
    if credential.purpose == "offline":
        raise CertificateError("wrong_purpose")
    credential.check_valid(now())
    by_fingerprint = credential.identifier_type == "Fingerprint"
    challenge = client.challenge()
    request = auth_token_request(
        challenge.challenge, nip, by_fingerprint=by_fingerprint
    )
    # By KSeF's clock: a signature from its future is invalid, and ours may be wrong.
    return sign(request, credential, challenge.time)


def _begin_with_token(
    client: KsefClient, nip: str, token: str, now: Callable[[], datetime]
) -> AuthOperation:
    if len(token) > _LONGEST_TOKEN:
        raise AuthenticationError(200, _TOKEN_REFUSED)
    try:
        return _hand_in_token(client, nip, token, now)
    except ApiError as error:
        if error.code != _KEY_REFUSED:
            raise
    # The key was withdrawn between the two calls: once more, with a new challenge.
    return _hand_in_token(client, nip, token, now)


def _hand_in_token(
    client: KsefClient, nip: str, token: str, now: Callable[[], datetime]
) -> AuthOperation:
    key = choose_key(client.public_keys(), TOKEN_ENCRYPTION, now())
    challenge = client.challenge()
    encrypted = encrypt_ksef_token(token, challenge.timestamp_ms, key)
    return client.authenticate_token(challenge, nip, encrypted, key.public_key_id)


def _finish(
    client: KsefClient,
    operation: AuthOperation,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    deadline: datetime,
) -> Tokens:
    _wait(client, operation, now, sleep, deadline)
    return client.redeem(operation.authentication_token)


def _wait(
    client: KsefClient,
    operation: AuthOperation,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    deadline: datetime,
) -> None:
    """Ask until KSeF has decided: below 200 it has not, from 400 on it refused."""
    pause = _FIRST_PAUSE
    while True:
        status = client.authentication_status(
            operation.reference_number, operation.authentication_token
        )
        if status.code >= 400:
            raise AuthenticationError(
                200, status.code, status.description, status.details
            )
        if status.code >= 200:
            return
        if now() + timedelta(seconds=pause) > deadline:
            raise TransportError("deadline", "login")
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
