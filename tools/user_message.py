"""Errors and status codes as sentences for the user: what is wrong, what to do.

The only place where they are worded. KSeF's own Polish text always stands beside.
"""

from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    BudgetError,
    CertificateError,
    Fa3Error,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from .certificate_message import (
    certificate_message,
    register_sentence,
    vault_message,
)
from .fa3_message import fa3_message
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


def error_details(error):
    """Return what the support of KSeF asks for about an error, for no other reader."""
    request, trace = (getattr(error, name, None) for name in ("request", "trace_id"))
    # The text of a TransportError names its request already.
    asked = request if request and request not in str(error) else None
    told = (type(error).__name__, asked, str(error), trace and f"trace {trace}")
    return "; ".join(filter(None, told))


def status_message(env, status, *, self_billing=False):
    """Return what an invoice status of KSeF means for the user."""
    advice = {
        410: _right_missing(env, self_billing=self_billing),
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


def _right_missing(env, *, self_billing):
    if self_billing:
        return env._(
            "The vendor has not allowed this company to issue invoices in its name."
            " Ask the vendor to grant the company's NIP the right SelfInvoicing"
            " (samofakturowanie) in KSeF, then send again."
        )
    return env._(
        "The login certificate has no right to issue invoices for this seller."
        " Have the right InvoiceWrite granted in KSeF, then send again."
    )


def session_message(env, status):
    """Return why the invoices of a failed session have to be sent again."""
    text = env._("KSeF could not read the session. The invoices are sent once more.")
    return _with_ksef_words(env, text, status)


def export_message(env, status):
    """Return why KSeF did not deliver a package of invoices."""
    text = env._("KSeF did not deliver the invoices. They will be ordered again.")
    return _with_ksef_words(env, text, status)


def enrolment_message(env, answer):
    """Return why KSeF did not issue a certificate that was asked for."""
    text = env._("KSeF did not issue the certificate.")
    return _with_ksef_words(env, text, answer)


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


def _budget(env, error):
    minutes = -(-error.retry_after // 60)
    return env._(
        "So many requests went to KSeF lately that this one has to wait %s min. Odoo"
        " goes on by itself.",
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
    elif error.reason_code == "auth-method-not-allowed":
        text = register_sentence(env, 25002)
    elif error.permissions:
        text = _lacks_one_of(env, error.permissions)
    elif error.status == 403:
        text = env._(
            "The login certificate lacks a right in KSeF. Have the rights InvoiceWrite"
            " and InvoiceRead granted to its owner."
        )
    else:
        text = env._("KSeF refused the login. Check the connection in the settings.")
    return _with_ksef_words(env, text, error)


def _lacks_one_of(env, permissions):
    words = {
        "InvoiceWrite": env._("issuing invoices"),
        "InvoiceRead": env._("reading invoices"),
        "Introspection": env._("looking into sessions"),
        "CredentialsManage": env._("managing rights"),
        "CredentialsRead": env._("reading rights"),
    }
    named = [f"{words[one]} ({one})" if one in words else one for one in permissions]
    return env._(
        "The login to KSeF lacks the right for this. Have one of these rights granted"
        " to its owner for the NIP of the company: %s.",
        ", ".join(named),
    )


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
    text = register_sentence(env, error.code) or env._("KSeF refused the request.")
    if error.code in (21115, 9105, 21117):
        text = _login_bad_certificate(env)
    return _with_ksef_words(env, text, error)


def _protocol(env, error):
    return env._(
        "KSeF answered in a way that this version of Odoo does not understand: %s",
        error,
    )


def _fa3(env, error):
    lines = [fa3_message(env, finding) for finding in error.errors]
    return env._("This file is not a readable FA(3) invoice.") + "\n" + "\n".join(lines)


#: Most special first.
_WORDS = (
    (VaultError, vault_message),
    (TransportError, _transport),
    (BudgetError, _budget),
    (RateLimitError, _rate_limit),
    (AuthenticationError, _authentication),
    (ServerError, _server),
    (ApiError, _api),
    (ProtocolError, _protocol),
    (CertificateError, certificate_message),
    (Fa3Error, _fa3),
)
