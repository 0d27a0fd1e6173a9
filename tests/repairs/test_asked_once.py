"""一次性告知: what could have been asked for at once goes out again only with the reason of the organ's head."""

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.models import CorrectionItem
from applications.repairs.steps import Defect
from applications.repairs.steps.request_correction import draft_and_ask
from tests.fixtures import make_user, moment
from tests.repairs.steps import resubmitted

pytestmark = pytest.mark.django_db

QUEUE = "/admin/repairs/repaircase/"
NEW = Defect("fulfilment", "仍不清晰。", "请重新扫描。")
OLD = Defect("licence", "没有公章。", "请盖章。")
REASON = "首次受理时系统没有显示第二页。"


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 10:00"), tick=False):
        yield


@pytest.fixture
def head(market_bureau):
    """Heads the bureau and handles no cases."""
    return make_user("tang@example.com", "唐局长", market_bureau, Role.SUPERVISOR)


@pytest.fixture
def case(general_record, market_bureau, alice, wang):
    """Submitted for the second time, with a new proof of fulfilment."""
    return resubmitted(general_record, market_bureau, alice, wang)


@pytest.fixture
def old_item(case, wang):
    draft(case, wang, NEW, OLD)
    return case.correction_notices.get(round=2).items.get(material_kind="licence")


def draft(case, officer, *defects):
    steps.draft_correction(case=case, defects=defects, actor=officer, at=moment("2026-11-25 09:00"))


def send(case, officer):
    return steps.ask_for_correction(case=case, actor=officer, at=moment("2026-11-25 11:00"))


def excuse(item, head, reason=REASON):
    return steps.waive_item(item=item, reason=reason, actor=head, at=moment("2026-11-25 10:00"))


def reason_page(item):
    return reverse("admin:repairs_exception", args=[item.notice.case_id, item.pk])


def test_drafted_excused_sent_by_two_people(case, old_item, wang, head):
    with pytest.raises(services.NotReady, match=r"第2项.*请本单位负责人（唐局长）在申请页面写明理由"):
        send(case, wang)
    case.refresh_from_db()
    assert case.status == "submitted"

    excuse(old_item, head)
    assert send(case, wang).status == "correcting"

    old_item.refresh_from_db()
    assert (old_item.exception_reason, old_item.exception_by) == (REASON, head)
    assert old_item.sent_at == moment("2026-11-25 11:00")
    event = Event.objects.get(chain=case.number, verb="repair.correction_excepted")
    assert event.actor == head and event.payload["reason"] == REASON


def test_what_the_answer_brought_needs_no_reason(case, wang, head):
    draft(case, wang, NEW)
    assert send(case, wang).status == "correcting"
    assert not CorrectionItem.objects.exclude(exception_reason="").exists()


def test_without_a_head_the_sentence_says_so(case, old_item, wang):
    with pytest.raises(services.NotReady, match="本单位还没有负责人"):
        send(case, wang)


def test_the_reason_is_for_the_words_it_was_given_for(case, old_item, wang, head):
    excuse(old_item, head)
    draft(case, wang, OLD, NEW)
    kept = case.correction_notices.get(round=2).items.get(material_kind="licence")
    assert kept.exception_reason == REASON and not kept.needs_reason

    draft(case, wang, Defect("licence", "公章不清。", "请盖章。"))
    with pytest.raises(services.NotReady, match="第1项"):
        send(case, wang)


def test_the_database_holds_it_of_whatever_is_sent(old_item):
    with pytest.raises(IntegrityError, match="correction_is_asked_once"), transaction.atomic():
        CorrectionItem.objects.filter(pk=old_item.pk).update(sent_at=moment("2026-11-25 11:00"))


def test_what_was_not_sent_is_not_asked_of_the_applicant(case, old_item, alice, client):
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).content.decode()
    assert "没有公章。" not in page


class TestPage:
    def test_works(self, client, case, old_item, wang, head):
        client.force_login(head)
        assert "<strong>1</strong>待我办理" in client.get("/admin/").content.decode()
        queue = client.get(QUEUE).content.decode()
        assert case.number in queue and "补正告知待负责人写明理由" in queue
        page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).content.decode()
        assert reason_page(old_item) in page and "没有公章。" in page
        assert "没有公章。" in client.get(reason_page(old_item)).content.decode()

        done = client.post(reason_page(old_item), {"reason": REASON}, follow=True).content.decode()
        assert "理由已记录" in done and f"{REASON}（唐局长）" in done
        assert "<strong>0</strong>待我办理" in client.get("/admin/").content.decode()
        client.force_login(wang)
        queue = client.get(QUEUE).content.decode()
        assert "补正告知未发出" in queue and "写明理由" not in queue

    def test_the_officer_is_told_who_can_and_loses_nothing(self, client, case, wang, head):
        client.force_login(wang)
        data = {"version": case.version, "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "take": ""}
        item = {"material_kind": "licence", "defect": "没有公章。", "requirement": "请盖章。"}
        answer = client.post(
            reverse("admin:repairs_step", args=[case.pk, "request_correction"]),
            data | {f"items-0-{name}": value for name, value in item.items()},
        )
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "请本单位负责人（唐局长）在申请页面写明理由" in page and "没有公章。" in page
        assert case.correction_notices.get(round=2).items.get().needs_reason

    def test_a_preview_does_not_say_that_anything_was_kept(self, client, case, wang, head):
        client.force_login(wang)
        data = {"version": case.version, "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "letter": ""}
        item = {"material_kind": "licence", "defect": "没有公章。", "requirement": "请盖章。"}
        page = client.post(
            reverse("admin:repairs_step", args=[case.pk, "request_correction"]),
            data | {f"items-0-{name}": value for name, value in item.items()},
        ).content.decode()
        assert "请本单位负责人（唐局长）在申请页面写明理由" in page
        assert "先点“只保存，不发出”" in page and "已经保存" not in page
        assert not case.correction_notices.filter(round=2).exists()

    def test_not_yours(self, client, old_item, wang, li, outsider, sun):
        # The officer, a colleague, the head of another unit, the department.
        for person in (wang, li, outsider, sun):
            client.force_login(person)
            assert client.get(reason_page(old_item)).status_code == 404, person
            assert client.post(reason_page(old_item), {"reason": REASON}).status_code == 404, person
        with pytest.raises(services.NotAllowed):
            excuse(old_item, wang)
        old_item.refresh_from_db()
        assert old_item.needs_reason

    def test_wrong_state(self, client, case, old_item, wang, head):
        excuse(old_item, head)
        send(case, wang)
        client.force_login(head)
        page = client.post(reason_page(old_item), {"reason": "又一个理由"}, follow=True).content.decode()
        assert "已经改动、发出或者不需要理由" in page
        with pytest.raises(services.NotReady, match="已经改动、发出或者不需要理由"):
            excuse(old_item, head, "又一个理由")
        old_item.refresh_from_db()
        assert old_item.exception_reason == REASON

    def test_an_item_that_the_officer_has_changed_meanwhile(self, client, case, old_item, wang, head):
        draft(case, wang, NEW)
        client.force_login(head)
        page = client.post(reason_page(old_item), {"reason": REASON}, follow=True).content.decode()
        assert "已经改动" in page

    def test_an_item_that_needs_no_reason(self, client, case, old_item, head):
        new = old_item.notice.items.get(material_kind="fulfilment")
        client.force_login(head)
        assert "不需要理由" in client.get(reason_page(new), follow=True).content.decode()

    @pytest.mark.parametrize(
        ("reason", "sentence"),
        [("", "请写明再次告知的理由。"), ("长" * 501, "500")],
        ids=["none", "too long"],
    )
    def test_bad_input(self, client, old_item, head, reason, sentence):
        client.force_login(head)
        page = client.post(reason_page(old_item), {"reason": reason}).content.decode()
        assert sentence in page and "没有记录" in page and reason in page
        old_item.refresh_from_db()
        assert old_item.needs_reason
        with pytest.raises(services.NotReady, match="请写明再次告知的理由"):
            excuse(old_item, head, "  ")


def test_one_head_does_not_replace_anothers_reason(old_item, head, market_bureau):
    other = make_user("lu@example.com", "陆局长", market_bureau, Role.SUPERVISOR)
    excuse(old_item, head)
    with pytest.raises(services.NotReady, match=f"唐局长已经写明再次告知的理由：“{REASON}”，没有改动"):
        excuse(old_item, other, "另有理由。")
    excuse(old_item, head, "首次受理时没有看清。")
    old_item.refresh_from_db()
    assert (old_item.exception_reason, old_item.exception_by) == ("首次受理时没有看清。", head)


def test_what_is_sent_is_what_its_sender_wrote(case, wang):
    """A page that the case has left behind replaces no draft; what waits for the head's reason is kept."""
    at = moment("2026-11-25 09:30")
    draft(case, wang, NEW)
    with pytest.raises(services.StaleCase, match="您的操作没有执行"):
        draft_and_ask(case=case, defects=[OLD], actor=wang, at=at, version=case.version - 1)
    assert case.correction_notices.get(round=2).items.get().material_kind == NEW.material_kind
    with pytest.raises(services.NotReady):
        draft_and_ask(case=case, defects=[OLD], actor=wang, at=at, version=case.version)
    assert case.correction_notices.get(round=2).items.get().material_kind == OLD.material_kind
    sent = draft_and_ask(case=case, defects=[NEW], actor=wang, at=at, version=case.version)
    assert sent.status == "correcting"
    assert case.correction_notices.get(round=2).items.get().material_kind == NEW.material_kind
