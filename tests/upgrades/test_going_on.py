"""An upgrade that broke off is taken up again, and every case that was under way is taken to its end after it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython

from applications.accounts.models import Role, User
from applications.repairs import steps
from applications.repairs.assessing import checklist_codes
from applications.repairs.models import Material, RepairCase
from applications.repairs.services import add_material, check_queues, read_all
from rules.procedure import State
from tests.fixtures import TODAY
from tests.repairs.steps import paper
from tests.upgrades.versions import Version, migrate_to_head


def officer(case: RepairCase, role: str) -> User:
    return User.objects.filter(organ=case.organ, staff_roles__role=role).first()


def counted(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        return cursor.fetchone()[0]


def break_off_in_each(monkeypatch, version: Version) -> None:
    """Begin the upgrade as often as migrations move rows; each breaks off once, when it has moved all of them."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    moving = [
        (migration, operation)
        for migration, _ in plan
        for operation in migration.operations
        if isinstance(operation, RunPython)
    ]
    assert "0005_a_filing_for_each_case" in {migration.name for migration, _ in moving}
    for migration, operation in moving:

        def break_off(apps, schema_editor, move=operation.code):
            move(apps, schema_editor)
            raise InterruptedError

        with monkeypatch.context() as patch, pytest.raises(InterruptedError):
            patch.setattr(operation, "code", break_off)
            migrate_to_head()
        applied = MigrationExecutor(connection).loader.applied_migrations
        assert (migration.app_label, migration.name) not in applied
        if migration.name == "0005_a_filing_for_each_case":
            assert (counted("repairs_filing"), counted("commitments_commitment")) == (0, 0)
            assert counted("repairs_commitment") == len(version.rows["repairs.commitment"])


@pytest.mark.long
def test_an_upgrade_that_broke_off_is_taken_up_again_and_every_case_goes_on(before, monkeypatch):
    break_off_in_each(monkeypatch, before)
    migrate_to_head()
    assert before.differences() == {"repairs.material": {"case": Material.objects.filter(case=None).count()}}
    signed = RepairCase.objects.filter(filing__commitment__isnull=False)
    assert signed.count() == len(before.rows["repairs.commitment"])

    for case in RepairCase.objects.filter(status=State.DRAFT, filing__applicant__email__startswith="case"):
        steps.submit_case(case=case, actor=case.filing.applicant, at=TODAY)
    for case in RepairCase.objects.filter(status=State.CORRECTING):
        applicant = case.filing.applicant
        add_material(case=case, kind="fulfilment", upload=paper("缴款.pdf"), actor=applicant, at=TODAY)
        steps.resubmit_case(case=case, actor=applicant, at=TODAY)
    for case in RepairCase.objects.filter(status=State.SUBMITTED):
        steps.accept_case(case=case, actor=officer(case, Role.INTAKE), at=TODAY)
    for case in RepairCase.objects.filter(status=State.ACCEPTED):
        checklist = {code: {"confirmed": True, "note": ""} for code in checklist_codes(case, TODAY.date())}
        reviewer = officer(case, Role.REVIEWER)
        read_all(case=case, reader=reviewer, at=TODAY)
        steps.review_case(case=case, checklist=checklist, actor=reviewer, at=TODAY)
    for case in RepairCase.objects.filter(status=State.UNDER_REVIEW):
        # Who examined it before nobody had to open the papers; then it is enough to do so now.
        read_all(case=case, reader=case.reviews.latest("pk").reviewer, at=TODAY)
        steps.grant_case(case=case, actor=officer(case, Role.APPROVER), at=TODAY)
    granted = RepairCase.objects.filter(status=State.GRANTED)
    assert granted.count() == 15 and not granted.filter(filing__commitment__published_at=None).exists()
    assert check_queues(at=TODAY) == []
