"""Numbers of persons in texts: found where they are, and not seen where they are not."""

import pytest

from rules.personal_numbers import find_personal_numbers, is_personal_code

RESIDENT = "11010519491231002X"


def found(text):
    return [(text[each.start : each.end], each.kind, each.certain) for each in find_personal_numbers(text)]


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        (f"当事人周某（{RESIDENT}）", RESIDENT, "resident_id"),
        (f"身份证{RESIDENT.lower()}。", RESIDENT.lower(), "resident_id"),
        ("身份证 110105 19491231 002X", "110105 19491231 002X", "resident_id"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１０１０５１９４９１２３１００２Ｘ", "resident_id"),
        ("号1101\t05194912\n31002X。", "1101\t05194912\n31002X", "resident_id"),
        ("1101051949123,1002X", "1101051949123,1002X", "resident_id"),
        ("1*1·0.1/0-5，1.9,4、9：1;2|3\t1_0+0~2X", "1*1·0.1/0-5，1.9,4、9：1;2|3\t1_0+0~2X", "resident_id"),
        ("旧证321023850714032", "321023850714032", "resident_id"),
        ("持护照E23456789入境", "E23456789", "travel_document"),
        ("EA1234567", "EA1234567", "travel_document"),
        ("通行证H12345678", "H12345678", "travel_document"),
        ("联系13912345678", "13912345678", "mobile"),
        ("139-1234-5678", "139-1234-5678", "mobile"),
        ("+86 13912345678", "+86 13912345678", "mobile"),
        ("电话：0514-87654321", "0514-87654321", "landline"),
        ("座机87654321", "87654321", "landline"),
    ],
)
def test_a_certain_number(text, number, kind):
    assert found(text) == [(number, kind, True)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        # A slip in an identity number leaves one that identifies all the same.
        ("110105194912310021", "110105194912310021"),
        ("生产批号E20260501", "E20260501"),
        ("批次D12345678", "D12345678"),
        ("订单编号13912345678", "13912345678"),
    ],
)
def test_what_only_looks_like_one(text, number):
    assert [(text_, certain) for text_, _kind, certain in found(text)] == [(number, False)]


@pytest.mark.parametrize(
    "text",
    [
        "扬市监罚〔2026〕20260501号", "罚款13912345678元", "货值金额 13912345678.5 元", "91350100M000100Y43",
        "91320100748204660Q", "JY13210020012345", "0514-87654321", "3210020260501", "注册号320100000012345",
        "邮编225000", "2026-05-01 10:20:30", "1391234567", "139123456789", "车牌苏K12345", "",
    ],
)  # fmt: skip
def test_other_numbers_are_nobody_s(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "code",
    [
        RESIDENT,
        f"{RESIDENT}00",
        f" {RESIDENT[:6]} {RESIDENT[6:]}",
        "321023850714032",
        "13912345678",
        "E23456789",
    ],
)
def test_a_person_s_number_where_a_code_belongs(code):
    assert is_personal_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",
        "320100000012345",
        "74820466-0",
        "748204660",
        "苏民证字第010123号",
        "事证第132000000123号",
        "",
    ],
)
def test_a_code_of_an_organisation(code):
    assert not is_personal_code(code)


def test_a_telephone_beside_other_digits_is_still_seen():
    assert found("8765432 13912345678") == [("13912345678", "mobile", True)]
