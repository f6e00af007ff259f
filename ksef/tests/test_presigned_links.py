"""Links that KSeF gives us: no token goes there, and they lead nowhere else."""

from io import BytesIO

import pytest

from ksef.errors import ApiError, AuthenticationError, ProtocolError, ServerError
from ksef.transport import Transport

SECRET = "eyJhbGciOi.secret-token"


@pytest.fixture
def transport(server):
    return Transport(server.url + "/v2", timeout=(2, 0.5))


class TestPresignedLinks:
    """No token, https only, and nobody leads us to this machine or elsewhere."""

    def test_no_token_and_only_the_given_headers(self, server, transport):
        server.prepare(200, {})
        transport.request("GET", "/login", token=SECRET)
        server.prepare(201)
        headers = {"x-ms-blob-type": "BlockBlob"}
        url = server.url + "/blob?sig=a%2Bb%3D"
        transport.fetch(
            url, method="PUT", headers=headers, data=BytesIO(b"x"), max_bytes=10
        )
        sent = server.received[1]
        assert "Authorization" not in sent.headers
        assert sent.headers["x-ms-blob-type"] == "BlockBlob"
        assert (sent.method, sent.path) == ("PUT", "/blob?sig=a%2Bb%3D")

    @pytest.mark.parametrize(
        "url",
        [
            "http://storage.example.pl/part",
            "file:///etc/passwd",
            "http://127.0.0.1@example.pl/",
            "http://127.0.0.1\\@example.pl/",
            "/part",
            "",
            "https://a b/",
        ],
    )
    def test_other_links_are_refused(self, transport, url):
        with pytest.raises(ProtocolError):
            transport.fetch(url, max_bytes=10)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_real_ksef_never_leads_to_this_machine(self, scheme, host):
        real = Transport("https://api.ksef.mf.gov.pl/v2")
        with pytest.raises(ProtocolError):
            real.fetch(f"{scheme}://{host}:8069/web", max_bytes=10)

    def test_the_size_is_limited_while_it_comes(self, server, transport):
        server.prepare(200, bytes(11))
        with pytest.raises(ProtocolError):
            transport.fetch(server.url, max_bytes=10)
        server.prepare(200, bytes(10))
        assert transport.fetch(server.url, max_bytes=10).body == bytes(10)

    def test_redirects_are_not_followed(self, server, transport):
        server.prepare(302, headers={"Location": server.url + "/elsewhere"})
        with pytest.raises(ServerError):
            transport.fetch(server.url, max_bytes=10)
        assert len(server.received) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_an_expired_link_is_no_lost_login(self, server, transport, status):
        server.prepare(status, b"<Error/>")
        with pytest.raises(ApiError) as caught:
            transport.fetch(server.url, max_bytes=100)
        assert not isinstance(caught.value, AuthenticationError)
