"""The data in a PDF: of the schema that is published, and nothing in it that the letter does not say in print."""

import json
import re
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from jsonschema import Draft202012Validator

from applications.documents.attached import FORMAT, NAME, schema
from applications.documents.models import Kind
from applications.documents.rendering import render_pdf
from applications.documents.services import void_document
from applications.documents.templatetags.letters import named
from applications.files.inspection import Inspected, inspect
from rules.day_words import day_in_words
from tests.documents.conftest import ISSUED
from tests.documents.contents import OWN
from tests.documents.test_letters import text_of
from tests.documents.test_offline import resaved, with_other_data
from tests.documents.test_verification_asking import bytes_of

pytestmark = pytest.mark.django_db
# What says of what kind the data are, not what the letter says.
ABOUT = {"format", "schema", "kind"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Contents that make a letter say something else than its usual one.
OTHERWISE = [
    ("receipt", {"received_on": "2026-11-22", "channel": "窗口", "completes": True}),
    ("receipt", {"answer_by": None}),
    ("repair_notice", {"public": False}),
    ("repair_notice", {"earliest_on": "", "barred_until": "2029-05-01"}),
    ("acceptance_notice", {"unanswered_by": "2026-11-26", "completed_on": "2026-11-25"}),
    ("grant_decision", {"instead_of": {"number": "宁市监信修不〔2026〕3号", "objected_on": "2026-11-27"}}),
    ("grant_decision", {"accepted_on": "2026-11-20", "copies": []}),
    ("objection_result", {"outcome": "upheld", "findings": OWN["refusal_decision"]["findings"]}),
    ("objection_result", {"record": None, "subject": {"name": "南京示例食品有限公司", "code": "91320100MA0000009X"}}),
    ("objection_receipt", {"channel": "邮寄", "evidence": []}),
    ("information_result", {"record": None, "outcome": "accepted", "items": [], "supplied": "宁市监处罚〔2026〕99号"}),
    ("termination_notice", {"decision_number": "宁市监信修不〔2026〕3号"}),
    ("commitment", {"consent": False, "signing": {"how": "手写", "checked": "身份。", "not_checked": "笔迹。", "who": "陈示例手签"}}),
    ("repair_form", {"confirms": True, "note": "", "representative": ""}),
    ("training_certificate", {"way": "on_site", "place": "南京", "starts_at": "2026-12-01T23:30:00+00:00", "ends_at": "2026-12-02T02:00:00+00:00", "begun_on": "", "chapters": None, "questions": None, "right": None, "needed": None}),
]  # fmt: skip


def data_in(pdf: bytes) -> dict:
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert list(opened.attachments) == [NAME]
        return json.loads(opened.attachments[NAME].get_file().read_bytes())


def parts(value, name=""):
    """Each single value with the name under which it stands."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from parts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from parts(each, name)
    else:
        yield name, value


def words_of(name: str, value: object) -> set[str]:
    """Of a code, by the schema: in which words it may be printed; empty where it is none."""
    found, waiting = set(), [schema()["$defs"]]
    while waiting:
        held = waiting.pop()
        waiting += [each for each in held.values() if isinstance(each, dict)]
        codes = held.get(name, {}).get("oneOf", []) if isinstance(held.get(name), dict) else []
        found |= {
            code["title"] for code in codes if code["const"] == value and type(code["const"]) is type(value)
        }
    return found


def unsaid(told: dict, text: str) -> list[tuple[str, object]]:
    """Values that are neither in the text of a letter nor a code whose word is."""
    labels = {finding["code"]: finding["label"] for finding in told["content"].get("findings", [])}
    missing = []
    for name, value in parts({key: each for key, each in told.items() if key not in ABOUT}):
        printed = {
            re.sub(r"\s+", "", word)
            for word in (str(value), named(str(value)), labels.get(value, str(value)))
        }
        printed |= words_of(name, value)
        if isinstance(value, str) and DAY.fullmatch(value):
            printed = {day_in_words(date.fromisoformat(value))}
        if not any(word in text for word in printed):
            missing.append((name, value))
    return missing


@pytest.mark.parametrize(
    ("kind", "changes"), [*((kind, {}) for kind in sorted(OWN)), *OTHERWISE], ids=lambda each: str(each)[:30]
)
def test_the_data_say_nothing_that_the_letter_does_not(issue, kind, changes):
    document = issue(kind, officer="王受理", **changes)
    pdf = render_pdf(document).pdf
    told = data_in(pdf)
    Draft202012Validator(schema()).validate(told)
    assert unsaid(told, text_of(pdf)) == []
    assert told["format"] == FORMAT and told["kind"] == kind and told["number"] == document.number
    assert told["addressee"] == document.addressee
    # A commitment shows when it was signed, not when it came.
    assert told.get("issued_on") == (None if kind == "commitment" else "2026-12-02")


def test_the_data_say_what_was_decided_and_why(issue):
    told = data_in(render_pdf(issue("refusal_decision")).pdf)["content"]
    assert told["case_number"] == "XF-320100-2026-004217-7" and told["objection"]["article"] == "十三"
    assert [each["code"] for each in told["findings"]] == ["obligations_fulfilled", "minimum_period"]
    assert told["findings"][1] == {
        "code": "minimum_period",
        "label": "不少于3个月",
        "reason": "自认定之日起尚不足3个月。",
        "earliest_on": "2027-02-02",
    }
    # What opens the page of the case is for its reader alone, and so is what the letter prints of a digest.
    told = data_in(render_pdf(issue("receipt")).pdf)["content"]
    assert "tracking_code" not in told and told["materials"][0]["sha256"] == "a1" * 8


def test_every_kind_has_its_part_of_the_schema(client):
    Draft202012Validator.check_schema(schema())
    assert set(schema()["properties"]["kind"]["enum"]) == set(Kind.values) <= set(schema()["$defs"])
    response = client.get(reverse("documents:content_schema"))
    assert response.json() == schema() and response["Access-Control-Allow-Origin"] == "*"


def test_what_the_schema_does_not_name_is_not_attached(issue):
    subject = {"name": "甲", "code": "乙", "kind": "丙丁"}
    told = data_in(render_pdf(issue(internal="秘密", subject=subject)).pdf)["content"]
    assert told["subject"] == {"name": "甲", "code": "乙"} and "internal" not in told


class TestHandingItIn:
    """A report or certificate of ours is a usual paper of an application; papers with files in them are refused."""

    def hand_in(self, content: bytes) -> Inspected:
        return inspect("信用报告.pdf", content)

    def test_a_document_of_ours_is_taken_as_it_is(self, notice):
        content = bytes_of(notice)
        taken = self.hand_in(content)
        assert taken.content == content and taken.pages == notice.pdf.pages

    def test_a_void_one_too(self, notice, zhao):
        """Whether it is in force, whoever reads it finds out."""
        void_document(document=notice, reason="写错", actor=zhao, at=ISSUED)
        assert self.hand_in(bytes_of(notice)).pages == notice.pdf.pages

    def test_nothing_else_with_a_file_in_it(self, notice, issue):
        """What looks like ours: not issued, saved anew, with other data, or with something after its end."""
        genuine = bytes_of(notice)
        for content in (
            render_pdf(issue("receipt")).pdf,
            resaved(genuine),
            with_other_data(genuine),
            genuine + b"\n\n",
        ):
            with pytest.raises(ValidationError) as error:
                self.hand_in(content)
            assert (
                "内嵌了其他文件" in error.value.messages[0]
                and "请上传下载到的原文件" in error.value.messages[0]
            )
