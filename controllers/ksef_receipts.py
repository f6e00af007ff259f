from tempfile import TemporaryFile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import content_disposition, request


class KsefReceiptsController(http.Controller):
    @http.route(
        "/l10n_pl_ksef/receipts/<model('ksef.receipts'):wizard>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def download(self, wizard):
        """The archive that a wizard describes: made in a file that vanishes with the
        answer, and sent piece by piece."""
        wizard.check_access("read")
        stream = TemporaryFile()
        wizard._write_archive(stream)
        size = stream.tell()
        stream.seek(0)
        headers = [
            ("Content-Type", "application/zip"),
            ("Content-Length", size),
            ("Content-Disposition", content_disposition(wizard._archive_name())),
            ("X-Content-Type-Options", "nosniff"),
        ]
        body = wrap_file(request.httprequest.environ, stream)
        answer = request.make_response(body, headers)
        answer.direct_passthrough = True
        return answer
