"""Errors and status codes as sentences for the user: what is wrong, what to do.

The only place where they are worded. KSeF's own Polish text always stands beside.
"""

from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    CertificateError,
    Fa3Error,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from .vault import VaultError


def user_message(env, error):
    """Return the sentence for a KsefError."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words(env, error)
    return str(error)


def ksef_words(answer):
    """Return what KSeF itself wrote, of an error, an invoice or a session status."""
    head = f"{answer.code}: {answer.description}" if answer.code else answer.description
    return "; ".join(filter(None, (head, *answer.details)))


def fa3_message(env, path, message):
    """Return one violation of the FA(3) schema, with the element it is in."""
    return env._("FA(3) element %(path)s: %(message)s", path=path, message=message)


def status_message(env, status):
    """Return what an invoice status of KSeF means for the user."""
    advice = {
        410: env._(
            "The login certificate has no right to issue invoices for this seller."
            " Have the right InvoiceWrite granted in KSeF, then send again."
        ),
        415: env._(
            "KSeF does not take invoices with attachments from this company. Register"
            " them in e-Urząd Skarbowy, then send again."
        ),
        440: env._("KSeF already has an invoice with this number."),
        450: env._(
            "The invoice does not keep the rules of KSeF. Reset it to draft, correct"
            " it and post it again."
        ),
    }
    text = advice.get(status.code) or env._("KSeF did not take the invoice.")
    return _with_ksef_words(env, text, status)


def session_message(env, status):
    """Return why the invoices of a failed session have to be sent again."""
    text = env._("KSeF could not read the session. The invoices are sent once more.")
    return _with_ksef_words(env, text, status)


def export_message(env, status):
    """Return why KSeF did not deliver a package of invoices."""
    text = env._("KSeF did not deliver the invoices. They will be ordered again.")
    return _with_ksef_words(env, text, status)


def _with_ksef_words(env, text, answer):
    words = ksef_words(answer)
    if not words:
        return text
    return env._("%(text)s KSeF says: %(words)s", text=text, words=words)


def _transport(env, error):
    reasons = {
        "timeout": env._("no answer in time"),
        "tls": env._("no secure connection"),
        "cut": env._("the answer broke off"),
        "deadline": env._("the login took too long"),
    }
    return env._(
        "KSeF cannot be reached: %s. Nothing is lost: what waits is sent later by"
        " itself.",
        reasons.get(error.reason) or env._("no connection"),
    )


def _rate_limit(env, error):
    minutes = -(-error.retry_after // 60)
    return env._(
        "KSeF asks for a pause of %s min because of too many requests. Odoo goes on by"
        " itself afterwards.",
        minutes,
    )


def _server(env, error):
    text = env._("KSeF has trouble of its own. Nothing is lost: Odoo tries again.")
    return _with_ksef_words(env, text, error)


def _authentication(env, error):
    if error.status == 200:
        text = _LOGIN_REFUSED.get(error.code, _login_refused)(env)
    elif error.reason_code == "security-service-blocked":
        text = env._(
            "The protection systems of KSeF blocked this server. Give the number of the"
            " incident to the support of KSeF."
        )
    elif error.status == 403:
        text = env._(
            "The login certificate lacks a right in KSeF. Have the rights InvoiceWrite"
            " and InvoiceRead granted to its owner."
        )
    else:
        text = env._("KSeF refused the login. Check the connection in the settings.")
    return _with_ksef_words(env, text, error)


def _login_refused(env):
    return env._("KSeF refused the login.")


def _login_without_rights(env):
    return env._(
        "The owner of this certificate has no rights in KSeF for the NIP of the"
        " company. Have the rights InvoiceWrite and InvoiceRead granted, or check the"
        " NIP of the company."
    )


def _login_bad_token(env):
    return env._("KSeF does not accept this KSeF token. Make a new one and enter it.")


def _login_bad_certificate(env):
    return env._(
        "KSeF does not accept this certificate: it may be revoked, or belong to another"
        " environment. Upload a valid authentication certificate."
    )


_LOGIN_REFUSED = {
    415: _login_without_rights,
    450: _login_bad_token,
    460: _login_bad_certificate,
}


def _api(env, error):
    text = env._("KSeF refused the request.")
    if error.code in (21115, 9105, 21117):
        text = _login_bad_certificate(env)
    return _with_ksef_words(env, text, error)


def _protocol(env, error):
    return env._(
        "KSeF answered in a way that this version of Odoo does not understand: %s",
        error,
    )


def _fa3(env, error):
    lines = [fa3_message(env, *violation) for violation in error.errors]
    return env._("This file is not a readable FA(3) invoice.") + "\n" + "\n".join(lines)


def _vault(env, error):
    return {
        "missing": env._(
            "The master key that opens the stored KSeF keys is missing on this server."
            " Bring back KSEF_MASTER_KEY or the file ksef_master.key, or delete the"
            " certificates and upload them again."
        ),
        "other_key": env._(
            "The stored KSeF key was sealed with another master key. Bring that key"
            " back, or delete the certificate and upload it again."
        ),
        "too_short": env._(
            "The master key KSEF_MASTER_KEY is too short: give at least 32 characters."
        ),
        "damaged": env._(
            "The stored KSeF key is damaged. Delete the certificate and upload it"
            " again."
        ),
        "unwritable": env._(
            "The master key cannot be written to Odoo's data directory. Give the server"
            " the right to write there, or set KSEF_MASTER_KEY."
        ),
    }[error.reason]


def _certificate(env, error):
    sentences = (
        _file_sentences(env) | _credential_sentences(env) | _connection_sentences(env)
    )
    text = sentences.get(error.reason, env._("The certificate cannot be used."))
    found = _found_sentences(env).get(error.found)
    return f"{text} {found}" if found else text


def _file_sentences(env):
    return {
        "unreadable": env._("Certificate: the file cannot be read."),
        "not_a_certificate": env._(
            "Certificate: this file is no certificate. Choose the .crt file (or .p12)."
        ),
        "certificate_missing": env._("Certificate: choose the .crt file (or .p12)."),
        "key_missing": env._("Private key: choose the .key file."),
        "token_missing": env._("KSeF token: enter the token."),
        "unreadable_key": env._(
            "Private key: this file is no private key. Choose the .key file that was"
            " saved when the certificate was applied for."
        ),
        "password_missing": env._(
            "Password: the private key is protected. Enter the password that was set"
            " when the certificate was applied for."
        ),
        "wrong_password": env._("Password: it does not open the private key."),
        "key_mismatch": env._(
            "Private key: it belongs to another certificate. Choose the .key file that"
            " was saved together with this certificate."
        ),
        "unsupported_key": env._(
            "Private key: KSeF takes RSA keys of at least 2048 bits and EC keys of at"
            " least 256 bits."
        ),
    }


def _credential_sentences(env):
    return {
        "unknown_purpose": env._(
            "Certificate: it is neither for authentication nor for offline work."
        ),
        "wrong_purpose": env._(
            "Certificate: this is an Offline certificate; it signs QR codes and cannot"
            " log in. Upload the authentication certificate (purpose"
            " “Uwierzytelnienie w systemie KSeF”)."
        ),
        "wrong_purpose_offline": env._(
            "Certificate: this is an authentication certificate; it cannot sign QR"
            " codes offline. Upload the Offline certificate (purpose “Podpis linku do"
            " weryfikacji wystawcy”)."
        ),
        "expired": env._("Certificate: it has expired. Upload a valid one."),
        "not_yet_valid": env._(
            "Certificate: it is not valid yet. Upload it once its validity has begun."
        ),
    }


def _connection_sentences(env):
    return {
        "missing": env._(
            "There is no certificate or token to log in to KSeF with. Add one under"
            " Settings > KSeF."
        ),
        "offline_missing": env._(
            "There is no valid Offline certificate to sign the QR code of the issuer"
            " with. Add one under Settings > KSeF > Work in offline mode."
        ),
        "secret_missing": env._(
            "The private key of this certificate has been removed from this database."
            " Delete the certificate and upload it again."
        ),
        "environment_missing": env._(
            "KSeF environment: choose it under Settings > KSeF and save."
        ),
        "other_environment": env._(
            "Certificate: it belongs to another KSeF environment than the one chosen"
            " under Settings > KSeF."
        ),
        "addresses_missing": env._(
            "KSeF: give the API address and the QR code address under Settings > KSeF."
        ),
        "company_without_nip": env._(
            "Tax ID: the company has no Polish NIP. Enter it in the company's data."
        ),
    }


def _found_sentences(env):
    return {
        "empty": env._("The file is empty."),
        "image": env._("The file is a picture."),
        "pdf": env._("The file is a PDF document."),
        "zip": env._("The file is a ZIP archive: unpack it first."),
        "xml": env._("The file is an XML document."),
        "text": env._("The file is a text."),
        "certificate": env._("The file is a certificate."),
        "certificate_request": env._("The file is a certificate request."),
        "private_key": env._("The file is a private key."),
        "public_key": env._("The file is a public key."),
        "pkcs12": env._("The file is a .p12 with certificate and key."),
        "pkcs7": env._("The file is a chain of certificates (PKCS#7)."),
    }


#: Most special first.
_WORDS = (
    (VaultError, _vault),
    (TransportError, _transport),
    (RateLimitError, _rate_limit),
    (AuthenticationError, _authentication),
    (ServerError, _server),
    (ApiError, _api),
    (ProtocolError, _protocol),
    (CertificateError, _certificate),
    (Fa3Error, _fa3),
)
