"""Reports about many subjects: each once, whatever happens to the worker, and a reason for each that is none (Article 3)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from applications.ledger.models import Event
from applications.reports import batches
from applications.reports.models import CreditReport, ReportBatch
from applications.reports.tasks import issue_batches
from applications.sample.codes import make_uscc
from applications.subjects.models import Subject
from tests.pages import seen, text
from tests.reports.conftest import ISSUED

pytestmark = pytest.mark.django_db
DESK = "/admin/reports/reportbatch/"
UNKNOWN = make_uscc("91", "320100", 99)


class Killed(BaseException):
    """As the end of a process, which nothing catches."""


@pytest.fixture
def others(db):
    return [
        Subject.objects.create(kind="organisation", name=f"示例{n}公司", uscc=make_uscc("91", "320100", n))
        for n in range(1, 4)
    ]


@pytest.fixture
def ask(credit_bureau, qian):
    def ask(codes, **said) -> ReportBatch:
        usual = {
            "organ": credit_bureau,
            "variant": "public",
            "purpose": "年度检查",
            "actor": qian,
            "at": ISSUED,
        }
        return batches.ask_for_batch(codes="\n".join(codes), **(usual | said))

    return ask


def test_from_the_form_to_a_report_or_a_reason_for_each(client, qian, acme, others):
    client.force_login(qian)
    codes = f"{acme.uscc.lower()}\r\n\r\n {others[0].uscc} \n{UNKNOWN}\n{acme.uscc}"
    page = client.post(
        f"{DESK}new/", {"codes": codes, "variant": "public", "purpose": "年度检查"}, follow=True
    )
    batch = ReportBatch.objects.get()
    assert "共3份，已签发0份" in seen(page) and "refresh" in text(page)
    assert issue_batches() == 3
    page = client.get(f"{DESK}{batch.pk}/change/")
    words = seen(page)
    assert "共3份，已签发2份，没有出具1份" in words and "没有登记代码为这个的信用主体" in words
    assert "refresh" not in text(page) and "已于2026年12月2日" in words
    assert {each.subject for each in CreditReport.objects.all()} == {acme, others[0]}
    assert Event.objects.filter(verb="report.issued", actor=qian).count() == 2
    assert Event.objects.filter(verb="report.batch_asked").count() == 1
    assert issue_batches() == 0 and CreditReport.objects.count() == 2


def test_a_worker_that_is_killed_leaves_nothing_half_done_and_another_goes_on(ask, others, monkeypatch):
    batch = ask([each.uscc for each in others])
    real, killed = batches.issue_report, iter([False, True])

    def killed_once(**said):
        report = real(**said)
        if next(killed, False):
            raise Killed
        return report

    monkeypatch.setattr(batches, "issue_report", killed_once)
    with pytest.raises(Killed):
        issue_batches()
    assert CreditReport.objects.count() == 1 and batch.lines.filter(report=None).count() == 2
    assert issue_batches() == 2
    assert [each.report.subject for each in batch.lines.all()] == others
    assert CreditReport.objects.count() == 3


def test_a_line_that_another_worker_has_done_is_left_alone(ask, others):
    ask([others[0].uscc])
    (line,) = batches.waiting_lines()
    assert batches.work_on(line, clock=lambda: ISSUED) is True
    assert batches.work_on(line, clock=lambda: ISSUED) is False
    assert CreditReport.objects.count() == 1


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_workers_that_do_the_last_two_lines_at_once_finish_the_batch(ask, others, monkeypatch):
    """Neither sees what the other has issued before it is committed."""
    batch = ask([others[0].uscc, others[1].uscc])
    real, together = batches._finish, Barrier(2)

    def finish_together(*said):
        real(*said)
        # Both have looked and nothing is committed, unless one waits for the other, who then goes on alone.
        with suppress(BrokenBarrierError):
            together.wait(1)

    def work(line: int) -> bool:
        try:
            return batches.work_on(line, clock=lambda: ISSUED)
        finally:
            connection.close()

    monkeypatch.setattr(batches, "_finish", finish_together)
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(work, batches.waiting_lines())] == [True, True]
    batch.refresh_from_db()
    assert batch.finished_at == ISSUED


def test_the_same_batch_is_not_asked_for_twice_while_it_waits(ask, others, qian):
    ask([each.uscc for each in others])
    with pytest.raises(ValidationError, match=f"{qian.name}已于.*没有重复提交"):
        ask([each.uscc for each in others])
    # Another purpose, or other subjects, are another batch.
    assert ask([each.uscc for each in others], purpose="信用修复") and ask([others[0].uscc])
    issue_batches()
    assert ask([each.uscc for each in others])


def test_who_is_no_report_officer_any_more_issues_nothing(ask, others, qian):
    batch = ask([others[0].uscc])
    qian.staff_roles.filter(role="report_officer").delete()
    issue_batches()
    assert not CreditReport.objects.exists()
    assert "不再是本单位的报告岗" in batch.lines.get().problem
    batch.refresh_from_db()
    assert batch.finished_at is not None


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ("", "请填写统一社会信用代码"),
        (" \n\u200b\n", "请填写统一社会信用代码"),
        ("9132", "不是18位"),
        ("\n".join(f"{n:018}" for n in range(501)), "现有501个"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, qian, codes, said):
    client.force_login(qian)
    page = client.post(f"{DESK}new/", {"codes": codes, "variant": "public", "purpose": "年度检查"})
    assert said in seen(page) and 'value="年度检查"' in text(page)
    assert not ReportBatch.objects.exists()


def test_five_hundred_are_taken(ask):
    assert ask([f"{n:018}" for n in range(500)]).lines.count() == 500


@pytest.mark.parametrize("person", ["wang", "sun", "outsider", "alice"])
def test_others_have_no_part_in_it(client, ask, others, person, request, credit_bureau):
    batch = ask([others[0].uscc])
    somebody = request.getfixturevalue(person)
    client.force_login(somebody)
    assert client.get(f"{DESK}{batch.pk}/change/").status_code in (302, 403, 404)
    assert client.get(f"{DESK}new/").status_code in (302, 403)
    assert client.post(f"{DESK}new/", {"codes": UNKNOWN}).status_code in (302, 403)
    with pytest.raises(PermissionDenied):
        ask([UNKNOWN], actor=somebody)
    assert ReportBatch.objects.count() == 1


def test_a_version_that_there_is_not_is_refused(ask, others):
    with pytest.raises(ValidationError):
        ask([others[0].uscc], variant="secret")
