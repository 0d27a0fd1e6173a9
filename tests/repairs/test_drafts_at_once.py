"""Two officers at the draft of one correction notice: the later one sees what the other kept, and nothing of either is lost."""

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import Role, StaffRole
from applications.repairs import services, steps
from applications.repairs.services.receptions import cases_of
from applications.repairs.steps import Defect
from tests.fixtures import make_user, moment
from tests.pages import seen, text
from tests.repairs.receptions import received
from tests.repairs.steps import resubmitted, submitted

pytestmark = pytest.mark.django_db

MINE = ("licence", "没有公章。", "请加盖公章。")
THEIRS = ("fulfilment", "凭证不清晰。", "请重新扫描。")


@pytest.fixture(autouse=True)
def on_the_23rd():
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        yield


@pytest.fixture
def case(general_record, market_bureau, alice):
    return submitted(general_record, market_bureau, alice)


@pytest.fixture
def colleague(market_bureau):
    return make_user("he@example.com", "何受理", market_bureau, Role.INTAKE)


def address(case):
    return reverse("admin:repairs_step", args=[case.pk, "request_correction"])


def opened(client, case):
    """What the page sends back unseen."""
    page = client.get(address(case)).context["page"]
    return {"version": case.version, "seen": page.seen}


def posted(item, **more):
    names = ("material_kind", "defect", "requirement")
    words = {f"items-0-{name}": word for name, word in zip(names, item, strict=True)}
    return {"items-TOTAL_FORMS": "3", "items-INITIAL_FORMS": "0", **words, **more}


def kept(case):
    return [
        (item.material_kind, item.defect, item.requirement)
        for item in case.correction_notices.get().items.all()
    ]


def draft(case, item, actor):
    steps.draft_correction(case=case, defects=[Defect(*item)], actor=actor, at=moment("2026-11-23 09:30"))


@pytest.mark.parametrize("button", ["draft", "take"])
def test_what_a_colleague_kept_meanwhile_is_shown_beside_what_was_typed(
    client, case, wang, colleague, button
):
    client.force_login(wang)
    before = opened(client, case)
    draft(case, THEIRS, colleague)
    answer = client.post(address(case), posted(MINE, **before, **{button: ""}))
    page = seen(answer)
    assert answer.status_code == 409 and "何受理已于11月23日09:30改动了这份草稿" in page
    assert "凭证不清晰。→请重新扫描。" in page and "没有公章。" in text(answer)
    case.refresh_from_db()
    assert kept(case) == [THEIRS] and case.status == "submitted"
    # Whoever presses again has read it.
    again = before | {"seen": answer.context["page"].seen}
    assert client.post(address(case), posted(MINE, **again, draft="")).status_code == 302
    assert kept(case) == [MINE]


def test_what_is_wrong_about_the_form_does_not_make_it_seen(client, case, wang, colleague):
    client.force_login(wang)
    before = opened(client, case)
    draft(case, THEIRS, colleague)
    half = client.post(address(case), posted(("licence", "没有公章。", ""), **before, draft=""))
    again = before | {"seen": half.context["page"].seen}
    assert client.post(address(case), posted(MINE, **again, draft="")).status_code == 409
    assert kept(case) == [THEIRS]


@time_machine.travel(moment("2026-11-25 10:00"), tick=False)
def test_what_was_kept_because_it_cannot_be_sent_yet_is_ones_own(
    client, general_record, market_bureau, alice, wang
):
    """In the second round the head has to give a reason first: the page says to save, and that is no colleague's draft."""
    case = resubmitted(general_record, market_bureau, alice, wang)
    client.force_login(wang)
    before = opened(client, case)
    late = client.post(address(case), posted(("credit_report", "没有编号。", "请补上。"), **before, take=""))
    assert late.status_code == 409 and "先点“只保存，不发出”" in seen(late)
    again = before | {"seen": late.context["page"].seen}
    saved = client.post(address(case), posted(("credit_report", "没有编号。", "请补上。"), **again, draft=""))
    assert saved.status_code == 302


def test_a_draft_that_was_emptied_is_said_to_be(client, case, wang, colleague):
    draft(case, THEIRS, wang)
    client.force_login(wang)
    before = opened(client, case)
    steps.draft_correction(case=case, defects=[], actor=colleague, at=moment("2026-11-23 09:40"))
    answer = client.post(address(case), posted(MINE, **before, draft=""))
    assert answer.status_code == 409 and "何受理已于11月23日09:40清空了这份草稿" in seen(answer)


def test_whoever_goes_on_alone_is_not_asked(client, case, wang, colleague):
    draft(case, THEIRS, colleague)
    client.force_login(wang)
    assert client.post(address(case), posted(MINE, **opened(client, case), draft="")).status_code == 302
    assert kept(case) == [MINE]


def test_the_letter_that_is_shown_says_so_too(client, case, wang, colleague):
    client.force_login(wang)
    before = opened(client, case)
    draft(case, THEIRS, colleague)
    shown = client.post(address(case), posted(MINE, **before, letter=""))
    assert "改动了这份草稿" in seen(shown) and kept(case) == [THEIRS]


def test_a_head_does_not_write_over_the_reason_of_another(general_record, market_bureau, alice, wang, zhao):
    case = resubmitted(general_record, market_bureau, alice, wang)
    at = moment("2026-11-25 09:00")
    draft_of = {"case": case, "actor": wang, "at": at}
    steps.draft_correction(defects=[Defect(*MINE)], **draft_of)
    steps.waive_item(
        item=case.correction_notices.last().items.get(), reason="系统未显示第二页。", actor=zhao, at=at
    )
    other = make_user("tao@example.com", "陶负责", market_bureau, Role.SUPERVISOR)
    StaffRole.objects.create(user=other, role=Role.INTAKE)
    with pytest.raises(services.NotReady, match="赵审批已经写明再次告知的理由：“系统未显示第二页。”"):
        steps.draft_correction(
            case=case, defects=[Defect(*MINE, exception_reason="别的理由。")], actor=other, at=at
        )
    # The words as they are stay as they are.
    steps.draft_correction(
        case=case, defects=[Defect(*MINE, exception_reason="系统未显示第二页。")], actor=other, at=at
    )
    assert case.correction_notices.last().items.get().exception_by == zhao


@pytest.mark.parametrize(
    ("task", "mine", "theirs", "shown"),
    [
        (
            "contact",
            {"name": "陈经办", "phone": "025-12345678"},
            {"name": "孙经办", "phone": "025-87654321"},
            "经办人姓名：孙经办；联系电话：*********21",
        ),
        (
            "fulfilment",
            {"corrected_on": "2026-06-01", "improvements": "志愿服务。"},
            {"corrected_on": "2026-06-03", "improvements": "公益活动。"},
            "失信行为在哪一天纠正完毕：2026-06-03",
        ),
    ],
)
def test_what_is_entered_at_the_window_is_not_written_over_unseen(
    client, general_record, wang, colleague, task, mine, theirs, shown
):
    reception = received(general_record, wang)
    (case,) = cases_of(reception)
    page = reverse("admin:repairs_reception_task", args=[reception.pk, case.pk, task])

    def seen_by(officer):
        client.force_login(officer)
        return {"seen": client.get(page).context["seen"]}

    before = seen_by(wang)
    assert client.post(page, theirs | seen_by(colleague)).status_code == 302
    client.force_login(wang)
    answer = client.post(page, mine | before)
    assert "您打开本页以后，这一项已另有保存" in seen(answer) and shown in seen(answer)
    assert all(word in text(answer) for word in mine.values())
    # Whoever presses again has read it.
    assert client.post(page, mine | {"seen": answer.context["seen"]}).status_code == 302
