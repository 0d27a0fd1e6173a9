"""Correction is asked for once (Article 8). Days are worked out by hand."""

from datetime import date

import pytest

from applications.repairs import services, steps
from applications.repairs.steps import Defect
from tests.fixtures import moment
from tests.repairs.steps import pdf, submitted
from tests.repairs.test_procedure import clock

pytestmark = pytest.mark.django_db


def test_correction_stops_the_clock_and_the_answer_starts_a_new_one(
    general_record, market_bureau, alice, wang
):
    case = submitted(general_record, market_bureau, alice)
    defects = [Defect("fulfilment", "缴款凭证上没有写处罚决定书文号。", "请在凭证上写明文号后重新扫描。")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-24 09:00"))
    case = steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-24 10:00"))
    assert case.status == "correcting"
    assert clock(case, "acceptance").met_on == date(2026, 11, 24)
    with pytest.raises(services.NotReady, match="第1项"):
        steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-26 10:00"))
    services.add_material(
        case=case, kind="fulfilment", upload=pdf("凭证.pdf"), actor=alice, at=moment("2026-11-26 09:00")
    )
    case = steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-26 10:00"))
    # Thursday 26th: Friday 1, Monday 2, Tuesday 1 December 3.
    assert clock(case, "acceptance", round=2).due_on == date(2026, 12, 1)
    assert case.round == 2


def test_a_second_notice_may_only_name_what_the_answer_brought(
    general_record, market_bureau, alice, wang, zhao
):
    from applications.accounts.models import StaffRole

    case = submitted(general_record, market_bureau, alice)
    first = [Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=first, actor=wang, at=moment("2026-11-23 09:00"))
    case = steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    services.add_material(
        case=case, kind="fulfilment", upload=pdf("新凭证.pdf"), actor=alice, at=moment("2026-11-24 09:00")
    )
    case = steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-24 10:00"))
    new, old = Defect("fulfilment", "仍不清晰。", "请重新扫描。"), Defect("licence", "没有公章。", "请盖章。")
    steps.draft_correction(case=case, defects=[new, old], actor=wang, at=moment("2026-11-25 09:00"))
    with pytest.raises(services.NotReady, match="一次性告知"):
        steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-25 09:00"))
    excused = Defect("licence", "没有公章。", "请盖章。", exception_reason="首次受理时系统未显示第二页。")
    with pytest.raises(services.NotReady, match="负责人"):
        steps.draft_correction(case=case, defects=[excused], actor=wang, at=moment("2026-11-25 09:00"))
    StaffRole.objects.create(user=zhao, role="intake")
    notice = steps.draft_correction(case=case, defects=[excused], actor=zhao, at=moment("2026-11-25 09:00"))
    assert notice.items.get().exception_by == zhao


def test_the_database_refuses_a_second_demand_on_an_old_item(general_record, market_bureau, alice, wang):
    from django.db import IntegrityError

    from applications.repairs.models import CorrectionItem, CorrectionNotice

    case = submitted(general_record, market_bureau, alice)
    notice = CorrectionNotice.objects.create(
        case=case, round=2, drafted_by=wang, drafted_at=moment("2026-11-25 09:00")
    )
    with pytest.raises(IntegrityError, match="correction_is_asked_once"):
        CorrectionItem.objects.create(
            notice=notice,
            material_kind="licence",
            defect="旧问题",
            requirement="再补",
            notice_round=2,
            material_round=1,
            sent_at=moment("2026-11-25 10:00"),
        )
