from datetime import date

import pytest

from applications.commitments.breaches import propose_finding
from applications.commitments.models import Commitment
from applications.commitments.promising import make_promise
from applications.commitments.services import publish_commitment, sign_commitment
from applications.commitments.wording import Act, own_text, text_digest
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_user, moment
from tests.repairs.steps import paper

MADE = moment("2026-11-20 09:00")


@pytest.fixture
def promised(acme, alice, credit_bureau) -> Commitment:
    """What Acme has promised by its own will, and is public."""
    return promise(acme, alice, credit_bureau)


def promise(subject, actor, organ, at=MADE) -> Commitment:
    digest = text_digest(own_text(subject))
    return make_promise(subject=subject, organ=organ, actor=actor, at=at, shown_sha256=digest)


@pytest.fixture
def repaired(acme, alice, market_bureau, general_record) -> Commitment:
    """The published commitment on which a repair rests."""
    commitment = sign_commitment(
        subject=acme,
        acts=[Act(general_record, date(2026, 6, 1), ["罚款"])],
        signatory="陈示例",
        publication_consent=True,
        organ=market_bureau,
        about="XF-320100-2026-000001-7",
        heading={},
        replaces=None,
        actor=alice,
        at=MADE,
    )
    publish_commitment(commitment=commitment, at=MADE)
    return commitment


def make_person(name: str, number: str, email: str):
    """A natural person and their own account."""
    subject = Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name=name,
        identity_type="resident_id",
        identity_number=number,
        identity_digest=identity_digest("resident_id", number),
    )
    user = make_user(email, name)
    Claim.objects.create(
        user=user, subject=subject, status="verified", capacity="self", made_at=MADE, decided_at=MADE
    )
    return subject, user


@pytest.fixture
def adult(db):
    return make_person("周示安", "11010519491231002X", "zhou@example.com")


@pytest.fixture
def finding(promised, sun):
    return find(promised, sun)


def find(commitment, actor, kind="breach", **said):
    facts = {"facts": "承诺后三次被责令改正仍不改正。", "evidence": paper("认定.pdf")} | said
    return propose_finding(
        commitment=commitment, kind=kind, actor=actor, at=moment("2026-11-23 09:00"), **facts
    )
