import pytest

from applications.accounts.models import Role, User
from tests.fixtures import make_user


@pytest.fixture
def shen(credit_department) -> User:
    """The second supervisor of the department of Nanjing."""
    return make_user("shen@example.com", "沈复核", credit_department, Role.SUPERVISOR)
