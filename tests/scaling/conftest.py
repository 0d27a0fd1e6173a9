import pytest


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """The portal and its servers are processes of their own and live in the machine's time."""
