"""“已通知系统管理员” is said only where it is so: the alarm outlives the whole of what is undone."""

import pytest
import time_machine
from django.urls import reverse

from applications.accounts.models import Role
from applications.files.models import StoredFile
from applications.notifications.models import Fault, Message
from applications.repairs import services, steps
from applications.repairs.services.filings import code_of_text, text_to_sign
from applications.repairs.services.signing_links import make_link, sign_by_link, text_digest
from tests.documents.test_rare_characters import NO_FONT
from tests.fixtures import make_user, moment
from tests.repairs.receptions import filled_in, received
from tests.repairs.steps import pdf, prepared

pytestmark = pytest.mark.django_db
NOW = moment("2026-11-27 10:00")


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.cn", "管系统", market_bureau, Role.SYSTEM_ADMIN)


@pytest.fixture(autouse=True)
def clock(keeper):
    with time_machine.travel(NOW, tick=False):
        yield


def rename(subject):
    subject.name = f"南京{NO_FONT}食品有限公司"
    subject.save()


def assert_told(keeper, number):
    assert Fault.objects.get().row.startswith(number)
    assert "U+2EBF0" in Message.objects.get(recipient=keeper, channel="inbox").body


def test_of_a_whole_filing(general_record, market_bureau, alice, keeper):
    case = prepared(general_record, market_bureau, alice)
    market_bureau.address = f"{NO_FONT}路1号"
    market_bureau.save()
    with pytest.raises(services.NotReady, match="已通知系统管理员"):
        steps.submit_filing(filing=case.filing, versions={case.number: case.version}, actor=alice, at=NOW)
    case.refresh_from_db()
    assert case.status == "draft"
    assert_told(keeper, case.number)


def test_of_a_signature_by_link(general_record, market_bureau, alice, keeper):
    case = prepared(general_record, market_bureau, alice)
    rename(case.record.subject)
    link = make_link(case=case, signatory="陈示例", email="", actor=alice, at=NOW)
    with pytest.raises(services.NotReady, match="已通知系统管理员"):
        sign_by_link(
            link=link,
            signer_digest="",
            shown_sha256=text_digest(text_to_sign(case)),
            publication_consent=True,
            at=NOW,
        )
    link.refresh_from_db()
    assert link.used_at is None
    assert_told(keeper, case.number)


def test_of_a_paper_signed_at_the_window(client, general_record, wang, keeper):
    at = "2026-11-27 09:00"
    reception = received(general_record, wang, at)
    case = filled_in(reception, wang, at, without=("signed_commitment",))
    rename(general_record.subject)
    case = type(case).objects.get(pk=case.pk)
    files = StoredFile.objects.count()
    client.force_login(wang)
    given = {
        "signatory": "陈示例",
        "publication_consent": "yes",
        "code": code_of_text(case),
        "signed_on": "2026-11-20",
    }
    reply = client.post(
        reverse("admin:repairs_reception_task", args=[reception.pk, case.pk, "signed"]),
        given | {"scan": pdf("承诺书.pdf")},
    )
    assert "已通知系统管理员" in reply.content.decode()
    assert not case.materials.filter(kind="signed_commitment").exists()
    # The page keeps the file for the next try; the case does not have it.
    assert StoredFile.objects.count() - files <= 1
    assert_told(keeper, case.number)
