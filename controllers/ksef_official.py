from odoo import http
from odoo.http import request

#: A page of somebody else's style sheet and somebody else's data: it may show itself.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class KsefOfficialController(http.Controller):
    @http.route(
        "/l10n_pl_ksef/official/<model('ksef.document'):document>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def official(self, document):
        """The invoice as the ministry shows it, without scripts or requests."""
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        return request.make_response(document._official_html(), headers)
