import base64
from pathlib import Path

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import config

from ..ksef.errors import CertificateError
from ..tools.transaction import commit
from ..tools.vault import Vault, VaultError

#: What a sealed secret is bound to: it opens as nothing else.
PURPOSE = "ksef.certificate/secret"
IMPORT_PURPOSE = "ksef.import/key"
PROOF_PURPOSE = "ksef.session/proof"

#: Every place in which something sealed is kept: model, field, purpose.
SEALED = (
    ("ksef.certificate", "sealed_secret", PURPOSE),
    ("ksef.certificate.upload", "sealed_secret", PURPOSE),
    ("ksef.import", "sealed_key", IMPORT_PURPOSE),
    ("ksef.session", "proof_key", PROOF_PURPOSE),
)


class KsefCertificate(models.Model):
    """The sealed secret, and the master key that opens it."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _vault(self):
        return Vault.of_this_host(
            config.get("ksef_master_key") or None,
            config.get("ksef_master_key_former") or None,
            Path(config["data_dir"]),
        )

    @api.model
    def _seal(self, secret, purpose=PURPOSE):
        """Return the base64 of ``secret`` sealed, as a Binary field takes it.

        :raises VaultError: no usable master key.
        """
        holds_blobs = any(self._sealed_records(*place[:2], limit=1) for place in SEALED)
        sealed = self._vault().seal(secret, purpose, may_create_key=not holds_blobs)
        return base64.b64encode(sealed)

    @api.model
    def _unseal(self, sealed, purpose=PURPOSE):
        return self._vault().unseal(base64.b64decode(sealed), purpose)

    def _secret(self):
        """Return the clear key or token.

        :raises KsefError: sealed with another key, or taken away (neutralized).
        """
        self.ensure_one()
        record = self.sudo().with_context(bin_size=False)
        if not record.sealed_secret:
            raise CertificateError("secret_missing")
        return self._unseal(record.sealed_secret)

    def _opens(self):
        """Whether the master key that sealed the secret is known on this server."""
        self.ensure_one()
        sealed = self.sudo().with_context(bin_size=False).sealed_secret
        return bool(sealed) and self._vault().opens(base64.b64decode(sealed))

    @api.model
    def _sealed_records(self, model, field, limit=None):
        records = self.env[model].sudo().with_context(active_test=False)
        return records.search(
            Domain(field, "!=", False), order="id", limit=limit
        ).with_context(bin_size=False)

    # ------------------------------------------------------------------
    # A new master key
    # ------------------------------------------------------------------

    @api.model
    def _seal_anew(self):
        """Seal everything in this database with the present master key.

        Each record is committed by itself, and what has the present key already is
        passed over: broken off anywhere, it goes on where it stopped.

        :return: how many were sealed anew, and how many cannot be opened here.
        :raises VaultError: no usable master key.
        """
        sealed = locked = 0
        for model, field, purpose in SEALED:
            for record in self._sealed_records(model, field):
                try:
                    sealed += self._seal_record_anew(record, field, purpose)
                except VaultError as error:
                    if error.reason not in ("other_key", "damaged"):
                        raise
                    locked += 1
        return sealed, locked

    @api.model
    def _seal_record_anew(self, record, field, purpose):
        vault = self._vault()
        record.lock_for_update(allow_referencing=True)
        blob = base64.b64decode(record[field] or b"")
        if not blob or vault.is_present(blob):
            return False
        plain = vault.unseal(blob, purpose)
        record[field] = base64.b64encode(
            vault.seal(plain, purpose, may_create_key=False)
        )
        commit(self.env)
        return True

    # ------------------------------------------------------------------
    # A master key that is lost
    # ------------------------------------------------------------------

    @api.model
    def _give_up_locked(self):
        """Give up what no master key of this server opens, in every company: only then
        a new master key can be made, and certificates be uploaded or ordered again.

        :return: how many were given up.
        """
        vault = self._vault()
        given_up = 0
        for model, field, _purpose in SEALED:
            for record in self._sealed_records(model, field):
                if not vault.opens(base64.b64decode(record[field])):
                    record._give_up_secret()
                    given_up += 1
        return given_up

    def _give_up_secret(self):
        """Archive a certificate without its key: sessions and links still name it."""
        self.write({"sealed_secret": False, "active": False})
        if self.enrolment_state in ("prepared", "sent", "requested"):
            self.enrolment_state = "refused"
            self.enrolment_problem = self.env._("The key of this request is lost.")

    @api.model
    def _locked_count(self):
        """Return how many keys and tokens this server cannot open."""
        vault = self._vault()
        return sum(
            not vault.opens(base64.b64decode(record[field]))
            for model, field, _purpose in SEALED
            for record in self._sealed_records(model, field)
        )
