"""What the tests of the protocol share."""

import pytest

from .answering import AnsweringServer


@pytest.fixture
def server():
    """A server of its own for each test."""
    running = AnsweringServer()
    yield running
    running.stop()
