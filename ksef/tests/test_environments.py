"""Addresses: three known ones, and one's own held to https."""

import pytest

from ksef import environments
from ksef.environments import ENVIRONMENTS, own


def test_the_three_environments_use_the_hosts_of_api_v2():
    for name, part in (("test", "-test"), ("demo", "-demo"), ("production", "")):
        known = ENVIRONMENTS[name]
        assert known.api_url == f"https://api{part}.ksef.mf.gov.pl/v2"
        assert known.qr_url == f"https://qr{part}.ksef.mf.gov.pl"


def test_only_production_announces_outages_that_are_meant():
    told = {name: each.status_url for name, each in ENVIRONMENTS.items()}
    assert told == {
        "test": None,
        "demo": None,
        "production": "https://api-latarnia.ksef.mf.gov.pl",
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://ksef.example.pl/v2",
        "http://127.0.0.1:8765/v2",
        "http://localhost:8765",
        "http://[::1]:8765/v2",
    ],
)
def test_https_and_this_machine_are_allowed(url):
    assert own(url, url).api_url == url
    assert own(url, url, url).status_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://ksef.example.pl/v2",
        "http://127.0.0.1.example.pl/v2",
        "http://localhost.example.pl/v2",
        "http://127.0.0.1\\@example.pl/v2",
        "http://127.0.0.1@example.pl/v2",
        "https://user:secret@example.pl/v2",
        "https://example.pl/v2?x=1",
        "https://example.pl/v2#x",
        "https://exa mple.pl",
        "https://example.pl:port/",
        "ftp://example.pl",
        "//example.pl/v2",
        "https://",
        "",
    ],
)
def test_everything_else_is_refused(url):
    with pytest.raises(ValueError):
        own(url, "https://qr.example.pl")
    with pytest.raises(ValueError):
        own("https://api.example.pl", url)


def test_an_address_of_announcements_is_held_to_the_same_rule_and_may_be_absent():
    api, codes = "https://api.example.pl", "https://qr.example.pl"
    assert own(api, codes).status_url is None
    assert own(api, codes, "").status_url is None
    assert own(api, codes, " https://x.example.pl/ ").status_url == (
        "https://x.example.pl"
    )
    with pytest.raises(ValueError):
        own(api, codes, "http://status.example.pl")


def test_a_trailing_slash_and_blanks_around_do_not_matter():
    made = own(" https://api.example.pl/v2/ ", "https://qr.example.pl/")
    assert (made.name, made.api_url, made.qr_url) == (
        "own",
        "https://api.example.pl/v2",
        "https://qr.example.pl",
    )


@pytest.mark.parametrize("host", [None, "", "127.0.0.2.example", "0.0.0.0", "10.0.0.1"])
def test_other_machines_are_not_this_one(host):
    assert not environments.is_loopback(host)
