"""What a transaction has noted about itself holds until any of it is undone."""

from contextlib import suppress

import pytest
from django.db import transaction

from applications.database.undone import done_already

pytestmark = pytest.mark.django_db(transaction=True)


def note(what):
    done_already("test").add(what)


def noted():
    return set(done_already("test"))


def test_it_is_kept_to_the_end_of_the_transaction():
    with transaction.atomic():
        assert noted() == set()
        note(1)
        with transaction.atomic():
            note(2)
        assert noted() == {1, 2} and done_already("another") == set()
    with transaction.atomic():
        assert noted() == set()


def test_a_savepoint_that_is_rolled_back_takes_everything_along():
    with transaction.atomic():
        note(1)
        with suppress(LookupError), transaction.atomic():
            note(2)
            raise LookupError
        assert noted() == set()


def test_so_does_the_transaction():
    with suppress(LookupError), transaction.atomic():
        note(1)
        raise LookupError
    with transaction.atomic():
        assert noted() == set()
