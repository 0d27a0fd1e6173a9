import pytest

from applications.accounts.models import Role, User
from applications.organs.models import Organ
from tests.fixtures import make_user


@pytest.fixture
def province_department(db) -> Organ:
    """The credit-management department that decides about notices of the State Council."""
    return Organ.objects.create(
        code="js-fgw",
        name="江苏省发展和改革委员会",
        document_prefix="苏发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.PROVINCE,
        region="320000",
        uscc="11320000000000004D",
    )


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
def xu(db) -> User:
    """A supervisor of the department of Suzhou."""
    suzhou = Organ.objects.create(
        code="sz-fgw",
        name="苏州市发展和改革委员会",
        document_prefix="苏州发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.CITY,
        region="320500",
        uscc="11320500000000005E",
    )
    return make_user("xu@example.com", "徐苏州", suzhou, Role.SUPERVISOR)
