import pytest

from applications.accounts.models import Role, User
from tests.fixtures import make_user


@pytest.fixture
def shen(province_department) -> User:
    """A supervisor of the province's department."""
    return make_user("shen@example.com", "沈复核", province_department, Role.SUPERVISOR)


@pytest.fixture
def yuan(province_department) -> User:
    """The province's second supervisor."""
    return make_user("yuan@example.com", "袁复核", province_department, Role.SUPERVISOR)


@pytest.fixture
def ling(credit_department) -> User:
    """The second supervisor of the department of Nanjing."""
    return make_user("ling@example.com", "凌复核", credit_department, Role.SUPERVISOR)


@pytest.fixture
def xu(suzhou_department) -> User:
    """A supervisor of the department of Suzhou."""
    return make_user("xu@example.com", "徐苏州", suzhou_department, Role.SUPERVISOR)


@pytest.fixture
def keeper(credit_bureau) -> User:
    """A system administrator."""
    return make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
