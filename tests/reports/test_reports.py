"""What a report says, who issues it, and what the verification page says about it afterwards."""

import io
import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from pypdf import PdfReader

from applications.documents.rendering import render_pdf
from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.services import write_record
from applications.reports.composing import TOLD, compose
from applications.reports.models import CreditReport
from applications.reports.services import issue_report, make_report_number, void_report
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_record, moment
from tests.pages import seen
from tests.reports.conftest import ISSUED, annotate

pytestmark = pytest.mark.django_db

REPAIRED, EXPIRED, SERIOUS = "宁市监处罚〔2026〕15号", "宁市监处罚〔2025〕3号", "宁市监处罚〔2026〕7号"


def text_of(report: CreditReport) -> str:
    document = render_document(report.document_id, at=ISSUED)
    with document.pdf.file.open("rb") as stored:
        pages = PdfReader(io.BytesIO(stored.read())).pages
        return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


@pytest.fixture
def records(repaired_record, expired_record, serious_record):
    return repaired_record, expired_record, serious_record


def test_the_repair_variant_lists_everything_and_annotates_what_is_repaired(issue, records):
    text = text_of(issue())
    assert "法人和非法人组织公共信用信息报告" in text
    assert f"{REPAIRED}【已修复】" in text
    assert "南京市市场监督管理局于2026年11月30日以宁市监信修准〔2026〕8号准予信用修复" in text
    assert f"{EXPIRED}【公示期满】" in text
    assert f"{SERIOUS}【公示中】" in text
    assert "已修复1条" in text
    assert (
        "行政管理诚实守信严重失信主体名单经营异常信用承诺信用评价司法判决其他"
        "3条，其中严重失信1条未归集未归集未归集公示0条未归集未归集1条" in text
    )


def test_the_public_variant_lists_neither_repaired_nor_expired_records(issue, records):
    text = text_of(issue("public"))
    assert f"{SERIOUS}【公示中】" in text
    for hidden in (REPAIRED, EXPIRED, "宁市监信修准〔2026〕8号", "已修复1条", "XF-320100"):
        assert hidden not in text
    assert "公开版不列示信用修复信息" in text


def test_the_report_prints_its_number_validity_and_limits(issue, records):
    report = issue()
    text = text_of(report)
    assert re.fullmatch(r"20261202140300[2-9A-HJKMNP-Z]{8}", report.number)
    assert f"报告编号：{report.number}" in text
    # Six months from 2 December 2026.
    assert "至2027年6月2日（自生成之日起6个月）" in text
    assert report.document.valid_until == date(2027, 6, 2)
    assert "不含评分和等级" in text
    assert "信息异议" in text
    # What the portal does not collect is said to be that, and not to be nothing.
    assert text.count("本系统未归集该类信息。") == 5
    for chapter in "一二三四五六七八九十":
        assert f"{chapter}、" in text


def test_a_subject_without_records_has_a_clean_report(issue):
    text = text_of(issue())
    assert "没有行政处罚等失信行为信息" in text
    assert "没有已修复的失信行为信息" in text
    assert "没有正在公示的行政处罚等失信行为信息" in text_of(issue("public"))


def test_the_report_number_carries_the_moment_in_shanghai():
    assert make_report_number(moment("2027-01-01 00:00")).startswith("20270101000000")
    assert len(make_report_number(ISSUED)) == 22


@pytest.fixture
def person(db) -> Subject:
    number = "11010519491231002X"
    return Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="张小明",
        identity_type="resident_id",
        identity_number=number,
        identity_digest=identity_digest("resident_id", number),
        address="南京市玄武区示例路2号3室",
    )


def test_a_persons_number_is_masked_and_the_address_left_out(issue, person):
    report = issue(subject=person)
    assert "个人公共信用信息报告" in text_of(report)
    assert "11010519491231002X" not in str(report.document.content) + text_of(report)
    assert "1101**********002X" in text_of(report)
    assert "示例路2号" not in text_of(report)


def test_a_person_has_a_layout_of_its_own(issue, person, market_bureau):
    make_record(person, market_bureau)
    text = text_of(issue(subject=person))
    assert "一、个人基础信息姓名张小明证件类型身份证证件号码1101**********002X" in text
    # Nothing of businesses, and no number is left out.
    assert "登记注册" not in text and "异常" not in text and "法定代表人" not in text
    places = [text.index(each) for each in (
        "一、个人基础信息", "二、行政管理信息", "三、诚实守信", "四、严重失信主体名单信息", "五、信用承诺信息", "六、信用评价信息",
        "七、司法判决", "八、其他信息", "九、信用状况提升建议",
    )]  # fmt: skip
    assert places == sorted(places) and "十、" not in text
    assert text.count("本系统未归集该类信息。") == 4
    assert "行政处罚（1/1）" in text and "证件号码已经遮盖" in text
    assert "证件号码已经遮盖" not in text_of(issue())


def test_what_others_wrote_is_printed_and_never_obeyed(issue, acme, market_bureau):
    make_record(acme, market_bureau)
    attack = '<img src="file:///etc/passwd"><script>alert(1)</script>'
    acme.records.update(facts=attack, violation_type="{{ settings.SECRET_KEY }}")
    text = text_of(issue())
    assert re.sub(r"\s", "", attack) in text
    assert "{{settings.SECRET_KEY}}" in text


def test_sixty_records_with_long_words_fit(issue, acme, market_bureau):
    for n in range(60):
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号")
    acme.records.update(facts="事实" * 400)
    text = text_of(issue())
    for n in range(60):
        assert f"行政处罚（{n + 1}/60）" in text and f"宁市监处罚〔2026〕{n}号【公示中】" in text


def test_a_report_is_small_enough_to_be_sent(issue, acme, market_bureau):
    for each in range(5):
        decided = date(2026, 8, 1 + each)
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2025〕{each}号", decided_on=decided)
    # 120 KB, of which a signature with all that it can have takes 15 (ADR 0055).
    assert len(render_pdf(issue().document).pdf) < 105_000


def test_what_a_table_is_about_stands_on_each_page_of_it(issue, acme, market_bureau):
    make_record(acme, market_bureau)
    acme.records.update(facts="事实" * 1500)
    document = render_document(issue().document_id, at=ISSUED)
    with document.pdf.file.open("rb") as stored:
        pages = [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(stored).pages]
    of_it = [page for page in pages if "事实事实" in page]
    assert len(of_it) > 2 and all("行政处罚（1/1）宁市监处罚〔2026〕15号【公示中】" in page for page in of_it)


def test_only_a_report_officer_of_a_credit_bureau_issues(acme, credit_bureau, market_bureau, qian, zhao, sun):
    def issue_as(actor, organ):
        return issue_report(
            subject=acme, variant="public", organ=organ, purpose="投标", actor=actor, at=ISSUED
        )

    zhao.staff_roles.create(role="report_officer")
    for actor, organ in (
        (zhao, market_bureau),
        (zhao, credit_bureau),
        (sun, credit_bureau),
        (qian, market_bureau),
    ):
        with pytest.raises(PermissionDenied):
            issue_as(actor, organ)
    qian.staff_roles.filter(role="report_officer").delete()
    with pytest.raises(PermissionDenied):
        issue_as(qian, credit_bureau)
    assert not CreditReport.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"purpose": " "}, "purpose", "请填写用途"),
        ({"purpose": "长" * 201}, "purpose", "不超过200字"),
        ({"variant": "secret"}, "variant", "请选择报告版本"),
    ],
)
def test_bad_input_names_its_field(acme, credit_bureau, qian, changes, field, said):
    good = {
        "subject": acme,
        "variant": "public",
        "organ": credit_bureau,
        "purpose": "投标",
        "actor": qian,
        "at": ISSUED,
    }
    with pytest.raises(ValidationError) as caught:
        issue_report(**(good | changes))
    assert said in caught.value.message_dict[field][0]


def test_issuing_is_in_the_ledger_and_told_to_the_subjects_people(issue, alice, bob, charlie):
    report = issue()
    assert list(Event.objects.filter(chain=report.number).values_list("verb", flat=True)) == [
        "document.issued",
        "report.issued",
    ]
    told = set(Message.objects.filter(about=report.number).values_list("recipient__email", flat=True))
    assert told == {alice.email, bob.email}


def test_who_acts_in_one_matter_or_no_longer_is_not_told(issue, acme, alice, bob, charlie):
    # Neither sees the subject's reports.
    Claim.objects.create(
        user=charlie, subject=acme, capacity="agent", status="verified", scope_document="宁市监处罚〔2026〕15号",
        ends_on=date(2026, 12, 31), made_at=ISSUED,
    )  # fmt: skip
    bob.claims.update(capacity="agent", ends_on=date(2026, 12, 1))
    report = issue()
    told = Message.objects.filter(about=report.number).values_list("recipient__email", flat=True)
    assert set(told) == {alice.email}


def test_a_mail_does_not_spell_a_persons_name(issue, person, charlie):
    Claim.objects.create(user=charlie, subject=person, capacity="self", status="verified", made_at=ISSUED)
    report = issue(subject=person)
    (title,) = set(Message.objects.filter(about=report.number).values_list("subject", flat=True))
    assert person.name not in title and title == f"{person.public_name}的公共信用信息报告已经出具"


def test_the_verification_page_knows_when_the_facts_have_moved_on(
    client, issue, serious_record, market_bureau
):
    public, repair = issue("public"), issue("repair")
    for report in (public, repair):
        text = seen(client.get(reverse("documents:verified", args=[report.document.verification_code])))
        assert "这份文书真实有效。" in text
        assert "状态自签发后有变化没有" in text
    annotate(serious_record, market_bureau)
    for report in (public, repair):
        text = seen(client.get(reverse("documents:verified", args=[report.document.verification_code])))
        assert "请以新报告为准" in text
        assert "真实有效" not in text


def test_a_new_record_and_the_end_of_publicity_are_changes_too(
    client, issue, acme, market_bureau, time_machine
):
    report = issue("public")
    address = reverse("documents:verified", args=[report.document.verification_code])
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号", decided_on=date(2026, 12, 1))
    assert "有，请以新报告为准" in seen(client.get(address))
    newer = issue("public")
    address = reverse("documents:verified", args=[newer.document.verification_code])
    assert "有变化没有" in seen(client.get(address))
    time_machine.move_to(moment("2027-06-03 09:00"))
    assert "已过有效期" in seen(client.get(address))


def test_a_void_report_is_void_for_everybody_at_once(client, issue, qian):
    report = issue()
    void_report(report=report, reason="主体选错", actor=qian, at=ISSUED)
    address = reverse("documents:verified", args=[report.document.verification_code])
    assert "已作废" in seen(client.get(address))
    assert Event.objects.filter(chain=report.number, verb="report.voided", actor=qian).exists()
    with pytest.raises(ValidationError, match="此前已经作废"):
        void_report(report=report, reason="再次", actor=qian, at=ISSUED)


def test_another_bureaus_officer_voids_nothing(issue, sun):
    with pytest.raises(PermissionDenied):
        void_report(report=issue(), reason="不是我的", actor=sun, at=ISSUED)


def test_composing_is_plain_data_that_json_keeps(acme, records):
    import json

    content = compose(subject=acme, variant="repair", on=date(2026, 12, 2))
    assert json.loads(json.dumps(content)) == content


def test_what_the_law_withholds_is_listed_for_a_repair_alone(issue, acme, market_bureau):
    record = make_record(
        acme,
        market_bureau,
        document_number="宁市监处罚〔2026〕21号",
        decided_on=date(2026, 5, 6),
        publicity="withheld",
    )
    text = text_of(issue("repair"))
    assert f"{record.document_number}【依法不公示】" in text and "公示截止期" not in text
    assert record.document_number not in text_of(issue("public"))


def test_a_penalty_that_came_in_twice_is_listed_once(issue, serious_record, acme, market_bureau):
    make_record(
        acme,
        market_bureau,
        document_number="宁市监处罚[2026]7号",
        decided_on=date(2026, 5, 6),
        double_of=serious_record,
    )
    text = text_of(issue("repair"))
    assert "宁市监处罚[2026]7号" not in text and "1条，其中严重失信1条" in text


OTHER = {
    "document_number": "宁市监处罚〔2026〕8号", "penalties": ["warning"], "decided_on": date(2026, 5, 9), "severity": "general",
    "publicity_until": date(2028, 1, 1), "identified_on": date(2026, 5, 9), "domains": ["food_drug"], "conducts": [],
    "fine_amount": 7, "confiscated_amount": 7, "region": "320500", "valid_until": date(2028, 1, 1), "other_columns": {"x": "y"},
}  # fmt: skip


def test_what_counts_as_a_correction_is_what_the_rows_say(serious_record, acme):
    def told() -> object:
        content = compose(subject=acme, variant="repair", on=ISSUED.date())
        return content["penalties"]

    before, rows = told(), type(serious_record).objects.filter(pk=serious_record.pk)
    kept = rows.values().get()
    changeable = TOLD | {"domains", "conducts", "region", "valid_until", "other_columns", "remarks"}
    differs = set()
    for name in changeable:
        rows.update(**{name: OTHER.get(name, "另一个")})
        if told() != before:
            differs.add(name)
        rows.update(**{name: kept[name]})
    assert differs == TOLD


@pytest.mark.parametrize("variant", ["public", "repair"])
def test_what_was_corrected_or_named_anew_is_a_change(client, issue, serious_record, acme, wang, variant):
    def says(report: CreditReport) -> str:
        return seen(client.get(reverse("documents:verified", args=[report.document.verification_code])))

    def corrected(**values: str) -> None:
        at = moment("2026-12-03 10:00")
        write_record(record=serious_record, values=values, verb="record.updated", at=at, actor=wang)

    first = issue(variant)
    corrected(remarks="内部备注")
    assert "这份文书真实有效。" in says(first)
    corrected(penalty_content="罚款3万元。")
    assert "有，请以新报告为准" in says(first)
    second = issue(variant, at=moment("2026-12-03 11:00"))
    assert "这份文书真实有效。" in says(second)
    Subject.objects.filter(pk=acme.pk).update(name="南京示例食品集团有限公司")
    assert "有，请以新报告为准" in says(second)
