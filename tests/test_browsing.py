"""All browsers of a run are in one worker, one after the other: two slow each other down until something runs out."""

import os

import pytest


@pytest.mark.browser
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="missing: several workers")
def test_browsers_are_in_one_group(request):
    assert request.node.nodeid.endswith("@browser")
