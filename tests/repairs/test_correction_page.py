"""The page on which an applicant answers a correction notice (Article 8)."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.repairs import steps
from applications.repairs.steps import Defect
from tests.fixtures import moment
from tests.repairs.steps import pdf, prepared, submitted
from tests.repairs.test_applicant_pages import text, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(moment("2026-11-20 10:00"), tick=False):
        yield


@pytest.fixture
def draft(general_record, market_bureau, alice):
    return prepared(general_record, market_bureau, alice)


class TestCorrectionPage:
    @pytest.fixture
    def case(self, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        steps.draft_correction(
            case=case,
            defects=[
                Defect("fulfilment", "缴款凭证没有写文号。", "请写明后重新扫描。"),
                Defect("licence", "没有公章。", "请加盖公章。"),
            ],
            actor=wang,
            at=moment("2026-11-20 11:00"),
        )
        with time_machine.travel(moment("2026-11-20 14:00"), tick=False):
            yield steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-20 11:05"))

    def test_works(self, client, case, alice):
        client.force_login(alice)
        first, second = case.correction_notices.get().items.all()
        page = text(client.get(url("correction", case)))
        assert "缴款凭证没有写文号。" in page
        assert "已答复 0/2 项" in page
        client.post(
            url("correction", case),
            {
                f"item{first.pk}-answer": "",
                f"item{first.pk}-uploads": pdf("新凭证.pdf"),
                f"item{second.pk}-answer": "",
            },
        )
        assert "已答复 1/2 项" in text(client.get(url("correction", case)))
        answer = client.post(
            url("correction", case), {f"item{second.pk}-answer": "公章已遗失，正在补刻，附说明。", "send": ""}
        )
        assert answer.url == url("submitted", case)

    def test_a_file_stays_where_the_answer_beside_it_is_too_long(self, client, case, alice):
        client.force_login(alice)
        first, _second = case.correction_notices.get().items.all()
        sent = {
            f"item{first.pk}-answer": "说" * 2001,
            f"item{first.pk}-uploads": pdf("新凭证.pdf"),
            "send": "",
        }
        page = text(client.post(url("correction", case), sent))
        # Counted, not cut.
        assert "2001" in page
        assert "说" * 2001 in page
        assert "新凭证.pdf" in page
        assert case.materials.filter(round=case.round + 1, file__name="新凭证.pdf").count() == 1

    def test_everything_must_be_answered_and_nothing_is_lost(self, client, case, alice):
        client.force_login(alice)
        first, _second = case.correction_notices.get().items.all()
        page = text(
            client.post(
                url("correction", case), {f"item{first.pk}-answer": "已说明。", "send": ""}, follow=True
            )
        )
        assert "第2项" in page
        assert "已说明。" in page
        case.refresh_from_db()
        assert case.status == "correcting"

    def test_the_same_button_twice_sends_once(self, client, case, alice):
        client.force_login(alice)
        first, second = case.correction_notices.get().items.all()
        data = {f"item{first.pk}-answer": "见说明", f"item{second.pk}-answer": "见说明", "send": ""}
        for _ in range(2):
            answer = client.post(url("correction", case), data, follow=True)
            assert "补正已提交" in text(answer)
        case.refresh_from_db()
        assert (case.status, case.round) == ("submitted", 2)

    def test_not_yours(self, client, case, charlie, wang):
        for person in (charlie, wang):
            client.force_login(person)
            assert client.get(url("correction", case)).status_code == 404

    def test_wrong_state(self, client, draft, alice):
        client.force_login(alice)
        assert client.get(url("correction", draft)).url == url("status", draft)

    def test_bad_file(self, client, case, alice):
        client.force_login(alice)
        first, _second = case.correction_notices.get().items.all()
        page = text(
            client.post(
                url("correction", case),
                {
                    f"item{first.pk}-answer": "见附件",
                    f"item{first.pk}-uploads": SimpleUploadedFile("坏.pdf", b"x"),
                },
            )
        )
        assert "坏.pdf" in page
        assert "见附件" in page
