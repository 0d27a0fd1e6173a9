"""A subject is renamed, merged, split or deregistered: recorded with proof, the old name found, files load."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.models import DishonestyRecord
from applications.records.services import import_records, preview_import
from applications.subjects.access import may_act_for, subjects_of
from applications.subjects.changing import record_subject_change
from applications.subjects.forms import ChangeForm
from applications.subjects.models import CodeConfirmation, Subject, SubjectChange
from applications.subjects.selectors import once_named
from tests.fixtures import make_user, moment
from tests.records.files import as_csv, row
from tests.repairs.steps import paper, pdf, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-24 10:00")
NEW = "南京示例科技有限公司"


def change(subject, actor, kind="rename", **more):
    common = {"changed_on": date(2026, 11, 20), "proof": paper("变更通知书.pdf"), "actor": actor, "at": AT}
    return record_subject_change(subject=subject, kind=kind, **common | more)


def renamed_file(number="宁市监处罚〔2026〕90号"):
    return as_csv(row(行政相对人名称=NEW, 行政处罚决定书文号=number))


def successor(uscc="91320100MA1MHT8H5Q"):
    return Subject.objects.create(kind=Subject.Kind.ORGANISATION, name="南京承继有限公司", uscc=uscc)


def test_a_file_with_the_new_name_loads_once_the_rename_is_recorded(acme, market_bureau, qian):
    preview = preview_import(content=renamed_file(), file_name="a.csv", organ=market_bureau, at=AT)
    said = preview.rejected[0].faults["name"]
    assert "南京示例食品有限公司" in said and "登记变更" in said
    change(acme, qian, new_name=NEW)
    batch, _ = import_records(
        content=renamed_file(), file_name="a.csv", organ=market_bureau, at=AT, actor=None
    )
    assert (batch.created, batch.rejected) == (1, 0)
    acme.refresh_from_db()
    assert (acme.name, acme.former_names) == (NEW, ["南京示例食品有限公司"])


def test_an_older_file_with_the_old_name_loads_too(acme, market_bureau, qian):
    change(acme, qian, new_name=NEW)
    batch, _ = import_records(
        content=as_csv(row()), file_name="a.csv", organ=market_bureau, at=AT, actor=None
    )
    assert (batch.created, batch.rejected) == (1, 0)
    acme.refresh_from_db()
    assert acme.name == NEW


def test_the_sentence_names_the_page_that_there_is(client, acme, qian):
    client.force_login(qian)
    page = client.get(reverse("admin:subjects_subject_change", args=[acme.pk])).content.decode()
    address = reverse("admin:subjects_subject_life", args=[acme.pk])
    assert "登记变更" in page and address in page
    posted = {"kind": "rename", "new_name": NEW, "changed_on": "2026-11-20", "proof": pdf()}
    done = client.post(address, posted, follow=True).content.decode()
    assert "原名称保留" in done and "南京示例食品有限公司 → 南京示例科技有限公司" in done


def test_the_old_name_is_found_by_those_who_may_see_it(
    client, general_record, acme, qian, wang, alice, charlie
):
    change(acme, qian, new_name=NEW)
    client.force_login(qian)
    found = client.get(reverse("admin:subjects_subject_changelist"), {"q": "南京示例食品有限公司"})
    assert NEW in found.content.decode()
    client.force_login(wang)
    records = client.get(
        reverse("admin:records_dishonestyrecord_changelist"), {"q": "南京示例食品有限公司"}
    ).content.decode()
    assert general_record.document_number in records
    client.force_login(alice)
    page = client.get(reverse("records:record", args=[general_record.pk])).content.decode()
    assert "曾用名：南京示例食品有限公司" in page
    client.logout()
    public = client.get(reverse("portal:search"), {"q": "南京示例食品有限公司"}).content.decode()
    assert "无公示信息" in public


@pytest.fixture
def with_brackets(acme, qian):
    """A subject whose former name was written with Chinese brackets."""
    Subject.objects.filter(pk=acme.pk).update(name="苏州（华东）公司", plain_name=None)
    change(acme, qian, new_name=NEW)
    return acme


@pytest.mark.parametrize(
    "typed", ["苏州（华东）公司", "苏州(华东)公司", "苏州 ﹙华东﹚公司", "苏州[华东]公司"]
)
def test_the_old_name_is_found_however_it_is_typed(
    client, general_record, market_bureau, alice, with_brackets, qian, wang, typed
):
    case = submitted(general_record, market_bureau, alice)
    for officer, page, shown in (
        (qian, "subjects_subject", NEW),
        (wang, "records_dishonestyrecord", general_record.document_number),
        (wang, "repairs_repaircase", case.number),
    ):
        client.force_login(officer)
        assert shown in client.get(reverse(f"admin:{page}_changelist"), {"q": typed}).text, page


def test_old_names_of_the_version_before_are_filled_and_until_then_found_as_they_were_written(
    with_brackets, qian
):
    change(with_brackets, qian, new_name="南京示例发展有限公司")
    SubjectChange.objects.update(plain_old_name=None)
    assert list(once_named("苏州（华东）公司")) == [with_brackets.pk]
    assert not once_named("苏州(华东)公司")
    import_module("applications.subjects.migrations.0009_fill_plain_former_names").fill(apps, None)
    assert list(once_named("苏州(华东)公司")) == [with_brackets.pk]
    names = set(SubjectChange.objects.values_list("plain_old_name", flat=True))
    assert names == {"苏州〔华东〕公司", NEW}


def test_it_is_told_and_stands_in_the_ledger_without_names(acme, qian, alice):
    change(acme, qian, new_name=NEW)
    assert NEW in Message.objects.filter(recipient=alice, channel="inbox").latest("id").body
    event = Event.objects.get(chain=f"subject-{acme.pk}", verb="subject.changed")
    assert event.payload["kind"] == "rename" and NEW not in str(event.payload)


def test_whose_power_is_over_hears_nothing_of_it(acme, qian, alice):
    for day in (23, 24):
        # The last day counts.
        agent = make_user(f"agent{day}@example.com", "吕代办")
        agent.claims.create(
            subject=acme, capacity="agent", status="verified", made_at=AT, ends_on=date(2026, 11, day)
        )
    change(acme, qian, new_name=NEW)
    told = set(Message.objects.filter(channel="inbox").values_list("recipient__email", flat=True))
    assert told == {"alice@example.com", "agent24@example.com"}


@pytest.mark.parametrize("kind", ["merge", "split"])
def test_who_takes_the_duties_over_sees_the_records(general_record, acme, qian, charlie, kind):
    heir = successor()
    charlie.claims.create(subject=heir, status="verified", made_at=AT)
    assert not may_act_for(charlie, acme)
    change(acme, qian, kind=kind, successor=heir)
    assert may_act_for(charlie, acme)


def test_the_duties_go_on_from_one_to_the_next(general_record, acme, qian, charlie):
    second, third = successor(), successor("91320102MA1MHT8H5P")
    change(acme, qian, kind="merge", successor=second)
    change(second, qian, kind="split", successor=third)
    # One that came back to the first is no endless way.
    change(third, qian, kind="merge", successor=second)
    charlie.claims.create(subject=third, status="verified", made_at=AT)
    assert set(subjects_of(charlie)) == {acme, second, third} and may_act_for(charlie, acme)


def test_a_successor_with_a_code_that_was_confirmed_is_found(acme, qian):
    # Its check character is wrong.
    heir = successor("91320100MA1MHT8H5A")
    form = ChangeForm({"successor": heir.uscc}, user=qian)
    assert "successor" in form.errors
    CodeConfirmation.objects.create(
        code=heir.uscc, name=heir.name, organ=qian.organ, licence=change(acme, qian, kind="deregister").proof,
        state="approved", proposed_by=qian, proposed_at=AT, decided_by=make_user("z@example.com", "甲", qian.organ),
        decided_at=AT,
    )  # fmt: skip
    form = ChangeForm({"successor": heir.uscc}, user=qian)
    form.is_valid()
    assert form.cleaned_data["successor"] == heir


def test_who_may_not_record_a_change_is_offered_none(client, acme, credit_bureau):
    client.force_login(make_user("bao@example.com", "鲍报告", credit_bureau, Role.REPORT_OFFICER))
    page = client.get(reverse("admin:subjects_subject_change", args=[acme.pk])).content.decode()
    assert acme.name in page and "登记变更" not in page
    assert client.get(reverse("admin:subjects_subject_life", args=[acme.pk])).status_code == 404


def test_deregistration_leaves_the_records(general_record, acme, qian):
    change(acme, qian, kind="deregister")
    assert DishonestyRecord.objects.filter(subject=acme).exists()
    assert acme.changes.get().get_kind_display() == "注销"


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("rename", {"new_name": ""}, "new_name"),
        ("rename", {"new_name": "南京示例食品有限公司"}, "new_name"),
        ("merge", {}, "successor"),
        ("deregister", {"proof": None}, "proof"),
        ("deregister", {"changed_on": date(2026, 11, 25)}, "changed_on"),
    ],
)
def test_what_is_not_whole_is_not_recorded(acme, qian, kind, more, field):
    with pytest.raises(ValidationError) as refused:
        change(acme, qian, kind=kind, **more)
    assert field in refused.value.message_dict
    assert not acme.changes.exists()


@pytest.mark.parametrize("person", ["wang", "zhao", "sun", "alice"])
def test_others_record_nothing(request, client, acme, person):
    user = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        change(acme, user, new_name=NEW)
    client.force_login(user)
    assert client.get(reverse("admin:subjects_subject_life", args=[acme.pk])).status_code in (403, 404, 302)


def test_the_proof_is_kept_where_the_form_is_wrong(client, acme, qian):
    client.force_login(qian)
    address = reverse("admin:subjects_subject_life", args=[acme.pk])
    posted = {"kind": "rename", "changed_on": "2026-11-20"}
    refused = client.post(address, posted | {"proof": pdf("通知书.pdf")})
    page = refused.content.decode()
    assert "请填写与现在不同的新名称" in page and "已上传：通知书.pdf（1页）" in page
    client.post(address, posted | {"new_name": NEW, "kept": refused.context["form"].kept_reference})
    assert acme.changes.get().proof.name == "通知书.pdf"


def test_the_same_change_is_recorded_once(acme, qian):
    """A colleague whose page is older has pressed as well."""
    as_read_before = Subject.objects.get(pk=acme.pk)
    change(acme, qian, new_name=NEW)
    with pytest.raises(ValidationError, match="钱信用已于11月24日 10:00登记同样的变更，没有重复登记"):
        change(as_read_before, qian, new_name=NEW)
    assert acme.changes.count() == 1
