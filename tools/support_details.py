"""What the ministry's help desk asks for, as one text. No secrets, and of persons
nothing but the NIP."""

from odoo import release

MODULE = "l10n_pl_ksef"

#: The help desk looks into one case: of more sessions the newest are named.
MOST_SESSIONS = 20


def support_details(env, documents, sessions):
    """Return the text about documents, and sessions, of one company."""
    blocks = [
        _connection(env, (documents.company_id or sessions.company_id)[:1]),
        *(_document(env, document) for document in documents),
        *(_session(env, session) for session in sessions[:MOST_SESSIONS]),
    ]
    return "\n\n".join(_block(block) for block in blocks)


def _block(pairs):
    return "\n".join(f"{label}: {value}" for label, value in pairs if value)


def _connection(env, company):
    owner = company._ksef_owner() or company
    addon = env["ir.module.module"]._get(MODULE)
    return [
        ("Odoo", release.version),
        (MODULE, addon.installed_version),
        (env._("NIP"), owner._ksef_nip()),
        (env._("Environment"), _label(owner, "ksef_environment")),
        (env._("Last trouble"), owner._ksef_connection().last_error),
    ]


def _document(env, document):
    return [
        (env._("Invoice"), document.number),
        (env._("KSeF number"), document.ksef_number),
        (env._("SHA-256"), document.sha256),
        (env._("Seller's NIP"), document.seller_nip),
        (env._("Environment"), _label(document, "environment")),
        (env._("Status"), _label(document, "state")),
        (env._("KSeF status code"), document.status_code),
        (env._("KSeF's answer"), document.status_text),
        (env._("Attempts"), document.attempts),
        (env._("Issue date"), document.issue_date),
        (env._("Offline mode"), _label(document, "offline_mode")),
        (env._("Accepted on"), _utc(document.accepted_at)),
        (env._("Number assigned"), _utc(document.acquired_at)),
        (env._("Visible to the buyer since"), _utc(document.stored_at)),
        (env._("Session"), document.session_id.reference_number),
        (env._("Reference in the session"), document.invoice_reference),
        (env._("Trace"), document.trace_id),
        (env._("Problem"), document.problem),
    ]


def _session(env, session):
    return [
        (env._("Session"), session.reference_number),
        (env._("Kind"), _label(session, "session_type")),
        (env._("Environment"), _label(session, "environment")),
        (env._("Status"), _label(session, "state")),
        (env._("KSeF status code"), session.status_code),
        (env._("KSeF's answer"), session.status_text),
        (env._("Opened on"), _utc(session.opened_at)),
        (env._("Closed on"), _utc(session.closed_at)),
        (env._("Finished on"), _utc(session.finished_at)),
        (env._("Documents"), session.document_count),
        (env._("Parts"), session.part_count),
        (env._("Trace"), session.trace_id),
        (env._("Problem"), session.problem),
    ]


def _label(record, name):
    """Return the words of a selection."""
    labels = record._fields[name]._description_selection(record.env)
    return dict(labels).get(record[name])


def _utc(moment):
    return moment and f"{moment:%Y-%m-%dT%H:%M:%SZ}"
