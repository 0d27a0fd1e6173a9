"""Who asks gets all that is held about the account, or about a subject that he or she acts for, and nothing about anybody else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import translation

from applications.accounts.holdings import accounted_for, holdings
from applications.audit import held
from applications.audit.payloads import KEYS
from applications.audit.verbs import WORDS
from applications.language import HAN
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.records.models import DishonestyRecord
from applications.subjects.models import Claim, Subject
from tests.fixtures import PASSWORD, make_user, moment
from tests.privacy.conftest import EMAIL, NUMBER, PHONE, SECRETS

ACCOUNT = "/own-data/account.zip"


def signed_in(client, person):
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def package(response) -> zipfile.ZipFile:
    assert response.status_code == 200, response.status_code
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def of_subject(subject) -> str:
    return reverse("portal:copy_of_subject", args=[subject.pk])


def all_text(taken: zipfile.ZipFile) -> str:
    """Of the tables and indexes; what was handed in stays as it was handed in."""
    return "\n".join(
        taken.read(name).decode() for name in taken.namelist() if name.endswith((".csv", ".json", ".html"))
    )


def table(taken: zipfile.ZipFile, title: str) -> list[dict[str, str]]:
    (name,) = [each for each in taken.namelist() if re.fullmatch(rf"\d\d-{re.escape(title)}\.json", each)]
    return json.loads(taken.read(name))


def test_every_table_of_the_database_is_in_a_copy_or_says_why_not():
    known = accounted_for()
    assert [model._meta.label for model in apps.get_models() if model not in known] == []
    assert all(
        why or any(model in (each.model, *each.also) for each in holdings()) for model, why in known.items()
    )


def test_every_heading_is_said_in_both_languages():
    with translation.override("en"):
        said = [
            (each.model._meta.label, str(word))
            for each in holdings()
            for word in (each.heading, *each.headings())
        ]
    assert [(label, word) for label, word in said if re.search(f"[{HAN}]", word)] == []


def test_no_table_has_two_columns_of_one_name():
    """In JSON there would be one of them."""
    headings = {(each.model, str(each.heading)): each.headings() for each in holdings()}
    assert {key: said for key, said in headings.items() if len(set(said)) < len(said)} == {}


@pytest.mark.django_db
def test_the_account_s_copy(client, world):
    taken = package(signed_in(client, world.agent).post(ACCOUNT))
    (account,) = table(taken, "账号")
    assert (account["电子邮箱"], account["姓名"]) == (EMAIL, "吕代办")
    assert {claim["状态"] for claim in table(taken, "我的认领")} == {"待核验", "已通过"}
    (filing,) = table(taken, "我经办的申请")
    assert filing["联系电话"] == PHONE
    assert table(taken, "上传过的文件")
    assert "提出异议" in {row["事项"] for row in table(taken, "台账：账号和我办理的事项")}
    # The subject's number is the subject's, and nobody signs in with what is taken home.
    assert NUMBER not in all_text(taken) and world.agent.password not in all_text(taken)

    sums = dict(line.split("  ", 1)[::-1] for line in taken.read("SHA256SUMS").decode().splitlines())
    assert sums.keys() == set(taken.namelist()) - {"SHA256SUMS"}
    assert all(hashlib.sha256(taken.read(name)).hexdigest() == digest for name, digest in sums.items())
    assert any(name.startswith("文件/") for name in sums)
    # A table says the same as its JSON, under headings in both languages; both indexes name every entry.
    name = next(each for each in taken.namelist() if each.endswith("-消息.csv"))
    rows = list(csv.reader(io.StringIO(taken.read(name).decode("utf-8-sig"))))
    assert rows[0][:3] == ["渠道 Channel", "标题 Subject", "正文 Text"]
    assert len(rows) - 1 == len(table(taken, "消息")) > 0
    (name,) = [each for each in taken.namelist() if each.endswith("-我经办的申请.csv")]
    assert f",{filing['办件编号'][0]}," in taken.read(name).decode("utf-8-sig")
    (name,) = [each for each in taken.namelist() if each.endswith("-账号.csv")]
    assert {"是", "否"} <= set(taken.read(name).decode("utf-8-sig").splitlines()[1].split(","))
    chinese, english = taken.read("索引.html").decode(), taken.read("index.html").decode()
    assert "系统保存的全部信息" in chinese and "All that the system holds" in english
    for name in set(taken.namelist()) - {"SHA256SUMS", "索引.html", "index.html"}:
        assert name in chinese and name in english, name

    event = Event.objects.get(verb="user.copy_taken")
    assert (event.chain, event.actor) == (f"user-{world.agent.pk}", world.agent) and event.verb in WORDS


@pytest.mark.django_db
def test_the_subject_s_copy(client, world, monkeypatch):
    looked = []
    look = held._look_for_chains
    monkeypatch.setattr(held, "_look_for_chains", lambda *about: looked.append(about) or look(*about))
    taken = package(signed_in(client, world.agent).post(of_subject(world.objects[Subject])))
    # Once for all the tables that rest on them.
    assert len(looked) == 1
    (case,) = table(taken, "信用修复申请")
    assert case["办件编号"] == world.arguments["number"]
    (row,) = table(taken, "失信行为信息")
    assert row["行政相对人代码"] == "1101**********002X"
    (objection,) = table(taken, "异议")
    assert objection["事实和理由"] == "罚款已于6月1日全额缴清。"
    assert [row["办件编号"] for row in table(taken, "申请材料")] == [[case["办件编号"]]] * 3
    assert {"不予信用修复决定书", "信用修复承诺书"} <= {each["文种"] for each in table(taken, "文书")}
    assert {each["办件或者信息编号"] for each in table(taken, "法定期限")} == {case["办件编号"]}
    looks = {(each["事项"], each["查看的目的"]) for each in table(taken, "工作人员的查阅")}
    assert ("查阅材料", "办理这件申请") in looks and ("查阅认领证明", "其他履职需要") not in looks
    assert all(why for _what, why in looks)
    # Of whoever handles it the tables give no telephone.
    text = all_text(taken)
    assert NUMBER not in text and PHONE not in text and "139****5678" in text

    event = Event.objects.get(verb="subject.copy_taken")
    assert (event.chain, event.actor) == (f"subject-{world.objects[Subject].pk}", world.agent)
    assert event.verb in WORDS and set(event.payload) <= set(KEYS)
    assert verify_ledger(at=moment("2026-11-27 15:00")).broken is None


@pytest.mark.django_db
def test_who_gets_none(client, world):
    agent, subject = world.agent, world.objects[Subject]
    # Who has not just shown the password.
    client.force_login(agent)
    for answer in (client.get("/own-data/"), client.post(ACCOUNT), client.post(of_subject(subject))):
        assert answer.status_code == 302 and answer.url.startswith("/accounts/reauthenticate/")
    page = signed_in(client, agent).get("/own-data/")
    assert page.status_code == 200 and "周示安" in page.content.decode()
    assert client.get(ACCOUNT).status_code == 405
    assert client.post("/own-data/subject/999999.zip").status_code == 404
    # Who does not act for the subject, or for a single record of it.
    for person in (make_user("charlie@example.com", "查理"), world.officers["wang"]):
        assert signed_in(client, person).post(of_subject(subject)).status_code == 404
    Claim.objects.filter(user=agent, subject=subject).update(
        capacity="agent", scope_document=world.objects[DishonestyRecord].document_number, ends_on="2026-12-31"
    )
    assert signed_in(client, agent).post(of_subject(subject)).status_code == 404
    assert not Event.objects.filter(verb__endswith=".copy_taken").exists()
    # Who takes too many at once is told when to come again.
    for _time in range(10):
        assert client.post(ACCOUNT).status_code == 200
    answer = client.post(ACCOUNT)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert "60 分钟后" in answer.content.decode()


@pytest.mark.django_db
def test_an_officer_s_copy_is_of_the_account_and_of_no_case(client, world):
    taken = package(signed_in(client, world.officers["li"]).post(ACCOUNT))
    (account,) = table(taken, "账号")
    assert account["姓名"] == world.officers["li"].name
    archive = "".join(
        taken.read(each).decode() for each in taken.namelist() if "台账" in each or "查阅" in each
    )
    assert not [secret for secret in (*SECRETS, world.arguments["number"]) if secret in archive]
