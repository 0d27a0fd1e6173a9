"""A letter is seen as it would be issued, before it is; a preview issues nothing and leaves nothing."""

import pytest
import time_machine
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.previews import drafted_letters
from applications.documents.rendering import render_html
from applications.ledger.models import READINGS, Event
from applications.notifications.models import Message
from applications.numbering.models import Series
from applications.repairs.steps import PAGES, grant_case, refuse_case
from applications.sharing.models import Delivery
from tests.fixtures import moment
from tests.pages import text
from tests.repairs.steps import accepted, reviewed, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-25 10:00")


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case(general_record, market_bureau, alice, wang, li):
    return reviewed(accepted(general_record, market_bureau, alice, wang), li)


def page_of(case, action):
    return reverse("admin:repairs_step", args=[case.pk, action])


def everything(case):
    case.refresh_from_db()
    case.record.refresh_from_db()
    return (
        case.status,
        case.version,
        case.decision_number,
        case.record.publicity,
        Document.objects.count(),
        Delivery.objects.count(),
        Message.objects.count(),
        Event.objects.exclude(chain__startswith=READINGS).count(),
        [*Series.objects.order_by("pk").values()],
        [*Deadline.objects.order_by("pk").values_list("kind", "met_on")],
    )


def test_the_grant_is_shown_and_nothing_happens(client, case, zhao):
    before = everything(case)
    client.force_login(zhao)
    answer = client.get(page_of(case, "grant"), {"letter": ""})
    page = text(answer)
    assert answer.status_code == 200 and "还没有签发" in page
    assert 'alt="《准予信用修复决定书》第1页"' in page and "data:image/jpeg" in page
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert everything(case) == before


@pytest.mark.parametrize("decide", [grant_case, refuse_case])
def test_the_letter_says_what_was_shown(general_record, market_bureau, alice, wang, li, zhao, decide):
    failing = {"corrected": "没有整改。"} if decide is refuse_case else {}
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li, **failing)
    (draft,) = drafted_letters(case.number, lambda: decide(case=case, actor=zhao, at=AT), at=AT)
    decide(case=case, actor=zhao, at=AT)
    issued = Document.objects.get(kind=draft.kind)
    assert (draft.content, draft.addressee, draft.organ) == (issued.content, issued.addressee, issued.organ)


def test_a_draft_cannot_be_taken_for_a_letter(case, zhao):
    (draft,) = drafted_letters(case.number, lambda: grant_case(case=case, actor=zhao, at=AT), at=AT)
    letter = render_html(draft, draft=True)
    assert "〔2026〕1号" not in letter and draft.verification_code not in letter.replace("-", "")
    assert "<svg" not in letter and "（签发时生成）" in letter


def test_words_that_were_typed_are_in_it(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    before = everything(case)
    client.force_login(wang)
    typed = {"version": case.version, "ground": "elsewhere", "reason": "由外省认定。", "letter": ""}
    answer = client.post(page_of(case, "decline"), typed)
    assert "《不予受理告知书》第1页" in text(answer)
    items = {
        "version": case.version,
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-material_kind": "licence",
        "items-0-defect": "没有公章",
        "items-0-requirement": "请盖章",
        "letter": "",
    }
    assert "《补正材料告知书》第1页" in text(client.post(page_of(case, "request_correction"), items))
    assert "《信用修复申请受理通知书》第1页" in text(
        client.post(page_of(case, "accept"), {"version": case.version, "letter": ""})
    )
    assert everything(case) == before


def test_what_is_lacking_is_said_instead(client, case, zhao):
    client.force_login(zhao)
    before = everything(case)
    # The page of the step asks for it by itself.
    answer = client.get(page_of(case, "refuse"), {"letter": ""})
    assert answer.status_code == 200 and "不能不予修复" in text(answer)
    answer = client.post(page_of(case, "refuse"), {"version": case.version, "letter": ""})
    assert answer.status_code == 200 and "不能不予修复" in text(answer)
    answer = client.post(page_of(case, "grant"), {"version": 1, "letter": ""})
    assert answer.status_code == 200 and "请刷新页面" in text(answer)
    # Who looks is refused nothing; who acts is.
    assert everything(case) == before
    client.post(page_of(case, "refuse"), {"version": case.version})
    assert Event.objects.filter(verb="act.refused").count() == 1


def test_a_form_that_is_not_filled_in(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    answer = client.post(page_of(case, "decline"), {"version": case.version, "letter": ""})
    assert answer.status_code == 200 and "这个字段是必填项" in text(answer)
    assert not Event.objects.filter(verb="act.refused").exists()


def test_it_is_only_for_whoever_could_take_the_step(client, case, li, outsider):
    for person in (li, outsider):
        client.force_login(person)
        assert client.get(page_of(case, "grant"), {"letter": ""}).status_code == 404


def test_each_page_of_a_step_with_a_letter_offers_it(client, case, zhao):
    client.force_login(zhao)
    assert 'name="letter"' in text(client.get(page_of(case, "grant")))
    assert 'name="letter"' not in text(client.get(page_of(case, "return")))
    assert {"accept", "decline", "request_correction", "grant", "refuse"} <= PAGES.keys()
