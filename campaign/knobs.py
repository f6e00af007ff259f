"""What is turned in a worker before it works: sizes, so that a few invoices meet what
thousands do; pauses that nobody needs here; and the deliberate break.

The addon itself has none of these knobs.
"""

import base64
import sys
import time
from io import BytesIO

from odoo.tools.pdf import PdfFileWriter

from odoo.addons.base.models.ir_actions_report import IrActionsReport
from odoo.addons.l10n_pl_ksef.ksef import auth, batch, client, crypto, delivery
from odoo.addons.l10n_pl_ksef.models import (
    ksef_document_delivery,
    ksef_session,
    ksef_session_batch,
    ksef_session_online,
    ksef_session_opening,
    ksef_session_poll,
    res_company_connection,
)

#: How long a second is for those who wait for the simulator.
SECOND = 0.05

#: Where a transaction ends before a request, so that no death can undo what left.
BEFORE_REQUESTS = ("_bind", "_renew_lease", "_close")


def turn(
    hurry=False,
    online_at_most=None,
    batch_at_most=None,
    part_size=None,
    page_size=None,
    timeout=None,
    broken=False,
):
    """Turn the knobs that are given, for the life of this worker.

    :param hurry: no long pauses, and no program that prints.
    :param online_at_most: more documents than that leave by batch.
    :param batch_at_most: documents in a batch.
    :param part_size: bytes of a part of an archive.
    :param page_size: entries on a page of a session's list.
    :param timeout: seconds until an answer is late.
    :param broken: commit after the requests instead of before.
    """
    if hurry:
        _hurry()
    if online_at_most is not None:
        delivery.ONLINE_AT_MOST = online_at_most
    if batch_at_most:
        delivery.BATCH_AT_MOST = batch_at_most
    if part_size:
        batch.pack.__kwdefaults__["part_size"] = part_size
    if page_size:
        client.KsefClient.session_invoices.__kwdefaults__["page_size"] = page_size
    if timeout:
        res_company_connection.REQUEST_SECONDS = timeout
    if broken:
        _break()


class _Time:
    """The module ``time`` with short pauses."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def sleep(seconds):
        time.sleep(seconds * SECOND)


def _hurry():
    auth._FIRST_PAUSE *= SECOND
    ksef_session_poll.time = _Time
    page = _empty_page()
    IrActionsReport._run_wkhtmltopdf = lambda *_args, **_options: page


def _empty_page():
    """What is printed matters to nobody here."""
    writer, page = PdfFileWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(page)
    return page.getvalue()


def _break():
    """Let the commits before the requests wait for the next one behind them, and make
    the file that an online session carries there and then: as programs do that keep
    what they have sent once KSeF has answered."""
    for module in (
        ksef_session,
        ksef_session_batch,
        ksef_session_online,
        ksef_session_opening,
    ):
        module.commit = _late(module.commit)
    documents = ksef_document_delivery.KsefDocument
    documents._hand_over = _made_anew(documents._hand_over)


def _made_anew(hand_over):
    def anew(documents, session):
        hand_over(documents, session)
        if session.session_type == "batch":
            return  # packed before
        for document in documents:
            xml = document._bytes() + f"<!-- {time.time_ns()} -->".encode()
            document.write(
                {
                    "xml": base64.b64encode(xml),
                    "sha256": crypto.sha256_b64(xml),
                    "size": len(xml),
                }
            )

    return anew


def _late(commit):
    def late(env, processed=0):
        if sys._getframe(1).f_code.co_name in BEFORE_REQUESTS and not processed:
            env.flush_all()
            return float("inf")
        return commit(env, processed)

    return late
