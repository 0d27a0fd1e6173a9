"""What the holder of a report does with it: extends its validity, sees who took it (Article 12)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.reports.selectors import latest_valid, registered
from applications.reports.services import extend_report, void_report
from tests.fixtures import moment
from tests.pages import seen
from tests.reports.conftest import ISSUED, annotate

pytestmark = pytest.mark.django_db


def verified(client, report):
    return seen(client.get(reverse("documents:verified", args=[report.document.verification_code])))


def test_its_holder_extends_it_and_verification_tells_both_days(client, issue, alice, time_machine):
    report = issue()
    time_machine.move_to(moment("2027-05-20 09:00"))
    client.force_login(alice)
    assert "延长至2027年11月20日" in seen(client.get(f"/reports/{report.pk}/"))
    done = seen(client.post(f"/reports/{report.pk}/extend/", follow=True))
    assert "有效期已经延长" in done
    report.refresh_from_db()
    assert report.extended_until == date(2027, 11, 20)
    assert Event.objects.filter(chain=report.number, verb="report.extended", actor=alice).count() == 1
    time_machine.move_to(moment("2027-11-20 09:00"))
    words = verified(client, report)
    assert "印明有效期至2027年6月2日，持有人已延长至2027年11月20日" in words and "真实有效" in words
    listed = client.get(f"/v/status/{ISSUED:%Y-%m-%d}-1.json").json()["documents"]
    (entry,) = (each for each in listed if each["number"] == report.number)
    assert entry["state"] == "valid" and entry["valid_until"] == "2027-11-20"
    time_machine.move_to(moment("2027-11-21 09:00"))
    assert "已过有效期" in verified(client, report) and "有效期至2027年11月20日" in verified(client, report)


def test_an_extended_report_counts_where_it_is_handed_in(issue, acme, alice):
    report = issue()
    render_document(report.document_id, at=ISSUED)
    extend_report(report=report, actor=alice, at=moment("2027-05-20 09:00"))
    assert latest_valid(acme.pk, date(2027, 11, 20)).number == report.number
    assert latest_valid(acme.pk, date(2027, 11, 21)) is None
    assert registered(report.number).valid_until == date(2027, 11, 20)


def test_it_is_not_extended_beyond_its_longest_life(issue, alice):
    report = issue()
    for day in ("2027-05-20", "2027-11-10", "2028-04-20"):
        extend_report(report=report, actor=alice, at=moment(f"{day} 09:00"))
    report.refresh_from_db()
    assert report.extended_until == date(2028, 6, 2)
    with pytest.raises(ValidationError, match="不需要延长"):
        extend_report(report=report, actor=alice, at=moment("2028-05-20 09:00"))


def test_what_is_over_void_changed_or_gains_nothing_is_not_extended(
    client, issue, alice, qian, serious_record, market_bureau, time_machine
):
    report, void = issue(), issue("public")
    with pytest.raises(ValidationError, match="不需要延长"):
        extend_report(report=report, actor=alice, at=ISSUED)
    void_report(report=void, reason="选错", actor=qian, at=ISSUED)
    with pytest.raises(ValidationError, match="已经作废"):
        extend_report(report=void, actor=alice, at=moment("2027-05-20 09:00"))
    with pytest.raises(ValidationError, match="已过有效期"):
        extend_report(report=report, actor=alice, at=moment("2027-06-03 09:00"))
    annotate(serious_record, market_bureau)
    time_machine.move_to(moment("2027-05-20 09:00"))
    client.force_login(alice)
    assert "签发后有变化" in seen(client.post(f"/reports/{report.pk}/extend/", follow=True))
    report.refresh_from_db()
    assert report.extended_until is None


def test_nobody_else_extends_or_looks_at_it(client, issue, charlie, qian):
    report = issue()
    for person in (charlie, qian):
        client.force_login(person)
        assert client.get(f"/reports/{report.pk}/").status_code == 404
        assert client.post(f"/reports/{report.pk}/extend/").status_code == 404
        with pytest.raises(PermissionDenied):
            extend_report(report=report, actor=person, at=moment("2027-05-20 09:00"))


def test_who_took_it_and_how_often_it_was_printed_stands_on_its_pages(client, issue, alice, qian, wang):
    report = issue()
    render_document(report.document_id, at=ISSUED)
    desk = reverse("admin:reports_creditreport_change", args=[report.pk])
    client.force_login(alice)
    assert "还没有人下载" in seen(client.get(f"/reports/{report.pk}/"))
    assert client.get(reverse("documents:download", args=[report.document_id])).status_code == 200
    client.force_login(qian)
    client.post(reverse("admin:reports_print", args=[report.pk]), {"copies": "3"})
    assert "没有登记" in seen(
        client.post(reverse("admin:reports_print", args=[report.pk]), {"copies": "0"}, follow=True)
    )
    assert "窗口打印3份，钱信用" in seen(client.get(desk)) and "下载，陈示例" in seen(client.get(desk))
    client.force_login(alice)
    words = seen(client.get(f"/reports/{report.pk}/"))
    assert "窗口打印3份" in words and "下载，陈示例" in words
    client.force_login(wang)
    assert client.post(reverse("admin:reports_print", args=[report.pk]), {"copies": "3"}).status_code == 403
    assert Event.objects.filter(chain=report.number, verb="report.printed").count() == 1
