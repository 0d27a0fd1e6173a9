"""In whose queue a case is: in exactly one person's or role's, also while people are away."""

import itertools
import random
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.accounts.absences import end_absence, register_absence
from applications.accounts.models import CASE_ROLES, Absence, Role, StaffRole, User
from applications.deadlines.models import Deadline
from applications.deadlines.recipients import Recipients
from applications.deadlines.selectors import clocks_of
from applications.ledger.models import Event
from applications.objections.steps import file_objection
from applications.repairs import access, services, steps
from applications.repairs.access import HANDLING_ROLES
from applications.repairs.models import RepairCase
from applications.repairs.selectors import in_queue, queue_counts
from applications.repairs.steps import Defect
from tests.fixtures import make_record, make_user, moment
from tests.repairs.steps import accepted, pdf, prepared, refused, reviewed, submitted

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
MORNING = moment("2026-11-23 09:00")


@pytest.fixture
def ma(market_bureau):
    """Takes in, as wang does."""
    return make_user("ma@example.com", "马受理", market_bureau, Role.INTAKE)


def mine(person: User, on: date = TODAY, queue: str = "mine") -> list[RepairCase]:
    return list(access.visible_to(person).filter(in_queue(queue, person, on)))


def having(case: RepairCase, on: date = TODAY) -> set[str]:
    staff = User.objects.filter(organ=case.organ, is_staff=True)
    return {person.name for person in staff if case in mine(person, on)}


def away(person, cover, actor=None, first="2026-11-23", last="2026-11-27"):
    return register_absence(
        user=person,
        cover=cover,
        first_on=date.fromisoformat(first),
        last_on=date.fromisoformat(last),
        actor=actor or person,
        at=MORNING,
    )


def assign(case, person, actor):
    services.assign_case(case=case, officer=person, actor=actor, at=MORNING)


def objected(record, organ, alice, wang, li, zhao) -> RepairCase:
    case = refused(record, organ, alice, wang, li, zhao)
    file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
    return RepairCase.objects.get(pk=case.pk)


def test_taken_it_is_in_one_persons_queue_and_given_back_in_that_of_the_role(
    general_record, market_bureau, alice, wang, ma, li, zhao
):
    case = submitted(general_record, market_bureau, alice)
    assert having(case) == {"王受理", "马受理"}
    assign(case, wang, ma)
    assert having(case) == {"王受理"}
    assert mine(wang, queue="taken") == [case] and mine(ma, queue="taken") == []
    assert queue_counts(wang, TODAY, "mine", "taken", "open") == {"mine": 1, "taken": 1, "open": 1}
    assert queue_counts(ma, TODAY, "mine", "taken", "open") == {"mine": 0, "taken": 0, "open": 1}
    assign(case, None, ma)
    assert having(case) == {"王受理", "马受理"}


def test_whoever_has_left_the_post_has_no_case_any_more(general_record, market_bureau, alice, wang, ma):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    StaffRole.objects.filter(user=wang).update(role=Role.REVIEWER)
    assert having(case) == {"马受理"}


def test_nobody_decides_on_the_own_examination(
    general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    StaffRole.objects.create(user=li, role=Role.APPROVER)
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    assert having(case) == {"赵审批", "周审批"}


def test_an_objection_is_never_in_the_queue_of_who_decided_or_examined(
    general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    StaffRole.objects.create(user=li, role=Role.APPROVER)
    case = objected(general_record, market_bureau, alice, wang, li, zhao)
    assert having(case) == {"周审批"}


def test_what_nobody_may_take_up_is_in_the_queue_of_a_head_who_had_no_part(
    general_record, market_bureau, alice, wang, li, zhao
):
    head = make_user("he@example.com", "何负责", market_bureau, Role.SUPERVISOR)
    case = objected(general_record, market_bureau, alice, wang, li, zhao)
    assert having(case) == {"何负责"}
    # As soon as somebody can, it is that person's.
    make_user("tang@example.com", "唐审批", market_bureau, Role.APPROVER)
    assert having(case) == {"唐审批"} and mine(head) == []


def test_where_the_only_head_had_a_part_too_it_is_the_heads_to_find_somebody(
    general_record, market_bureau, alice, wang, li, zhao
):
    """Zhao approves and is the head, li examined: else the objection would be in nobody's queue."""
    case = objected(general_record, market_bureau, alice, wang, li, zhao)
    assert having(case) == {"赵审批"}
    assert not access.may_handle(zhao, case)
    make_user("he@example.com", "何负责", market_bureau, Role.SUPERVISOR)
    assert having(case) == {"何负责"}


def test_while_away_new_and_own_cases_are_in_the_covers_queue(
    general_record, serious_record, market_bureau, alice, wang, ma
):
    own, new = (
        submitted(general_record, market_bureau, alice),
        submitted(serious_record, market_bureau, alice),
    )
    assign(own, wang, wang)
    away(wang, ma)
    assert having(own) == {"马受理"} == having(new)
    # Given to whoever is away, it is the cover's too.
    assign(new, wang, ma)
    assert having(new) == {"马受理"}
    assert mine(wang) == []
    # The day after the last.
    assert having(own, date(2026, 11, 28)) == {"王受理"} == having(new, date(2026, 11, 28))
    # And the day before the first.
    assert having(own, date(2026, 11, 22)) == {"王受理"}


def test_the_cover_is_reminded_instead(general_record, market_bureau, alice, wang, ma):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    away(wang, ma)
    [clock] = clocks_of(case.number)
    assert Recipients(TODAY).responsible(clock) == [ma]
    assert Recipients(date(2026, 11, 28)).responsible(clock) == [wang]


def test_what_the_cover_must_not_take_up_goes_back_to_the_role(
    general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    """Li examined it; li may not decide in zhao's place."""
    StaffRole.objects.create(user=li, role=Role.APPROVER)
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    assign(case, zhao, zhao)
    away(zhao, li)
    assert having(case) == {"周审批"}
    decision = Deadline.objects.get(case_number=case.number, kind="decision")
    assert second_approver in Recipients(TODAY).responsible(decision)


def test_back_early_the_cases_are_back(general_record, market_bureau, alice, wang, ma):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    absence = away(wang, ma)
    end_absence(absence=absence, actor=wang, at=MORNING)
    assert having(case) == {"王受理"}
    verbs = Event.objects.filter(chain=f"user-{wang.pk}").values_list("verb", flat=True)
    assert [*verbs][-2:] == ["user.absence_registered", "user.absence_ended"]
    with pytest.raises(ValidationError, match="已经结束"):
        end_absence(absence=absence, actor=wang, at=MORNING)


def test_today_and_overdue_of_mine_are_part_of_mine(
    general_record, serious_record, market_bureau, alice, wang, ma
):
    # Handed in on Friday the 20th: due on Wednesday the 25th.
    own, other = (
        submitted(general_record, market_bureau, alice),
        submitted(serious_record, market_bureau, alice),
    )
    assign(own, wang, wang)
    assign(other, ma, ma)
    due, late = date(2026, 11, 25), date(2026, 11, 26)
    assert mine(wang, due, "mine_today") == [own] and len(mine(wang, due, "today")) == 2
    assert mine(wang, late, "mine_overdue") == [own] and len(mine(wang, late, "overdue")) == 2
    names = ("mine_today", "today", "mine_overdue", "overdue")
    assert [*queue_counts(wang, late, *names).values()] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first": "2026-11-27", "last": "2026-11-23"}, "末日不能早于首日"),
        ({"first": "2026-11-02", "last": "2026-11-20"}, "末日已经过去"),
        ({"last": "2028-11-27"}, "一次最多登记366天"),
        ({"cover": "li"}, "代办人应当是本单位的另一名人员"),
        ({"cover": "wang"}, "代办人应当是本单位的另一名人员"),
        ({"cover": "outsider"}, "代办人应当是本单位的另一名人员"),
    ],
)
def test_bad_absences_are_refused_with_the_reason(change, field, request, wang, ma, li, outsider):
    cover = request.getfixturevalue(change.pop("cover", "ma"))
    with pytest.raises(ValidationError, match=field):
        away(wang, cover, **change)


def test_absences_do_not_overlap_nor_hang_on_each_other(wang, ma, market_bureau):
    third = make_user("san@example.com", "三受理", market_bureau, Role.INTAKE)
    away(wang, ma)
    with pytest.raises(ValidationError, match="日期不能重叠"):
        away(wang, third, first="2026-11-27", last="2026-11-30")
    with pytest.raises(ValidationError, match="本人也不在"):
        away(third, wang)
    with pytest.raises(ValidationError, match="由此人代办"):
        away(ma, third)
    away(ma, third, first="2026-11-28", last="2026-11-30")


def test_whose_absence_one_registers(wang, ma, li, zhao, sun, outsider):
    for stranger in (ma, li, sun, outsider):
        with pytest.raises(PermissionDenied):
            away(wang, ma, actor=stranger)
    away(wang, ma, actor=zhao)


def test_every_case_is_in_exactly_one_queue(acme, market_bureau, alice):
    """Drawn at random: posts, absences and who has charge of what. Each case that waits for an officer is one person's
    who may take it up, or that of everybody of its role who may and is there, or the heads': of those who had no part in it, if there are."""
    dice = random.Random(20261123)
    people = [make_user(f"p{n}@example.com", f"人{n}", market_bureau) for n in range(6)]
    a, b, c = people[:3]
    StaffRole.objects.bulk_create(
        StaffRole(user=each, role=role) for each in (a, b, c) for role in HANDLING_ROLES
    )
    numbers = itertools.count(1)

    def record():
        return make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{next(numbers)}号")

    submitted(record(), market_bureau, alice)
    accepted(record(), market_bureau, alice, a)
    reviewed(accepted(record(), market_bureau, alice, a), b)
    objected(record(), market_bureau, alice, a, b, c)
    hands = {"under_review": {b}, "objecting": {b, c}}
    turns = {
        "submitted": Role.INTAKE,
        "accepted": Role.REVIEWER,
        "under_review": Role.APPROVER,
        "objecting": Role.APPROVER,
    }
    seen = set()
    for _turn in range(60):
        StaffRole.objects.all().delete()
        Absence.objects.all().delete()
        held = {each: {role for role in CASE_ROLES if dice.random() < 0.4} for each in people}
        StaffRole.objects.bulk_create(
            StaffRole(user=person, role=role) for person, roles in held.items() for role in roles
        )
        first, first_cover, second, second_cover = dice.sample(people, 4)
        covers = {first: first_cover, second: second_cover} if dice.random() < 0.7 else {}
        Absence.objects.bulk_create(
            Absence(user=gone, cover=cover, first_on=TODAY, last_on=TODAY, made_by=gone, made_at=MORNING)
            for gone, cover in covers.items()
        )
        charge = {case: dice.choice([None, *people]) for case in RepairCase.objects.all()}
        for case, officer in charge.items():
            RepairCase.objects.filter(pk=case.pk).update(officer=officer)
        queues = {person: mine(person) for person in people if held[person]}
        for case, officer in charge.items():
            role, barred = turns[case.status], hands.get(case.status, set())
            there = {each for each in people if role in held[each] and each not in covers} - barred
            heads = {each for each in people if Role.SUPERVISOR in held[each]}
            in_charge = covers.get(officer, officer)
            if officer is not None and role in held[officer] and in_charge in there:
                wanted, kind = {in_charge}, "one"
            elif there:
                wanted, kind = there, "role"
            else:
                heads = heads - covers.keys() or heads
                wanted, kind = heads - barred or heads, "head"
            assert {person for person, queue in queues.items() if case in queue} == wanted, (
                case.status,
                kind,
            )
            seen.add((case.status, kind))
    assert len(seen) == 12, "one, role and head of each state"


def test_a_draft_is_in_no_officers_queue(general_record, market_bureau, alice, wang, zhao):
    assert having(prepared(general_record, market_bureau, alice)) == set()


def test_a_case_that_waits_for_the_heads_reason_is_in_the_heads_queue_alone(
    general_record, market_bureau, alice, wang, zhao
):
    case = submitted(general_record, market_bureau, alice)
    steps.draft_correction(
        case=case,
        defects=[Defect("licence", "没有公章。", "请盖章。")],
        actor=wang,
        at=MORNING,
    )
    steps.ask_for_correction(case=case, actor=wang, at=MORNING)
    services.add_material(
        case=case, kind="licence", upload=pdf("盖章.pdf"), actor=alice, at=moment("2026-11-24 09:00")
    )
    steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-24 10:00"))
    steps.draft_correction(
        case=case,
        defects=[Defect("identity", "已过期。", "请换新证。")],
        actor=wang,
        at=moment("2026-11-24 11:00"),
    )
    assert having(case) == {"赵审批"}
