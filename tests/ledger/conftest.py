import pytest


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Keys and files of heads go where pytest cleans up."""
    settings.DATA_DIR = tmp_path
