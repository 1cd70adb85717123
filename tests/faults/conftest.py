"""How `make faults` tells: each fact with what was measured, and at the end "N passed, N failed"."""

import random

import pytest

from tests.editing import casebook


@pytest.fixture
def measured(record_property):
    """Say what was measured, in a few words: measured("back after 0.8 s")."""
    return lambda words: record_property("measured", words)


@pytest.fixture
def chance(request):
    """Chances that are the same in every run."""
    return random.Random(request.node.name)  # noqa: S311


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with casebook(tmp_path_factory.mktemp("site")) as served:
        yield served


def pytest_report_teststatus(report):
    """Behind PASSED, in the line of its fact."""
    if report.when == "call" and report.passed and report.user_properties:
        words = ", ".join(words for _, words in report.user_properties)
        return "passed", ".", f"PASSED ({words})"
    return None


def pytest_unconfigure(config):
    """The last line of all, also where nothing has failed."""
    told = config.pluginmanager.get_plugin("terminalreporter").stats
    failed = len(told.get("failed", [])) + len(told.get("error", []))
    print(f"{len(told.get('passed', []))} passed, {failed} failed")
