import pytest

from applications.accounts.models import Role, User
from tests.calendars.conftest import ling, province_department, shen, xu, yuan  # noqa: F401
from tests.fixtures import make_user


@pytest.fixture
def keeper(credit_bureau) -> User:
    """A system administrator."""
    return make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
