"""One ground for the whole run: what was done before is part of the life searched."""

import pytest

from .ground import Ground, uploaded


@pytest.fixture(scope="session")
def ground(tmp_path_factory):
    ground = Ground(tmp_path_factory.mktemp("campaign"))
    yield ground
    ground.close()


@pytest.fixture(scope="session")
def login(ground):
    """The company logs in with a certificate that was uploaded. Its id."""
    simulator = ground.simulator
    ground.do("set_up", api_url=simulator.api_url, qr_url=simulator.url)
    return uploaded(ground, "authentication")["id"]
