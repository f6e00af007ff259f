"""The campaign of delivery in its default size, and a crowd; see scripts/campaign."""

import os
from random import Random

import pytest

from .delivery.__main__ import ROUNDS
from .delivery.acts import ANSWERS, OTHERS, STATES
from .delivery.crowd import Crowd
from .delivery.rounds import Campaign
from .delivery.shop import Shop

SEED = int(os.environ.get("CAMPAIGN_SEED", "1"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("delivery"))
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def campaign(shop):
    return Campaign(shop, SEED)


class TestCampaign:
    """Nothing is lost, doubled, stuck or wrongly rejected, whatever fails."""

    def test_named_points(self, campaign):
        """Each step of both flows is met before and after; each request is cut."""
        faults = set(campaign.by_fault)
        for name in ("POST /sessions/online", "POST /sessions/batch/*/close"):
            assert {f"killed before {name}", f"cut before the answer: {name}"} <= faults
        for name in ("_bind", "_close", "_renew_lease", "_send_batch"):
            assert f"killed after batch: commit in {name}" in faults
        assert {*ANSWERS, *STATES, *OTHERS} <= faults

    @pytest.mark.parametrize("number", range(ROUNDS))
    def test_round(self, campaign, number):
        acts, found = campaign.play(number)
        again = f"scripts/campaign --seed {SEED} --only {number}"
        assert not found, f"{again}: {found}"
        assert any(happened for _act, happened in acts), "something has failed"

    def test_whole_run(self, campaign):
        assert not campaign.look_back()


class TestCrowd:
    """Eight processes send and ask for the same invoices at once: each file reaches
    KSeF once."""

    def test_once(self, shop):
        shop.new_day()
        found, _figures = Crowd(shop, Random(SEED)).play(100)
        assert not found
