"""What is wrong with a certificate, its key, a request for one, or the master key.

A part of `user_message`, which is what everybody asks.
"""


def vault_message(env, error):
    """Return the sentence for a VaultError."""
    return {
        "missing": env._(
            "The master key that opens the stored KSeF keys is missing on this server."
            " Bring back KSEF_MASTER_KEY or the file ksef_master.key. If it is lost,"
            " give the keys up under Settings > KSeF and upload the certificates again."
        ),
        "other_key": env._(
            "The stored KSeF key was sealed with another master key. Bring that key"
            " back. If it is lost, give the keys up under Settings > KSeF and upload"
            " the certificates again."
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


def certificate_message(env, error):
    """Return the sentence for a CertificateError."""
    sentences = (
        _file_sentences(env)
        | _credential_sentences(env)
        | _connection_sentences(env)
        | _enrolment_sentences(env)
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
            " with. Add one under Settings > KSeF > Offline certificate."
        ),
        "revoked": env._(
            "Certificate: it has been revoked in KSeF and cannot be used any more. Add"
            " another one under Settings > KSeF."
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


def _enrolment_sentences(env):
    return {
        "enrolment_by_token": register_sentence(env, 25002),
        "enrolment_limit": register_sentence(env, 25006),
        "certificate_limit": register_sentence(env, 25007),
        "enrolment_login": env._(
            "There is no login certificate of the same owner to ask KSeF with. Log in"
            " once with a request that is signed outside Odoo, under Settings > KSeF >"
            " First login."
        ),
        "enrolment_unfinished": env._(
            "KSeF may already have issued this certificate, but Odoo cannot log in as"
            " its owner to fetch it. Log in once more under Settings > KSeF > First"
            " login: Odoo goes on with this request then."
        ),
        "enrolment_busy": env._(
            "Odoo is just beginning another request of this company. Look into the list"
            " of certificates before you ask again."
        ),
        "enrolment_name": env._(
            "Name: KSeF takes 5 to 90 letters, digits, spaces, hyphens and underscores."
        ),
        "request_missing": env._("Login request: download it and sign it first."),
        "signed_file_missing": env._(
            "Signed request: choose the XML file that you have signed."
        ),
        "request_unreadable": env._("Signed request: this file is no XML document."),
        "request_unsigned": env._(
            "Signed request: there is no signature in this file. Sign it in the format"
            " XAdES (enveloped or enveloping) and choose the signed file."
        ),
        "request_other": env._(
            "Signed request: it is not the one that was downloaded last. Download the"
            " request again, sign that file and choose it."
        ),
    }


def register_sentence(env, code):
    """Return what a refusal of KSeF's register of certificates means for the user."""
    by_signature = env._(
        "KSeF gives certificates only to who logs in with a certificate, not to a KSeF"
        " token. Choose the login by certificate under Settings > KSeF, or log in once"
        " under Settings > KSeF > First login."
    )
    return {
        25001: by_signature,
        25002: by_signature,
        25003: env._(
            "KSeF found other data in the request than it has of the owner. Try again."
        ),
        25006: env._(
            "KSeF takes no more requests for certificates from this owner: the limit is"
            " reached."
        ),
        25007: env._(
            "The owner has as many certificates as KSeF allows. Revoke one that is not"
            " needed any more under Settings > KSeF > Certificates in KSeF."
        ),
        25008: env._("KSeF does not know this certificate."),
        25009: env._("KSeF cannot revoke this certificate: it has ended already."),
    }.get(code)
