import base64
import hashlib
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..ksef.errors import KsefError, ProtocolError
from ..ksef.fa3 import NAMESPACE
from ..ksef.fa3.official import official_view
from ..ksef.transport import Transport
from ..models.res_company import REQUEST_SECONDS
from ..tools.transaction import commit

#: The only host that is asked; redirects are not followed.
HOST = "https://crd.gov.pl"

#: The largest of the files has some 150 kB.
MAX_BYTES = 2_000_000

SMALLEST = f'<Faktura xmlns="{NAMESPACE}"/>'.encode()


class StyleFile(NamedTuple):
    """A file of the official view: where it is, and which SHA-256 it is known by."""

    path: str
    sha256: str

    @property
    def name(self):
        return self.path.rpartition("/")[2]


FILES = {
    "style": StyleFile(
        "/wzor/2025/06/25/13775/styl.xsl",
        "a414d491fe368be1ca04c221c68d6ea3eefecfc2c196c874f81a629a27927791",
    ),
    "shared": StyleFile(
        "/xml/schematy/dziedzinowe/mf/2022/01/07/eD/DefinicjeSzablony"
        "/WspolneSzablonyWizualizacji_v12-0E.xsl",
        "6bdbdebb6b1a2832eba58ca5d1fb9e80922b1bca67fec67648940da7a0bb337d",
    ),
    "countries": StyleFile(
        "/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy"
        "/KodyKrajow_v10-0E.xsd",
        "48be2a9f181d7ff80f185c62491ba12604c5cacbbe21af8e2aaaf2c585bbd214",
    ),
}


class KsefOfficialView(models.TransientModel):
    """Fetches the ministry's style sheet once, and keeps it as attachments that no
    user reads directly. Files saved with a browser do as well."""

    _name = "ksef.official.view"
    _description = "Official view of KSeF invoices"

    style = fields.Binary("Style sheet (styl.xsl)", attachment=False)
    shared = fields.Binary(
        "Shared templates (WspolneSzablonyWizualizacji)", attachment=False
    )
    countries = fields.Binary("Countries (KodyKrajow)", attachment=False)
    comparison = fields.Text("What the files are", compute="_compute_comparison")

    @api.depends(*FILES)
    def _compute_comparison(self):
        for wizard in self:
            contents = wizard._contents()
            wizard.comparison = "\n".join(
                wizard._compared(FILES[field], content)
                for field, content in contents.items()
            )

    def _compared(self, file, content):
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 == file.sha256:
            return self.env._("%s: as it is known.", file.name)
        return self.env._(
            "%(name)s: another version than the known one (SHA-256 %(sha256)s).",
            name=file.name,
            sha256=sha256,
        )

    def _contents(self):
        """Return the bytes of each file that is here."""
        full = self.with_context(bin_size=False)
        return {name: base64.b64decode(full[name]) for name in FILES if full[name]}

    def action_fetch(self):
        """Fetch the files from the ministry, to be looked at before they are kept.

        :raises UserError: they did not come
        """
        self.ensure_one()
        commit(self.env)  # no transaction of ours waits for a server
        transport = Transport(HOST, timeout=REQUEST_SECONDS)
        try:
            contents = {
                field: transport.fetch(HOST + file.path, max_bytes=MAX_BYTES).body
                for field, file in FILES.items()
            }
        except KsefError as error:
            raise UserError(
                self.env._(
                    "crd.gov.pl did not give the files (%s). Save them with a browser"
                    " and choose them here.",
                    error,
                )
            ) from error
        finally:
            transport.close()
        self.write({name: base64.b64encode(body) for name, body in contents.items()})
        return self._get_records_action(target="new")

    def action_keep(self):
        """Use these files from now on.

        :raises UserError: one is missing, or they are no style sheet
        """
        self.ensure_one()
        contents = self._contents()
        if contents.keys() != FILES.keys():
            raise UserError(self.env._("Choose all three files, or fetch them."))
        try:
            official_view(SMALLEST, **contents)
        except ProtocolError as error:
            raise UserError(
                self.env._("These files are not the style sheet: %s", error)
            ) from error
        self._kept().unlink()
        self.env["ir.attachment"].sudo().create(
            [
                {
                    "name": field,
                    "raw": content,
                    "res_model": self._name,
                    "description": FILES[field].name,
                }
                for field, content in contents.items()
            ]
        )
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _kept(self):
        """Return the attachments with the files."""
        kept = Domain("res_model", "=", self._name) & Domain("name", "in", list(FILES))
        return self.env["ir.attachment"].sudo().search(kept)

    @api.model
    def _kept_files(self):
        """Return the bytes of each file; nothing until they have been kept."""
        return {file.name: file.raw for file in self._kept()}
