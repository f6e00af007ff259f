"""Pytest plugin: several runs share the test classes that all of them have collected.

--shared-work FOLDER    where a run marks a class as its own before it begins with it

Each run takes the next class that nobody has begun, the largest first, until none is
left: so they end together, however fast each of them is.
"""

from collections import defaultdict
from pathlib import Path

import pytest

#: Few tests and much work: begun last, one of them would be waited for alone.
LONG = ("browser", "offline_day", "ninety_days", "pdf", "rotation", "volume")


def pytest_addoption(parser):
    parser.addoption("--shared-work", type=Path)


def _home(item):
    """The class of a test, or its file: what is set up once for several tests."""
    return item.nodeid.rpartition("::")[0]


def _size(tests):
    """What is larger comes first; the name makes the order the same everywhere."""
    home = _home(tests[0])
    return any(word in home for word in LONG), len(tests), home


def _sorted(items):
    classes = defaultdict(list)
    for item in items:
        classes[_home(item)].append(item)
    return sorted(classes.values(), key=_size, reverse=True)


def _claim(folder, tests):
    """Whether these tests are ours: only one run can make the file."""
    name = _home(tests[0]).replace("/", "_").replace(":", "_")
    try:
        (folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """As pytest's own loop, with what is claimed; the next test is known in time, so
    that only what it does not need is torn down."""
    folder = session.config.option.shared_work
    if folder is None or session.testsfailed or session.config.option.collectonly:
        return None
    claimed = (tests for tests in _sorted(session.items) if _claim(folder, tests))
    ours = (test for tests in claimed for test in tests)
    test = next(ours, None)
    while test:
        following = next(ours, None)
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        test = following
    return True
