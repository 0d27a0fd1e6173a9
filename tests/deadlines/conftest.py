import pytest

from applications.accounts.models import Role, User
from tests.fixtures import make_user


@pytest.fixture
def keeper(credit_bureau) -> User:
    """A system administrator."""
    return make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
