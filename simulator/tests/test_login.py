"""Three tokens, each for its own doors and its own time."""

from datetime import timedelta

import pytest

from .common import BUYER, SELLER, STRANGER, Client, Law, code_of


class TestKsefToken(Law):
    """A wrong KSeF token is told by the status, not by the submission."""

    def status(self, nip, token, **kwargs):
        client = Client(self.simulator)
        return client.login_status(client.start_token_login(nip, token, **kwargs))

    def test_a_good_token(self):
        token = self.simulator.new_token(SELLER)
        assert self.status(SELLER, token)["code"] == 200

    def test_an_invented_token(self):
        assert self.status(SELLER, "20260101-EC-x|nip-1|0")["code"] == 450

    def test_a_token_of_another_context(self):
        assert self.status(BUYER, self.simulator.new_token(SELLER))["code"] == 450

    def test_a_revoked_token(self):
        token = self.simulator.new_token(SELLER)
        self.simulator.revoke_token(token)
        assert self.status(SELLER, token)["code"] == 450

    def test_the_time_of_the_challenge_counts(self):
        token = self.simulator.new_token(SELLER)
        assert self.status(SELLER, token, moment=1)["code"] == 450

    def test_a_withdrawn_key(self):
        client = Client(self.simulator)
        old = client.public_key("KsefTokenEncryption")
        self.simulator.rotate_keys()
        client.public_key = lambda usage: old
        answer = client.start_token_login(SELLER, self.simulator.new_token(SELLER))
        assert code_of(answer) == 21470

    def test_a_wrong_content_type(self):
        client = Client(self.simulator)
        response = client.post("/auth/ksef-token", data="x")
        assert response.status_code == 415


class TestTokens(Law):
    """Redeemed once; each kind opens its own endpoints only."""

    @pytest.fixture(autouse=True)
    def begin(self, running):
        self.caller = Client(self.simulator)
        token = self.simulator.new_token(SELLER)
        self.begun = self.caller.start_token_login(SELLER, token)
        self.secret = token

    def log_in(self):
        self.caller.login_status(self.begun)
        self.caller.take(self.caller.redeem(self.begun).json())

    def test_not_before_the_status_allows_it(self):
        assert code_of(self.caller.redeem(self.begun)) == 21301

    def test_redeem_works_once(self):
        self.log_in()
        self.caller.token = None
        assert code_of(self.caller.redeem(self.begun)) == 21301

    def test_each_kind_has_its_doors(self):
        self.log_in()
        authentication = self.begun.json()["authenticationToken"]["token"]
        access, refresh = self.caller.token, self.caller.refresh_token
        doors = {
            "/auth/token/refresh": refresh,
            "/auth/token/redeem": authentication,
            "/permissions/query/personal/grants": access,
        }
        for path, right in doors.items():
            for token in (authentication, access, refresh):
                status = self.caller.post(path, token=token).status_code
                assert (status == 401) == (token != right), (path, status)

    def test_no_token_and_a_forged_one(self):
        self.log_in()
        forged = self.caller.token[:-2] + "xx"
        self.caller.token = None
        path = "/sessions?sessionType=Online"
        assert self.caller.get(path).status_code == 401
        assert self.caller.get(path, token=forged).status_code == 401

    def test_access_lasts_15_minutes_and_refresh_7_days(self):
        self.log_in()
        self.simulator.advance(15 * 60 + 1)
        path = "/sessions?sessionType=Online"
        assert self.caller.get(path).status_code == 401
        fresh = self.caller.post("/auth/token/refresh", token=self.caller.refresh_token)
        assert set(fresh.json()) >= {"accessToken"}
        assert "refreshToken" not in fresh.json(), "it is not rotated"
        self.caller.token = fresh.json()["accessToken"]["token"]
        assert self.caller.get(path).status_code == 200
        self.simulator.advance(7 * 86400)
        late = self.caller.post("/auth/token/refresh", token=self.caller.refresh_token)
        assert late.status_code == 401

    def test_a_revoked_session_refreshes_no_more_but_lives_on(self):
        self.log_in()
        assert self.caller.call("DELETE", "/auth/sessions/current").status_code == 204
        late = self.caller.post("/auth/token/refresh", token=self.caller.refresh_token)
        assert code_of(late) == 21301
        alive = self.caller.get("/sessions?sessionType=Online")
        assert alive.status_code == 200, "access tokens live until they end"

    def test_a_revoked_ksef_token_refreshes_no_more(self):
        self.log_in()
        self.simulator.revoke_token(self.secret)
        late = self.caller.post("/auth/token/refresh", token=self.caller.refresh_token)
        assert code_of(late) == 21301

    def test_a_status_is_kept_for_seven_days_and_is_private(self):
        path = f"/auth/{self.begun.json()['referenceNumber']}"
        token = self.begun.json()["authenticationToken"]["token"]
        other = "/auth/20260101-AU-0123456789-0123456789-01"
        assert code_of(self.caller.get(other, token=token)) == 21304
        login = next(iter(self.simulator.store.logins.values()))
        login.started -= timedelta(days=8)
        assert self.caller.get(path, token=token).status_code == 410


class TestSessions(Law):
    """Logins that still last are listed, and each can be ended from any of them."""

    def ended(self, client):
        return client.post("/auth/token/refresh", token=client.refresh_token)

    def items(self, client):
        return client.get("/auth/sessions?pageSize=10").json()["items"]

    def delete(self, client, name, **kwargs):
        return client.call("DELETE", f"/auth/sessions/{name}", **kwargs)

    def test_the_list_marks_the_current_one(self):
        first, second = self.client(), self.client()
        self.client(STRANGER)
        items = self.items(second)
        assert [item["isCurrent"] for item in items] == [True, False], "newest first"
        assert [item["isCurrent"] for item in self.items(first)] == [False, True]
        assert items[0]["refreshTokenValidUntil"] and items[0]["isTokenRedeemed"]

    def test_pages(self):
        clients = [self.client() for _number in range(11)]
        answer = clients[0].get("/auth/sessions").json()
        assert len(answer["items"]) == 10
        headers = {"x-continuation-token": answer["continuationToken"]}
        rest = clients[0].get("/auth/sessions", headers=headers).json()
        assert [item["isCurrent"] for item in rest["items"]] == [True]
        assert rest["continuationToken"] is None

    def test_log_out_everywhere(self):
        first, second = self.client(), self.client()
        for item in self.items(second):
            assert self.delete(second, item["referenceNumber"]).status_code == 204
        assert self.items(second) == []
        for client in (first, second):
            assert code_of(self.ended(client)) == 21301
            assert client.get("/rate-limits").status_code == 200, "access lives on"

    @pytest.mark.parametrize("kind", ["token", "refresh_token"])
    def test_the_current_one(self, kind):
        client, other = self.client(), self.client()
        token = getattr(client, kind)
        assert self.delete(client, "current", token=token).status_code == 204
        assert code_of(self.ended(client)) == 21301
        assert self.ended(other).status_code == 200

    def test_somebody_elses_and_none(self):
        client, stranger = self.client(), self.client(STRANGER)
        reference = self.items(stranger)[0]["referenceNumber"]
        assert code_of(self.delete(client, reference)) == 21405
        assert code_of(self.delete(client, "0" * 36)) == 21405
        assert self.ended(stranger).status_code == 200

    def test_what_is_over_is_not_listed(self):
        self.client()
        self.simulator.advance(8 * 86400)
        assert len(self.items(self.client())) == 1


class TestPermissions(Law):
    """Rights are those of the access token, and an answer names what is missing."""

    def test_reading_does_not_allow_sending(self):
        client = self.client(permissions=["InvoiceRead"])
        answer = client.post("/sessions/online", json={})
        assert answer.status_code == 403
        problem = answer.json()
        assert problem["reasonCode"] == "missing-permissions"
        assert "InvoiceWrite" in problem["security"]["requiredAnyOfPermissions"]
        assert problem["security"]["presentPermissions"] == ["InvoiceRead"]

    def test_sending_does_not_allow_reading(self):
        client = self.client(permissions=["InvoiceWrite"])
        assert client.post("/invoices/query/metadata", json={}).status_code == 403


class TestErrors(Law):
    """The older shape of errors without the header, the newer one with it."""

    def test_both_shapes_of_400(self):
        client = self.client()
        path = f"/sessions/{'0' * 36}"
        assert client.get(path).json()["errors"][0]["code"] == 21173
        old = client.get(path, old_errors=True).json()["exception"]
        assert old["exceptionDetailList"][0]["exceptionCode"] == 21173

    def test_401_and_403_are_always_problems(self):
        client = Client(self.simulator)
        answer = client.get("/sessions?sessionType=Online", old_errors=True)
        assert answer.headers["Content-Type"].startswith("application/problem+json")

    def test_the_warning_header_comes_back(self):
        client = self.client()
        text = "[xml-002]: discouraged"
        answer = client.get("/rate-limits", headers={"X-Test-System-Warning": text})
        assert answer.headers["X-System-Warning"] == text

    def test_answers_carry_more_than_promised(self):
        first = Client(self.simulator).post("/auth/challenge").json()
        assert set(first) > {"challenge", "timestamp", "timestampMs", "clientIp"}
        fraction = first["timestamp"].partition(".")[2].partition("+")[0]
        assert len(fraction) == 7 and fraction[-1] != "0"
