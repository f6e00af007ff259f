"""Pytest plugin: a skipped test is a failed test, unless its reason names ../shared.

The published examples and the official OpenAPI file are not part of the checkout.
"""

import pytest

ALLOWED = "../shared"


def _fail_if_skipped(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        where = report.longrepr
        reason = where[2] if isinstance(where, tuple) else str(where)
        if ALLOWED not in reason:
            report.outcome = "failed"
            report.longrepr = f"{report.nodeid}: must not be skipped here ({reason})"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    return _fail_if_skipped((yield))
