"""At the window: what was brought waits while something else is put right, and what is given up has only its own papers."""

import pytest
from django.urls import reverse

from applications.files.models import StoredFile
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.services.receptions import cases_of
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.repairs.receptions import enter, received
from tests.repairs.steps import pdf
from tests.repairs.test_reception_pages import corrected, task

pytestmark = pytest.mark.django_db


def test_papers_of_a_correction_wait_each_at_its_item(client, general_record, wang):
    case = corrected(general_record, wang, "fulfilment", "licence")
    client.force_login(wang)
    page = task(case.filing.reception, case, "correction")
    first, second = (f"uploads_{item.pk}" for item in case.correction_notices.get().items.order_by("pk"))
    stored = StoredFile.objects.count()
    early = client.post(page, {"received_on": "2026-11-19", first: [pdf("凭证.pdf"), pdf("错的.pdf")]})
    assert "不能早于告知补正的日期" in text(early)
    assert "已上传：第1项：凭证.pdf（1页），不用再选。" in text(early)
    # The second item is lacking still; one that was wrong is put aside.
    given = {"kept": early.context["form"].kept_reference, "kept_at": [first, first], "dropped": ["1"]}
    lacking = client.post(page, {"received_on": "2026-11-22"} | given)
    assert "第2项" in text(lacking) and "已上传：第1项：凭证.pdf" in text(lacking)
    assert "错的.pdf" not in text(lacking)
    assert StoredFile.objects.count() == stored and not case.materials.filter(round=2).exists()
    given = {"kept": lacking.context["form"].kept_reference, "kept_at": [first], second: pdf("执照.pdf")}
    client.post(page, {"received_on": "2026-11-22"} | given)
    case.refresh_from_db()
    assert case.status == "submitted"
    assert sorted(case.materials.filter(round=2).values_list("kind", "file__name")) == [
        ("fulfilment", "凭证.pdf"),
        ("licence", "执照.pdf"),
    ]


def test_a_good_paper_waits_beside_a_bad_one(client, general_record, wang):
    case = corrected(general_record, wang)
    client.force_login(wang)
    name = f"uploads_{case.correction_notices.get().items.get().pk}"
    bad = pdf("坏的.pdf")
    bad.file.truncate(20)
    bad.size = 20
    answer = client.post(
        task(case.filing.reception, case, "correction"),
        {"received_on": "2026-11-22", name: [pdf("凭证.pdf"), bad]},
    )
    assert "“坏的.pdf”" in text(answer) and "已上传：第1项：凭证.pdf" in text(answer)


def test_what_is_given_up_lists_no_paper_that_came_later(client, acme, market_bureau, general_record, wang):
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号")
    reception = received(general_record, wang, records=[general_record, other])
    first, second = cases_of(reception)
    enter(first, "licence", wang, moment("2026-11-23 09:20"))
    steps.withdraw_case(case=first, actor=wang, at=moment("2026-11-23 09:30"))
    enter(second, "authorisation", wang, moment("2026-11-23 09:40"))
    first, second = RepairCase.objects.get(pk=first.pk), RepairCase.objects.get(pk=second.pk)
    had = set(first.materials.values_list("kind", flat=True))
    assert "licence" in had and "authorisation" not in had
    assert set(second.materials.values_list("kind", flat=True)) == had | {"authorisation"}
    client.force_login(wang)
    page = text(client.get(reverse("admin:repairs_reception_change", args=[reception.pk])))
    [late] = second.materials.filter(kind="authorisation")
    assert page.count(f">{late.file.name}</a>") == 1
