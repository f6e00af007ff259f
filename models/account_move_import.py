from lxml import etree
from markupsafe import Markup

from odoo import api, models

from ..ksef.errors import Fa3Error, ProtocolError
from ..ksef.fa3 import parse
from ..ksef.fa3.foreign import carries_document_type, is_ministry_invoice
from ..ksef.fa3.xml import parse_xml
from ..mapping import parties
from ..mapping.counterparties import is_own_sale
from ..tools.invoice_archive import MOST_FILES, invoices_in, is_archive
from ..tools.user_message import user_message
from .account_move import LINKING

INVOICE, ARCHIVE = "l10n_pl_ksef.fa3", "l10n_pl_ksef.zip"

#: Above that of UBL and the like, as other national formats have it.
PRIORITY = 20

#: Odoo takes the files of users for text.
XML_TYPES = ("text/plain", "text/xml", "application/xml")


class AlreadyHere:
    """The bills of files that were dropped once more, by the bill that was begun. An
    object, since Odoo takes equal contexts for one."""

    def __init__(self):
        self.bills = {}


class AccountMove(models.Model):
    """Files of KSeF that come another way: dropped on a journal or a list of bills,
    mailed to its alias, one by one or in a ZIP. They become what they would have become
    had KSeF brought them."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------
    # Which files
    # ------------------------------------------------------------------

    @api.model
    def _get_xml_tree(self, file_data):
        """No file with a document type reaches Odoo's own parser: with the lxml of
        Debian 12 it reads files of the server through entities."""
        content = file_data["raw"] or b""
        hostile = _is_xml(file_data) and carries_document_type(content)
        if not hostile and not is_ministry_invoice(content):
            return super()._get_xml_tree(file_data)
        file_data["ksef_invoice"] = True
        try:
            return parse_xml(content)
        except Fa3Error:
            return etree.Element("unreadable")  # the decoder says why

    @api.model
    def _get_import_file_type(self, file_data):
        if file_data.get("ksef_invoice"):
            return INVOICE
        if self._ksef_open_archive(file_data):
            return ARCHIVE
        return super()._get_import_file_type(file_data)

    @api.model
    def _ksef_open_archive(self, file_data):
        """Tell whether a file is a ZIP with invoices, or one that is better refused."""
        content = file_data["raw"] or b""
        if not is_archive(file_data["name"], file_data["mimetype"], content):
            return False
        try:
            file_data["ksef_invoices"] = invoices_in(content)
        except ProtocolError:
            file_data["ksef_invoices"] = None
        return file_data["ksef_invoices"] != []

    @api.model
    def _unwrap_attachment(self, file_data, recurse=True):
        """Each invoice of a ZIP is a file of its own; the ZIP stays with the first."""
        if file_data["import_file_type"] != ARCHIVE or not file_data["ksef_invoices"]:
            return super()._unwrap_attachment(file_data, recurse)
        attachments = self.env["ir.attachment"].create(
            [
                {"name": f"{name}.xml", "raw": content, "mimetype": "application/xml"}
                for name, content in file_data["ksef_invoices"]
            ]
        )
        unwrapped = self._to_files_data(attachments)
        unwrapped[0]["origin_attachment"] = file_data["origin_attachment"]
        return unwrapped

    def _should_attach_to_record(self, attachment):
        return super()._should_attach_to_record(attachment) or bool(
            attachment
            and not attachment.res_field
            and attachment.mimetype in XML_TYPES
            and is_ministry_invoice(attachment.raw or b"")
        )

    @api.model
    def _create_records_from_attachments(self, attachments, grouping_method=None):
        """What is here already takes the place of the bill that was begun for it."""
        here = AlreadyHere()
        records = super(
            AccountMove, self.with_context(ksef_here=here)
        )._create_records_from_attachments(attachments, grouping_method)
        begun = self.browse(here.bills)
        left = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "in", begun.ids)]
        )
        for attachment in left:
            if not is_ministry_invoice(attachment.raw or b""):
                attachment.res_id = here.bills[attachment.res_id].id
        begun.unlink()
        return (records - begun) | self.union(*here.bills.values())

    def _autopost_bill(self):
        """A file that is dropped once more may lead to a bill that is posted."""
        return super()._autopost_bill() if self.state == "draft" else None

    # ------------------------------------------------------------------
    # What becomes of them
    # ------------------------------------------------------------------

    def _get_edi_decoder(self, file_data, new=False):
        kind = file_data["import_file_type"]
        empty = self.state in (False, "draft") and not self.invoice_line_ids
        if kind == INVOICE and empty:
            return {"priority": PRIORITY, "decoder": _decode_invoice}
        if kind == ARCHIVE and empty and file_data["ksef_invoices"] is None:
            return {"priority": PRIORITY, "decoder": _refuse_archive}
        if kind in (INVOICE, ARCHIVE):
            return None  # a mailed or commented copy of what the invoice says already
        return super()._get_edi_decoder(file_data, new)

    def _ksef_decode(self, xml):
        """Fill an empty bill from a file. Returns why it cannot be, or nothing."""
        try:
            invoice = parse(xml)
        except Fa3Error as error:
            return user_message(self.env, error)
        documents = self.env["ksef.document"].sudo()
        same = documents._of_file(self.company_id, xml, invoice)
        reason = self._ksef_reason_not_to_fill(invoice)
        reason = reason or self._ksef_reason_of_double(same)
        if not reason:
            self._ksef_fill(invoice, documents._keep_file(self, xml, invoice))
        return reason

    def _ksef_reason_not_to_fill(self, invoice):
        own = parties.nip(self.company_id.sudo().partner_id)
        sold = is_own_sale(invoice.seller.nip, invoice.buyer.nip, own)
        kind = self.journal_id.type
        if sold and kind != "sale":
            return self.env._(
                "It was issued by your company. Drop it on a journal of sales."
            )
        if not sold and kind != "purchase":
            return self.env._(
                "It was issued to your company. Drop it on a journal of vendor bills."
            )
        currencies = self.env["res.currency"].with_context(active_test=False)
        if not currencies.search_count([("name", "=", invoice.currency)], limit=1):
            return self.env._(
                "Odoo does not know the currency %s of this invoice. Create it first.",
                invoice.currency,
            )
        return None

    def _ksef_reason_of_double(self, documents):
        """Return the sentence on the bill that the file has already."""
        document = documents[:1]
        if not document:
            return None
        bill = document.move_id.with_env(self.env)
        if not bill:
            return self.env._(
                "It is among the KSeF documents already, without a bill. Create the"
                " bill there: %s.",
                document.ksef_number or document.number,
            )
        if document.move_id.company_id not in self.env.companies:
            return self.env._("It is here already, in another company.")
        here = self.env.context.get("ksef_here")
        if here:
            here.bills[self.id] = bill
            message = self.env._("The same file was dropped once more: no second bill.")
            bill._message_log(body=message)
        return Markup("%s %s") % (
            self.env._("It is here already:"),
            bill._get_html_link(),
        )

    def _ksef_fill(self, invoice, document):
        """Write the values that a bill from KSeF would have had."""
        company, journal = self.company_id, self.journal_id
        # Partners are created where the settings want it, whoever drops the file.
        bills = self.sudo().with_company(company)
        (bill,) = bills._ksef_bills(company, [invoice], journal)
        values = bill.values | {"ksef_document_id": document.id}
        for name in ("company_id", "journal_id"):
            values.pop(name, None)
        filled = self.sudo().with_context(
            ksef_linking=LINKING, skip_is_manually_modified=True
        )
        with filled._get_edi_creation() as move:
            move.write(values)
        self._ksef_link_named()
        self._ksef_tell_notes([bill.notes])
        self.sudo()._ksef_match_orders([invoice])

    def _ksef_archive_refusal(self):
        return self.env._(
            "The archive is damaged, or unpacks to too much. Drop the invoices"
            " themselves, or at most %s in an archive.",
            MOST_FILES,
        )


def _decode_invoice(move, file_data, _new):
    return move._ksef_decode(file_data["raw"])


def _refuse_archive(move, _file_data, _new):
    return move._ksef_archive_refusal()


def _is_xml(file_data):
    """Tell whether Odoo would read the file as XML."""
    mimetype, name = file_data["mimetype"] or "", file_data["name"] or ""
    return mimetype.endswith("/xml") or "text/plain" in mimetype or name.endswith("xml")
