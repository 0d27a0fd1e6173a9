"""Codes of subjects against the vectors of the standards, masking, and protection at rest."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from applications.masking import mask_identity, mask_name, mask_numbers
from applications.subjects.identity import (
    clean_document_number,
    clean_resident_id,
    clean_uscc,
    identity_digest,
    same_name,
)
from applications.subjects.models import Subject
from applications.subjects.services import register_subject
from tests.fixtures import moment

NOW = moment("2026-11-20 10:00")
# The example number of GB 11643-1999.
RESIDENT = "11010519491231002X"


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the example of GB 32100-2015
        "91320100748204660Q",
        "91320281142232229Q",
        "11320100MB1886843H",
        "91512081MA62K0260E",
        "91370400728618604X",
        "11230500001755309F",
        "91440300618819640R",
    ],
)
def test_valid_codes_are_taken_however_they_are_written(code):
    assert clean_uscc(code) == code
    assert clean_uscc(f" {code[:6].lower()} {code[6:].lower()} ") == code
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert clean_uscc(wide) == code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91350100M000100Y4Z", "校验位"),
        ("91350100M000100Y44", "校验位"),
        ("91350100M000100X43", "校验位"),
        ("91350100M0O0100Y43", "校验位"),
        ("91350100M000100Y4", "现有17位"),
        ("", "现有0位"),
        ("９１３５０１００Ｍ０００１００Ｙ４４", "校验位"),
    ],
)
def test_wrong_codes_are_refused_with_what_is_wrong(code, said):
    with pytest.raises(ValidationError, match=said):
        clean_uscc(code)


def test_the_resident_number_of_the_standard_is_taken_with_a_small_x():
    assert clean_resident_id(RESIDENT) == RESIDENT
    assert clean_resident_id("11010519491231002x") == RESIDENT


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("110105194912310021", "校验位有误"),
        ("1101051949123100AX", "校验位有误"),
        ("11010519491331002X", "出生日期"),
        ("11010519490229002X", "出生日期"),
        ("110105491231002", "现有15位"),
        ("abc", "现有3位"),
    ],
)
def test_wrong_resident_numbers_are_refused(number, said):
    with pytest.raises(ValidationError, match=said):
        clean_resident_id(number)


def test_other_documents_are_letters_and_digits():
    assert clean_document_number("passport", " e1234 5678 ") == "E12345678"
    for wrong in ("E12", "护照12345", "E1234-5678", "1" * 21):
        with pytest.raises(ValidationError):
            clean_document_number("passport", wrong)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("张三", "张 三", True),
        ("南京示例（集团）有限公司", "南京示例(集团)有限公司", True),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提", True),
        ("ACME Co", "acme　co", True),
        ("张三", "张三丰", False),
        ("张三", "", False),
    ],
)
def test_names_are_compared_as_people_read_them(one, other, expected):
    assert same_name(one, other) is expected


def test_masks_show_what_the_public_may_see():
    assert mask_name("张小明") == "张*明"
    assert mask_name("张三") == "张*"
    assert mask_name("欧阳小明") == "欧**明"
    assert mask_identity("320102199003076515") == "3201**********6515"
    assert mask_identity("E12345678") == "E1*****78"
    assert mask_identity("E1234567") == "********"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张三（身份证320102199003076515）", "张三（身份证3201**********6515）"),
        ("11010519491231002x，电话13912345678。", "1101**********002x，电话13*******78。"),
        ("旧号码320102900307651", "旧号码3201*******7651"),
        ("护照E12345678", "护照E1*****78"),
        ("３２０１０２１９９００３０７６５１５", "3201**********6515"),
    ],
)
def test_numbers_of_people_are_masked_in_a_text(text, masked):
    assert mask_numbers(text) == masked


@pytest.mark.parametrize(
    "text", ["宁市监处罚〔2026〕15号", "91350100M000100Y43", "025-00000001", "罚款5000元", "JY13201020012345"]
)
def test_other_numbers_stay(text):
    assert mask_numbers(text) == text


def test_an_identity_number_is_not_readable_in_the_database(db):
    subject = register_subject(
        kind=Subject.Kind.NATURAL_PERSON,
        name="张小明",
        identity_type="resident_id",
        identity_number=RESIDENT,
        at=NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM subjects_subject WHERE id = %s", [subject.pk])
        raw = " ".join(str(value) for value in cursor.fetchone())
    assert RESIDENT not in raw
    assert RESIDENT[:14] not in raw
    found = Subject.objects.get(identity_digest=identity_digest("resident_id", RESIDENT.lower()))
    assert found.identity_number == RESIDENT
    assert found.masked_code == "1101**********002X"
    assert found.public_name == "张*明"


def test_registering_again_finds_the_same_subject(db):
    data = {
        "kind": Subject.Kind.ORGANISATION,
        "name": "示例（南京）有限公司",
        "uscc": "91350100M000100Y43",
        "at": NOW,
    }
    first = register_subject(**data)
    again = register_subject(**{**data, "name": "示例(南京)有限公司", "uscc": "91350100m000100y43"})
    assert first == again
    with pytest.raises(ValidationError) as caught:
        register_subject(**{**data, "name": "另一家公司"})
    assert caught.value.message_dict == {
        "name": ["该代码已登记为“示例（南京）有限公司”，与“另一家公司”不一致，请核对。"]
    }
    assert Subject.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uscc": "91350100M000100Y44"}, "uscc"),
        ({"uscc": ""}, "uscc"),
        ({"name": "  "}, "name"),
        (
            {"kind": "natural_person", "identity_type": "resident_id", "identity_number": "1"},
            "identity_number",
        ),
    ],
)
def test_a_subject_that_cannot_be_is_refused_by_field(db, change, field):
    data = {"kind": "organisation", "name": "示例", "uscc": "91350100M000100Y43", "at": NOW, **change}
    with pytest.raises(ValidationError) as caught:
        register_subject(**data)
    assert list(caught.value.message_dict) == [field]
    assert not Subject.objects.exists()


def test_another_persons_name_is_not_told(db):
    data = {"kind": "natural_person", "identity_type": "resident_id", "identity_number": RESIDENT, "at": NOW}
    register_subject(name="张小明", **data)
    with pytest.raises(ValidationError) as caught:
        register_subject(name="李四", **data)
    assert "张小明" not in str(caught.value)


def test_the_database_refuses_a_subject_without_its_code(db):
    with pytest.raises(IntegrityError):
        Subject.objects.create(kind="organisation", name="示例")
