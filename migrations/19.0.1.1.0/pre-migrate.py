def migrate(cr, version):
    """What was typed into the upload form has no column any more: a .p12 that was
    refused could lie there."""
    cr.execute(
        "ALTER TABLE ksef_certificate_upload DROP COLUMN IF EXISTS certificate_file"
    )
