from lxml import html
from markupsafe import Markup

from odoo import api, models

#: The class of the block in the e-mail that speaks of KSeF.
BLOCK = "o_ksef_codes"


class AccountMoveSend(models.AbstractModel):
    """What the e-mail says of KSeF: its links and labels, as they are when it leaves.

    The user sees the block while composing. It is renewed at the end, for KSeF may
    have given the number meanwhile; who takes the block out gets none.
    """

    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move.send"

    @api.model
    def _get_default_mail_body(self, move, mail_template, mail_lang):
        body = super()._get_default_mail_body(move, mail_template, mail_lang)
        block = self._ksef_mail_block(move, mail_lang, composing=True)
        return (body or Markup()) + block

    @api.model
    def _ksef_mail_block(self, move, lang, composing=False):
        """Return the block in the language of the customer; empty outside KSeF. While
        composing, an invoice that sending will change has a place holder."""
        document = move._ksef_code_document()
        codes = document._codes() if document else []
        if not codes and not move._ksef_is_due():
            return Markup()
        if composing and not (document.ksef_number or document.offline_mode):
            codes = []
        return self.env["ir.qweb"]._render(
            "l10n_pl_ksef.mail_codes", {"codes": codes, "document": document}, lang=lang
        )

    @api.model
    def _get_mail_params(self, move, move_data):
        params = super()._get_mail_params(move, move_data)
        if params:
            block = self._ksef_mail_block(move, move_data["mail_lang"])
            params["body"] = _renewed(params["body"], block)
            params["attachments"] += move._ksef_offline_files()
        return params


def _renewed(body, block):
    """Return the body with what the block says now, if it has such a block."""
    if BLOCK not in (body or ""):
        return body
    root = html.fragment_fromstring(body, create_parent="div")
    former = root.find_class(BLOCK)
    if former and block:
        former[0].addprevious(html.fragment_fromstring(block.strip()))
    for old in former:
        old.drop_tree()
    return Markup(html.tostring(root, encoding="unicode"))
