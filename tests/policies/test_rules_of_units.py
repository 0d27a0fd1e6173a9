"""Implementing rules (Article 18): handed in, shown in words, confirmed, copied, withdrawn."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from applications.files.services import store_content
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.policies import services
from applications.policies.models import ImplementingRules, PolicyText
from applications.policies.selectors import policies_in_force, policy_by_digest, policy_in_force
from applications.repairs.assessing import assess_case, policy_of
from rules.errors import InputError, OverlayRefused, PolicyFileError
from rules.policy import get_policy
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.repairs.steps import pdf, prepared, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-23 10:00")
LIST = "/admin/policies/implementingrules/"
FIVE_MONTHS = """
id = "nj-scjg-1"
title = "市场监管领域信用修复实施细则"
document = "宁市监规〔2026〕3号"
base = "jiangsu-2020-4"
effective_from = 2026-12-01

[severities.general.minimum]
amount = 5
unit = "months"
source = { article = "三" }

[clocks.decision]
working_days = 4
source = { article = "七" }
"""
IN_WORDS = (
    "自2026-12-01起施行：本单位认定的一般失信行为：最短期限由3个月（苏信用发〔2020〕4号第四条）"
    "延长为5个月（宁市监规〔2026〕3号第三条）。"
)


@pytest.fixture(autouse=True)
def on_the_23rd():
    with time_machine.travel(AT, tick=False):
        yield


def handed_in(unit, actor, text=FIVE_MONTHS, at=AT):
    document = store_content(
        name="细则.pdf", content=b"%PDF-1.4", content_type="application/pdf", at=at, user=actor
    )
    return services.hand_in_rules(unit=unit, text=text, document=document, actor=actor, at=at)


def confirmed(unit, actor, text=FIVE_MONTHS):
    return services.confirm_rules(rules=handed_in(unit, actor, text), actor=actor, at=AT)


class TestWhatApplies:
    def test_nothing_applies_before_it_is_confirmed(self, market_bureau, zhao):
        rules = handed_in(market_bureau, zhao)
        assert rules.status == "draft"
        assert rules.differences[0] == IN_WORDS
        assert policy_in_force(on=date(2026, 12, 1), unit=market_bureau).id == "jiangsu-2020-4"

    def test_it_applies_to_the_unit_from_its_first_day(self, market_bureau, ecology_bureau, zhao):
        confirmed(market_bureau, zhao)
        assert policy_in_force(on=date(2026, 11, 30), unit=market_bureau).id == "jiangsu-2020-4"
        own = policy_in_force(on=date(2026, 12, 1), unit=market_bureau)
        assert own.id == "jiangsu-2020-4+nj-scjg-1"
        assert own.clocks["decision"].working_days == 4
        assert policy_in_force(on=date(2026, 12, 1), unit=ecology_bureau).clocks["decision"].working_days == 7
        assert policy_in_force(on=date(2026, 12, 1)).id == "jiangsu-2020-4"
        both = policies_in_force(on=date(2026, 12, 1), units=[market_bureau.pk, ecology_bureau.pk])
        assert both[market_bureau.pk] is own
        assert both[ecology_bureau.pk].id == "jiangsu-2020-4"

    def test_few_queries_answer_for_many_units(
        self, market_bureau, ecology_bureau, zhao, django_assert_num_queries
    ):
        confirmed(market_bureau, zhao)
        with django_assert_num_queries(2):
            policies_in_force(on=date(2026, 12, 1), units=[market_bureau.pk, ecology_bureau.pk])
        with django_assert_num_queries(2):
            policy_in_force(on=date(2026, 12, 1), unit=market_bureau)

    def test_it_ends_on_the_day_named_and_decisions_under_it_stay_explained(self, market_bureau, zhao):
        rules = confirmed(market_bureau, zhao)
        services.keep_text(policy=policy_in_force(on=date(2026, 12, 1), unit=market_bureau), at=AT)
        services.withdraw_rules(
            rules=rules,
            from_day=date(2027, 2, 1),
            reason="宁市监规〔2027〕1号",
            actor=zhao,
            at=moment("2027-01-04 09:00"),
        )
        assert policy_in_force(on=date(2027, 1, 31), unit=market_bureau).id.endswith("+nj-scjg-1")
        assert policy_in_force(on=date(2027, 2, 1), unit=market_bureau).id == "jiangsu-2020-4"
        old = PolicyText.objects.get(policy_id="jiangsu-2020-4+nj-scjg-1")
        assert policy_by_digest(old.digest).clocks["decision"].working_days == 4

    def test_a_case_is_assessed_and_timed_by_its_units_rules(
        self, acme, market_bureau, credit_bureau, alice, zhao
    ):
        confirmed(market_bureau, zhao)
        # 2026-05-01 and 5 months: the last day is 2026-10-01, so 2026-10-02 is the first day.
        record = make_record(acme, market_bureau)
        case = prepared(record, credit_bureau, alice)
        before, after = (assess_case(case, day) for day in (date(2026, 11, 30), date(2026, 12, 1)))
        assert before.finding("minimum_period").earliest_on == date(2026, 8, 2)
        assert after.finding("minimum_period").earliest_on == date(2026, 10, 2)
        assert policy_of(case, date(2026, 12, 1)).clocks["decision"].working_days == 4

    def test_the_clock_of_the_units_rules_names_article_18(self, acme, market_bureau, alice, wang, zhao):
        from applications.deadlines.selectors import clocks_of
        from applications.repairs import steps

        confirmed(market_bureau, zhao)
        case = submitted(make_record(acme, market_bureau), market_bureau, alice)
        steps.accept_case(case=case, actor=wang, at=moment("2026-12-01 10:00"))
        clock = clocks_of(case.number).get(kind="decision")
        # Wednesday the 2nd to Monday the 7th of December: 2, 3, 4, 7.
        assert (clock.working_days, clock.article, clock.due_on) == (4, "十八", date(2026, 12, 7))


class TestWhoAndWhen:
    def test_the_department_receives_a_copy(self, market_bureau, zhao, sun):
        rules = confirmed(market_bureau, zhao)
        message = Message.objects.get(recipient=sun, channel="inbox")
        assert message.subject == "抄送：南京市市场监督管理局的信用修复实施细则"
        assert IN_WORDS in message.body and "自2026年12月1日起施行" in message.body
        assert message.link == f"/to/rules/{rules.pk}/"
        verbs = Event.objects.filter(chain=f"rules-{rules.pk}").values_list("verb", flat=True)
        assert list(verbs) == ["rules.handed_in", "rules.confirmed"]

    def test_without_a_department_of_the_city_the_provinces_receives_it(
        self, ecology_bureau, outsider, zheng, sun
    ):
        confirmed(ecology_bureau, outsider)
        assert Message.objects.filter(recipient=zheng).exists()
        assert not Message.objects.filter(recipient=sun).exists()

    @pytest.mark.parametrize("person", ["wang", "outsider", "sun", "qian", "alice"])
    def test_only_the_units_supervisor_records(self, request, market_bureau, person):
        with pytest.raises(PermissionDenied):
            handed_in(market_bureau, request.getfixturevalue(person))

    def test_loosening_is_refused_with_the_clause(self, market_bureau, zhao):
        with pytest.raises(OverlayRefused, match=r"第四条.*由3个月缩短为2个月"):
            handed_in(market_bureau, zhao, FIVE_MONTHS.replace("amount = 5", "amount = 2"))
        with pytest.raises(OverlayRefused, match="第九条"):
            handed_in(market_bureau, zhao, FIVE_MONTHS.replace("working_days = 4", "working_days = 8"))
        assert not ImplementingRules.objects.exists()

    @pytest.mark.parametrize(
        "old, new, named",
        [
            ("amount = 5", "amount = ", "第9行"),
            ("amount = 5", 'amount = "五"', "severities.general.minimum.amount"),
            ("effective_from = 2026-12-01", "effective_from = 2026-12-01\nlenient = true", "lenient"),
        ],
    )
    def test_a_faulty_text_names_line_or_key(self, market_bureau, zhao, old, new, named):
        with pytest.raises(PolicyFileError, match=named):
            handed_in(market_bureau, zhao, FIVE_MONTHS.replace(old, new))

    def test_an_id_is_used_once_and_rules_that_are_over_are_not_recorded(self, market_bureau, zhao):
        confirmed(market_bureau, zhao)
        with pytest.raises(InputError, match="nj-scjg-1"):
            handed_in(market_bureau, zhao)
        over = FIVE_MONTHS.replace("nj-scjg-1", "nj-scjg-0").replace(
            "effective_from = 2026-12-01", "effective_from = 2025-01-01\neffective_to = 2026-11-22"
        )
        with pytest.raises(InputError, match="已经失效"):
            handed_in(market_bureau, zhao, over)

    def test_each_step_is_taken_once(self, market_bureau, zhao):
        rules = confirmed(market_bureau, zhao)
        with pytest.raises(services.NotOpen, match="待施行"):
            services.confirm_rules(rules=rules, actor=zhao, at=AT)
        with pytest.raises(services.NotOpen):
            services.discard_rules(rules=rules, actor=zhao, at=AT)
        with pytest.raises(InputError, match="不能早于今天"):
            services.withdraw_rules(rules=rules, from_day=date(2026, 11, 22), reason="撤", actor=zhao, at=AT)
        services.withdraw_rules(rules=rules, from_day=date(2026, 11, 23), reason="撤", actor=zhao, at=AT)
        with pytest.raises(services.NotOpen, match="已废止"):
            services.withdraw_rules(rules=rules, from_day=date(2026, 11, 23), reason="撤", actor=zhao, at=AT)


SIMPLE = {
    "title": "市场监管领域信用修复实施细则",
    "document_number": "宁市监规〔2026〕3号",
    "effective_from": "2026-12-01",
    "article": "第三条",
    "minimum_general": "5",
    "conditions_general": ["training_completed"],
    "age_training_completed": "12",
    "domains": ["food_drug"],
}


class TestPages:
    def test_a_supervisor_hands_in_looks_and_confirms(self, client, market_bureau, zhao, sun):
        client.force_login(zhao)
        page = text(client.get(reverse("admin:policies_rules_new")))
        assert "不得放宽（第十八条）" in page
        answer = client.post(reverse("admin:policies_rules_new"), SIMPLE | {"document": pdf("细则.pdf")})
        rules = ImplementingRules.objects.get()
        assert answer.url == f"{LIST}{rules.pk}/change/"
        page = text(client.get(answer.url))
        assert (
            "自2026-12-01起施行：食品药品领域的一般失信行为：最短期限由3个月（苏信用发〔2020〕4号第四条）"
            "延长为5个月（宁市监规〔2026〕3号第三条）。" in page
        )
        assert (
            "食品药品领域的一般失信行为：增加条件“已参加信用修复培训”（宁市监规〔2026〕3号第三条）。" in page
        )
        assert "食品药品领域的严重失信行为：“已参加信用修复培训”的材料须在12个月以内" in page
        assert "还没有施行，也没有抄送" in page
        assert "确认施行，抄送南京市发展和改革委员会" in page
        page = text(client.post(reverse("admin:policies_rules_confirm", args=[rules.pk]), follow=True))
        assert "已记载，自2026年12月1日起施行，并已抄送南京市发展和改革委员会。" in page
        client.force_login(sun)
        page = text(client.get(LIST))
        assert "宁市监规〔2026〕3号" in page and "延长为5个月" in page and "细则.pdf" in page
        # It is 23 November: the rules are recorded and not in force yet.
        assert "待施行" in page and "施行中" not in page and "已施行" not in page
        document = client.get(reverse("admin:policies_rules_document", args=[rules.pk]))
        assert b"".join(document.streaming_content).startswith(b"%PDF")

    def test_what_is_wrong_is_said_and_nothing_typed_or_uploaded_is_lost(self, client, zhao):
        client.force_login(zhao)
        address = reverse("admin:policies_rules_new")
        answer = client.post(address, SIMPLE | {"minimum_general": "2", "document": pdf("细则.pdf")})
        page = text(answer)
        assert answer.status_code == 422
        assert "<title>错误：" in page
        assert "实施细则不得放宽苏信用发〔2020〕4号第四条：最短期限不得由3个月缩短为2个月。" in page
        assert 'value="宁市监规〔2026〕3号"' in page
        assert "已上传：细则.pdf（1页）" in page
        kept = answer.context["form"].kept_reference
        answer = client.post(address, SIMPLE | {"kept": kept})
        assert answer.status_code == 302
        assert ImplementingRules.objects.get().document.name == "细则.pdf"

    def test_bad_input_names_the_field(self, client, zhao, outsider):
        client.force_login(zhao)
        address = reverse("admin:policies_rules_new")
        page = text(client.post(address, {"article": "3", "effective_from": "2026-13-01"}))
        assert "以下要求所在的条：应为中文数字的条号" in page
        assert "细则文件：请上传印发的细则文件。" in page
        assert "名称：" in page and "施行日期：" in page
        empty = {key: SIMPLE[key] for key in ("title", "document_number", "effective_from", "article")}
        page = text(client.post(address, empty | {"document": pdf()}))
        assert "还没有填写任何要求" in page
        # A document that somebody else uploaded is not taken.
        kept = client.post(address, empty | {"document": pdf()}).context["form"].kept_reference
        client.force_login(outsider)
        assert "请上传印发的细则文件" in text(client.post(address, SIMPLE | {"kept": kept}))

    def test_the_text_of_an_overlay(self, client, zhao):
        client.force_login(zhao)
        address = reverse("admin:policies_rules_new_text")
        assert 'id = "nj-scjg-1"' in text(client.get(address))
        page = text(client.post(address, {"text": "id = ", "document": pdf()}))
        assert "细则条件（TOML）：细则条件：不是有效的 TOML" in page
        answer = client.post(address, {"text": FIVE_MONTHS, "document": pdf()})
        rules = ImplementingRules.objects.get()
        assert answer.url == f"{LIST}{rules.pk}/change/"
        assert "amount = 5" in text(client.get(f"{address}?from={rules.pk}"))

    def test_nobody_else_sees_a_draft_or_takes_a_step(self, client, market_bureau, zhao, outsider, sun, wang):
        rules = handed_in(market_bureau, zhao)
        page = f"{LIST}{rules.pk}/change/"
        confirm = reverse("admin:policies_rules_confirm", args=[rules.pk])
        client.force_login(sun)
        assert client.get(page).status_code == 404
        client.force_login(outsider)
        assert client.get(page).status_code == 404
        assert client.post(confirm).status_code == 404
        assert client.get(reverse("admin:policies_rules_document", args=[rules.pk])).status_code == 404
        client.force_login(wang)
        assert client.get(page).status_code == 200
        assert client.post(confirm).status_code == 403
        assert client.get(reverse("admin:policies_rules_new")).status_code == 403
        client.force_login(sun)
        assert client.post(confirm).status_code == 403
        rules.refresh_from_db()
        assert rules.status == "draft"

    def test_applicants_have_no_page_here(self, client, alice):
        client.force_login(alice)
        assert client.get(LIST).status_code in (302, 403)
        assert client.get(reverse("admin:policies_rules_new")).status_code in (302, 403)

    def test_withdrawing(self, client, market_bureau, zhao, sun):
        rules = confirmed(market_bureau, zhao)
        client.force_login(zhao)
        address = reverse("admin:policies_rules_withdraw", args=[rules.pk])
        assert "不能恢复" in text(client.get(address))
        page = text(client.post(address, {"from_day": "2026-11-01", "reason": "已废止"}))
        assert "不能早于今天" in page and 'value="2026-11-01"' in page
        page = text(client.post(address, {"from_day": "2026-12-15", "reason": "已废止"}, follow=True))
        assert "已记载废止" in page and "自 2026年12月15日（周二） 起不再适用：已废止" in page
        again = client.post(address, {"from_day": "2026-12-15", "reason": "已废止"})
        assert again.status_code == 409 and "赵审批已于" in text(again) and "不能再次办理" in text(again)
        assert Message.objects.filter(recipient=sun, subject__contains="废止").exists()

    def test_discarding_a_draft(self, client, market_bureau, zhao):
        rules = handed_in(market_bureau, zhao)
        client.force_login(zhao)
        page = text(client.get(reverse("admin:policies_rules_discard", args=[rules.pk])))
        assert "不能恢复" in page and "确认删除草稿" in page and ImplementingRules.objects.exists()
        # The draft's own page deletes nothing at one click.
        own = text(client.get(reverse("admin:policies_implementingrules_change", args=[rules.pk])))
        assert f'action="{reverse("admin:policies_rules_discard", args=[rules.pk])}"' not in own
        client.post(reverse("admin:policies_rules_discard", args=[rules.pk]))
        assert not ImplementingRules.objects.exists()
        with pytest.raises(services.NotOpen, match=r"赵审批已于.+删除这份细则草稿"):
            services.discard_rules(rules=rules, actor=zhao, at=moment("2026-12-01 10:00"))
        assert get_policy("jiangsu-2020-4") is policy_in_force(on=date(2026, 12, 1), unit=market_bureau)


@pytest.mark.parametrize("page", ["new/", "new/text/"])
def test_an_empty_form_gets_its_errors(client, zhao, page):
    client.force_login(zhao)
    answer = client.post(LIST + page)
    assert answer.status_code == 422
    assert "请上传印发的细则文件。" in answer.content.decode()
