"""Several requests at the same moment, on a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from applications.files.services import store_content
from applications.ledger.models import Event
from applications.subjects.models import Claim, Subject
from applications.subjects.services import claim_subject, decide_claim
from tests.fixtures import moment

NOW = moment("2026-11-20 10:00")
NANJING = "91320102MA1TE5T18C"

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


def at_once(times: int, work):
    """The results of so many calls in threads of their own; an expected refusal counts as its message."""

    def run(number):
        try:
            return work(number)
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.fixture
def proof(charlie):
    return store_content(
        name="执照.pdf", content=b"%PDF", content_type="application/pdf", at=NOW, user=charlie
    )


def test_twenty_identical_claims_are_one(charlie, qian, proof):
    claims = at_once(
        20,
        lambda _: (
            claim_subject(
                user=charlie, kind="organisation", name="南京新办有限公司", code=NANJING, proof=proof, at=NOW
            ).pk
        ),
    )
    assert len(set(claims)) == 1
    assert Claim.objects.count() == 1
    assert Event.objects.filter(verb="subject.claimed").count() == 1


def test_of_ten_decisions_one_counts(charlie, qian, proof):
    claim = claim_subject(
        user=charlie, kind="organisation", name="南京新办有限公司", code=NANJING, proof=proof, at=NOW
    )
    answers = at_once(
        10, lambda n: decide_claim(claim=claim, approve=n % 2 == 0, reason="不符", actor=qian, at=NOW).status
    )
    decided = [answer for answer in answers if answer in ("verified", "rejected")]
    assert len(decided) == 1
    assert sum("已由钱信用办理" in answer for answer in answers) == 9
    claim.refresh_from_db()
    assert claim.status == decided[0]
    assert Event.objects.filter(verb__in=["subject.claim_verified", "subject.claim_rejected"]).count() == 1
    assert Subject.objects.count() == (1 if decided[0] == "verified" else 0)


def test_attempts_at_once_do_not_slip_past_the_limit(charlie):
    answers = at_once(
        12,
        lambda _: claim_subject(
            user=charlie,
            kind="natural_person",
            name="王小二",
            identity_type="resident_id",
            code="320102199003076523",
            at=NOW,
        ),
    )
    assert Event.objects.filter(verb="subject.claim_failed").count() == 5
    assert sum("窗口" in answer for answer in answers) == 8
