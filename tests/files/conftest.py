import pytest

from applications.files import inspection


@pytest.fixture(autouse=True)
def nothing_issued_without_a_database(request, monkeypatch):
    """What is examined is examined as any file; whether we have issued it is asked of the database (tests/documents/test_attached)."""
    if not request.node.get_closest_marker("django_db"):
        monkeypatch.setattr(inspection, "_issued", [])
