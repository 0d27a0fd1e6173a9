"""The database refuses a status that no step of the procedure wrote, whichever way it is written."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import F

from applications.repairs.models import RepairCase
from applications.repairs.steps import accept_case
from rules.procedure import WAYS, State
from tests.fixtures import moment
from tests.repairs.steps import granted, submitted


@pytest.fixture
def case(general_record, market_bureau, alice) -> RepairCase:
    return submitted(general_record, market_bureau, alice)


def _save(case, **fields):
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=list(fields))


def by_keywords(case):
    _save(case, status="accepted")


def by_a_queryset(case):
    waiting = RepairCase.objects.filter(pk=case.pk)
    waiting.update(status="accepted")


def by_a_chain(case):
    (
        RepairCase.objects.filter(pk=case.pk)
        .order_by("pk")
        .update(
            **{"status": "accepted"},
        )
    )


def by_bulk(case):
    case.status = "accepted"
    RepairCase.objects.bulk_update([case], ["status"])


def by_upsert(case):
    case.status = "accepted"
    RepairCase.objects.bulk_create(
        [case], update_conflicts=True, unique_fields=["id"], update_fields=["status"]
    )


def by_setattr(case):
    setattr(case, "sta" + "tus", "accepted")
    case.save()


def by_sql(case):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE repairs_repaircase SET status = 'accepted' WHERE id = %s", [case.pk])


def backwards(case):
    """A step by its version, but none of the table."""
    RepairCase.objects.filter(pk=case.pk).update(status="draft", version=F("version") + 1)


@pytest.mark.parametrize(
    "write",
    [by_keywords, by_a_queryset, by_a_chain, by_bulk, by_upsert, by_setattr, by_sql, backwards],
)
def test_what_is_no_step_is_refused(case, write):
    kept = RepairCase.objects.get(pk=case.pk).status
    with pytest.raises(IntegrityError, match="a status changes by a step"), transaction.atomic():
        write(case)
    case.refresh_from_db()
    assert case.status == kept == "submitted"


def test_nothing_comes_after_the_grant_but_its_revocation(
    general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    for status in set(State) - {State.GRANTED, State.REVOKED}:
        with pytest.raises(IntegrityError, match="a status changes by a step"), transaction.atomic():
            RepairCase.objects.filter(pk=case.pk).update(status=status, version=F("version") + 1)


def test_a_step_and_what_is_no_status_are_written(case, wang):
    RepairCase.objects.filter(pk=case.pk).update(tracking_code="123456")
    RepairCase.objects.filter(pk=case.pk).update(status="submitted")
    assert accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00")).status == "accepted"


def test_the_database_knows_the_table_of_today():
    state = MigrationLoader(None).project_state().models["repairs", "repaircase"]
    [guard] = [each for each in state.options["constraints"] if each.name == "case_follows_procedure"]
    assert set(guard.ways) == {(source.value, target.value) for source, target in WAYS}, (
        "rules/procedure.TABLE has other ways from state to state than the database: "
        "run `manage.py makemigrations repairs`"
    )


@pytest.mark.server
def test_the_guard_can_be_taken_off_and_put_on_again(case):
    """As a migration does for a table with another row, where the table is not made anew."""
    [guard] = [each for each in RepairCase._meta.constraints if each.name == "case_follows_procedure"]
    with connection.schema_editor() as editor:
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        editor.remove_constraint(RepairCase, guard)
    RepairCase.objects.filter(pk=case.pk).update(status="draft")
    with connection.schema_editor() as editor:
        editor.add_constraint(RepairCase, guard)
    with pytest.raises(IntegrityError, match="a status changes by a step"):
        RepairCase.objects.filter(pk=case.pk).update(status="accepted")
