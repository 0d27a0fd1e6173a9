"""Several requests at the same moment, on a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from applications.deadlines.models import Deadline
from applications.files.services import store_content
from applications.ledger.models import Event
from applications.subjects.models import Claim, Subject
from applications.subjects.services import decide_claim, record_proof_reading, withdraw_claim
from tests.subjects.claims import NOW, claimed

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
    claims = at_once(20, lambda _: claimed(charlie, proof=proof).pk)
    assert len(set(claims)) == 1
    assert Claim.objects.count() == 1
    assert Event.objects.filter(verb="subject.claimed").count() == 1


def test_of_ten_decisions_one_counts(charlie, qian, proof):
    claim = claimed(charlie, proof=proof)
    record_proof_reading(claim=claim, file=proof, actor=qian, at=NOW)
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


def test_of_a_decision_and_a_withdrawal_one_counts(charlie, qian, proof):
    claim = claimed(charlie, proof=proof)
    answers = at_once(
        6,
        lambda n: (
            withdraw_claim(claim=claim, user=charlie, at=NOW)
            if n % 2
            else decide_claim(claim=claim, approve=False, reason="不符", actor=qian, at=NOW)
        ),
    )
    assert sum(isinstance(answer, Claim) for answer in answers) == 1
    # The one clock has stopped, whichever it was.
    assert not Deadline.objects.filter(met_on=None, cancelled_on=None).exists()
