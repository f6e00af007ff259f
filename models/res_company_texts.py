from stdnum.pl import regon

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..ksef import fa3
from ..mapping.plain import pairs
from ..mapping.texts import FOOTER_LENGTH, FOOTER_TEXTS

READERS = (
    "base.group_system,account.group_account_invoice,account.group_account_readonly"
)


class ResCompany(models.Model):
    """What every invoice of the company says in KSeF: footer, registers, texts."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_footer = fields.Text("Footer in KSeF", groups=READERS)
    ksef_krs = fields.Char("KRS", groups=READERS)
    ksef_regon = fields.Char("REGON", groups=READERS)
    ksef_bdo = fields.Char("BDO", groups=READERS)
    ksef_descriptions = fields.Text("Texts of every invoice in KSeF", groups=READERS)

    @api.constrains("ksef_krs", "ksef_regon", "ksef_bdo")
    def _check_ksef_registers(self):
        for company in self.sudo():
            if company.ksef_krs and not _digits(company.ksef_krs, 10):
                raise ValidationError(self.env._("KRS: enter its ten digits."))
            if company.ksef_regon and not _is_regon(company.ksef_regon):
                raise ValidationError(
                    self.env._(
                        "REGON %s is not valid: it has 9 or 14 digits, of which the"
                        " last one is a check digit.",
                        company.ksef_regon,
                    )
                )
            if company.ksef_bdo and not _digits(company.ksef_bdo, 9):
                raise ValidationError(self.env._("BDO: enter its nine digits."))

    @api.constrains("ksef_footer")
    def _check_ksef_footer(self):
        longest = FOOTER_LENGTH * FOOTER_TEXTS
        for company in self.sudo():
            if len(company.ksef_footer or "") > longest:
                raise ValidationError(
                    self.env._(
                        "Footer in KSeF: it has %(length)s characters, KSeF admits"
                        " %(limit)s. Shorten it.",
                        length=len(company.ksef_footer),
                        limit=longest,
                    )
                )

    @api.constrains("ksef_descriptions")
    def _check_ksef_descriptions(self):
        limit = fa3.limit(fa3.Description, "key")
        for company in self.sudo():
            for key, value in pairs(company.ksef_descriptions):
                if not key or not value or len(key) > limit:
                    raise ValidationError(
                        self.env._(
                            "Texts of every invoice in KSeF, line “%(line)s”: write"
                            " “name: text”, the name with at most %(limit)s"
                            " characters.",
                            line=f"{key}: {value}",
                            limit=limit,
                        )
                    )


def _digits(text, length):
    return len(text) == length and text.isascii() and text.isdigit()


def _is_regon(text):
    return text.isascii() and text.isdigit() and regon.is_valid(text)
