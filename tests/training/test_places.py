"""However many come at once, a meeting has as many people as places, and each place that is given up can be taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from applications.subjects.models import Claim
from applications.training.errors import NotPossible
from applications.training.models import Enrolment
from applications.training.services import attending
from tests.fixtures import TODAY, make_user
from tests.training.offering import open_meeting

PLACES, PEOPLE = 3, 8


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_nobody_is_enrolled_beyond_the_places(qian, acme):
    meeting = open_meeting(qian, places=PLACES)
    people = [make_user(f"p{at}@example.com", f"人{at}") for at in range(PEOPLE)]
    for person in people:
        Claim.objects.create(
            user=person, subject=acme, capacity="employee", status=Claim.Status.VERIFIED, made_at=TODAY
        )
    together = Barrier(PEOPLE)

    def come(person) -> bool:
        """Enrol at the same moment as all others; whether there was a place."""
        try:
            together.wait(30)
            attending.enrol(meeting=meeting, subject=acme, person=person, at=TODAY)
        except NotPossible:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        got = [*pool.map(come, people)]
    assert got.count(True) == PLACES
    meeting.refresh_from_db()
    standing = Enrolment.objects.filter(meeting=meeting, state="enrolled")
    assert meeting.taken == PLACES == standing.count()

    # One gives up while everybody who got none tries again: the place is taken by exactly one.
    leaving, waiting = standing.first(), [each for each, had in zip(people, got, strict=True) if not had]
    together = Barrier(len(waiting))
    attending.give_up(enrolment=leaving, at=TODAY)
    with ThreadPoolExecutor(len(waiting)) as pool:
        assert [*pool.map(come, waiting)].count(True) == 1
    meeting.refresh_from_db()
    assert meeting.taken == PLACES == standing.count()
