"""The management interface: what the simulator holds, and its knobs.

GET    /manage                         a page for people
GET    /manage/state                   the same as JSON
POST   /manage/invoices                body: FA(3) XML -> {"ksefNumber"}
GET    /manage/invoices/<number>       the stored bytes
POST   /manage/certificates            {kind, nip | pesel | name, key, password,
                                       label, not_before, not_after} -> PEM texts
POST   /manage/tokens                  {nip, permissions} -> {"token"}
POST   /manage/grants                  {context, identifier_type, identifier,
                                       permissions, context_type}
POST   /manage/persons                 {pesel, nip}
POST   /manage/faults                  {name, ...}; DELETE: none any more
POST   /manage/clock                   {now, stopped} or {advance}
POST   /manage/delay                   {steps, seconds}
POST   /manage/rate-limits             {on, <group>: [second, minute, hour]}
POST   /manage/settings                {part_size, package_limit, ...}
POST   /manage/status                  {status, text, event, start, end, ...}: what the
                                       lighthouse says
POST   /manage/away                    {on, house, how}
POST   /manage/keys/rotate             withdraw the public keys, publish new ones
GET    /manage/requests                the log; DELETE: forget it
GET    /manage/counts                  requests worked on, by group of limits
GET    /manage/ledger                  {"hashes": {hash: times}, "keys": [[nip, kind,
                                       number, times]]}: what was accepted, how often
"""

import json
from dataclasses import asdict, replace
from html import escape

from lxml import etree
from werkzeug.wrappers import Response

from . import certificates
from .call import invalid
from .clock import parse_moment, stamp


def page(call):
    """GET /manage"""
    held = _state(call.simulator)
    sections = "".join(_table(name, rows) for name, rows in held.items())
    return Response(
        "<!doctype html><html lang='en'><title>KSeF simulator</title>"
        "<style>body{font:14px sans-serif;margin:2em}td,th{text-align:left;"
        "padding:2px 12px 2px 0}</style><h1>KSeF simulator</h1>"
        f"<p>{escape(stamp(call.now))}</p>{sections}</html>",
        content_type="text/html; charset=utf-8",
    )


def state(call):
    """GET /manage/state"""
    return _answer({"now": stamp(call.now), **_state(call.simulator)})


def put_invoice(call):
    """POST /manage/invoices"""
    return _answer({"ksefNumber": call.simulator.put_invoice(call.request.get_data())})


def invoice(call):
    """GET /manage/invoices/<number>"""
    found = call.store.invoices.get(call.args["number"])
    if found is None:
        return Response(status=404)
    return Response(found.xml, content_type="application/xml")


def certificate(call):
    """POST /manage/certificates"""
    order = _moments(_params(call), "not_before", "not_after")
    crt, key = call.simulator.issue_certificate(**order)
    return _answer({"certificate": crt.decode(), "key": key.decode()})


def token(call):
    """POST /manage/tokens"""
    return _answer({"token": call.simulator.new_token(**_params(call))})


def grant(call):
    """POST /manage/grants"""
    call.simulator.grant(**_params(call))
    return _answer({})


def person(call):
    """POST /manage/persons"""
    call.simulator.link_person(**_params(call))
    return _answer({})


def fault(call):
    """POST /manage/faults"""
    call.simulator.fault(**_params(call))
    return _answer({})


def no_faults(call):
    """DELETE /manage/faults"""
    call.simulator.clear_faults()
    return _answer({})


def clock(call):
    """POST /manage/clock"""
    params = _params(call)
    if "advance" in params:
        call.simulator.advance(params["advance"])
    else:
        moment = parse_moment(params["now"]) if params.get("now") else None
        call.simulator.set_clock(moment, stopped=bool(params.get("stopped")))
    return _answer({"now": stamp(call.simulator.clock.now())})


def delay(call):
    """POST /manage/delay"""
    call.simulator.set_delay(**_params(call))
    return _answer({})


def rate_limits(call):
    """POST /manage/rate-limits"""
    call.simulator.rate_limits(**_params(call))
    return _answer({})


def settings(call):
    """POST /manage/settings"""
    call.simulator.set(**_params(call))
    return _answer({})


def lighthouse(call):
    """POST /manage/status"""
    message = _moments(_params(call), "start", "end")
    return _answer(call.simulator.announce(**message) or {})


def gone(call):
    """POST /manage/away"""
    call.simulator.away(**_params(call))
    return _answer({})


def rotate(call):
    """POST /manage/keys/rotate"""
    call.simulator.rotate_keys()
    return _answer({})


def requests(call):
    """GET /manage/requests"""
    return _answer([asdict(request) for request in call.simulator.requests])


def counts(call):
    """GET /manage/counts"""
    return _answer(call.simulator.counts())


def ledger(call):
    """GET /manage/ledger"""
    held = call.simulator.ledger()
    keys = [[*key, times] for key, times in held.by_key.items()]
    return _answer({"hashes": held.by_hash, "keys": keys})


def forget_requests(call):
    """DELETE /manage/requests"""
    call.simulator.requests.clear()
    return _answer({})


def _guarded(run):
    """Turn a wrong name or value into a 400 that says which."""

    def guarded(call):
        try:
            return run(call)
        except (KeyError, TypeError, ValueError, etree.XMLSyntaxError) as error:
            raise invalid(f"{type(error).__name__}: {error}") from error

    return guarded


_ALL = (
    ("GET", "/manage", page),
    ("GET", "/manage/state", state),
    ("POST", "/manage/invoices", put_invoice),
    ("GET", "/manage/invoices/<number>", invoice),
    ("POST", "/manage/certificates", certificate),
    ("POST", "/manage/tokens", token),
    ("POST", "/manage/grants", grant),
    ("POST", "/manage/persons", person),
    ("POST", "/manage/faults", fault),
    ("DELETE", "/manage/faults", no_faults),
    ("POST", "/manage/clock", clock),
    ("POST", "/manage/delay", delay),
    ("POST", "/manage/rate-limits", rate_limits),
    ("POST", "/manage/settings", settings),
    ("POST", "/manage/status", lighthouse),
    ("POST", "/manage/away", gone),
    ("POST", "/manage/keys/rotate", rotate),
    ("GET", "/manage/requests", requests),
    ("DELETE", "/manage/requests", forget_requests),
    ("GET", "/manage/counts", counts),
    ("GET", "/manage/ledger", ledger),
)


ADDRESSES = tuple((method, path, _guarded(run)) for method, path, run in _ALL)


def _params(call):
    return json.loads(call.request.get_data() or b"{}")


def _moments(params, *names):
    read = {name: parse_moment(params[name]) for name in names if params.get(name)}
    return {**params, **read}


def _state(simulator):
    store = simulator.store
    return {
        "invoices": [_invoice(found) for found in store.invoices.values()],
        "sessions": [_session(session) for session in store.sessions.values()],
        "exports": [
            {"reference": e.reference, "context": e.context.value, "code": e.code}
            for e in store.exports.values()
        ],
        "certificates": [
            {
                "serial": c.serial,
                "kind": c.kind,
                "subject": c.subject.value,
                "state": certificates.state(c, simulator.clock.now()),
            }
            for c in store.certificates.values()
        ],
        "faults": [asdict(replace(fault)) for fault in simulator.faults.waiting],
    }


def _invoice(found):
    return {
        "ksefNumber": found.ksef_number,
        "number": found.facts.number,
        "seller": found.seller,
        "buyer": found.buyer,
        "issueDate": found.facts.issue_date.isoformat(),
        "gross": found.facts.gross,
        "mode": found.mode,
        "storageDate": stamp(found.storage_date),
        "hash": found.hash,
        "session": found.session_reference,
    }


def _session(session):
    return {
        "reference": session.reference,
        "context": session.context.value,
        "code": session.code,
        "files": [
            {"reference": e.reference, "code": e.code, "hash": e.declared_hash}
            for e in session.submissions
        ],
    }


def _table(name, rows):
    if not rows:
        return f"<h2>{name}</h2><p>none</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in rows[0])
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row.values()) + "</tr>"
        for row in rows
    )
    return f"<h2>{name} ({len(rows)})</h2><table><tr>{head}</tr>{lines}</table>"


def _answer(payload):
    text = json.dumps(payload, ensure_ascii=False, default=str)
    return Response(text, content_type="application/json; charset=utf-8")
