"""Roles are read once while a page is shown, and each time while something is done."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.accounts.access import has_role, roles_of, roles_read_once
from applications.accounts.models import Role, StaffRole


def readings(ask) -> int:
    with CaptureQueriesContext(connection) as heard:
        ask()
    return sum("accounts_staffrole" in query["sql"] for query in heard.captured_queries)


@pytest.mark.django_db
def test_roles_are_read_once_for_a_page_and_anew_for_the_next(wang):
    with roles_read_once():
        assert readings(lambda: [has_role(wang, Role.INTAKE), roles_of(wang)]) == 1
    StaffRole.objects.filter(user=wang).delete()
    with roles_read_once():
        assert roles_of(wang) == frozenset()


@pytest.mark.django_db
def test_an_act_sees_that_a_role_has_gone(wang):
    assert has_role(wang, Role.INTAKE)
    StaffRole.objects.filter(user=wang).delete()
    assert not has_role(wang, Role.INTAKE)
