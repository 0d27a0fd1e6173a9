"""All browsers of a run are in one worker, one after the other: two slow each other down until something runs out."""

import pytest


@pytest.mark.browser
def test_browsers_are_in_one_group(request):
    if not request.config.getoption("loadgroup", False):
        pytest.skip("missing: several workers, --dist loadgroup")
    assert request.node.nodeid.endswith("@browser")
