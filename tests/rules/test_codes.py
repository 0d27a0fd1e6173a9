"""Codes of organisations and persons by their standards: vectors worked out elsewhere, and counter-examples."""

import pytest

from rules.codes import (
    ALPHABET,
    is_old_resident_id,
    is_organisation_code,
    is_registration_number,
    is_resident_id,
    is_uscc,
    is_uscc_built,
    uscc_check_character,
)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the example of GB 32100-2015
        "91320100748204660Q", "91320281142232229Q", "11320100MB1886843H", "91512081MA62K0260E",
        "91370400728618604X", "11230500001755309F", "91440300618819640R",
    ],
)  # fmt: skip
def test_real_codes_are_codes(code):
    assert is_uscc(code)
    assert uscc_check_character(code[:17]) == code[17]


@pytest.mark.parametrize(
    "start", ["N1", "N2", "N3", "N9", "A1", "Y1", "G1", "54", "81", "21", "35", "62", "72", "93"]
)
def test_every_registrar_of_the_standard_with_its_types(start):
    code = f"{start}320682MF0A1B2C3"
    assert is_uscc(code + uscc_check_character(code))


@pytest.mark.parametrize("start", ["01", "B1", "I1", "N4", "A2", "94", "Y2", "10"])
def test_no_registrar_or_no_type_of_it(start):
    code = f"{start}320682MF0A1B2C3"
    assert not is_uscc_built(code + "0")


def test_one_wrong_character_anywhere_is_found():
    code = "N2320682MF0A1B2C3"
    code += uscc_check_character(code)
    for place in range(18):
        for other in ALPHABET:
            if other != code[place]:
                assert not is_uscc(code[:place] + other + code[place + 1 :])


def test_a_character_that_no_code_has():
    with pytest.raises(ValueError, match="I"):
        uscc_check_character("91350100I000100Y4")


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("11010519491231002X", True),  # the example of GB 11643-1999
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),  # no such month
        ("990105194912310025", True),  # built as a foreigner's card
        ("16010519491231002X", False),  # no such province
        ("11010518491231002X", False),
    ],
)
def test_numbers_of_residents(number, is_one):
    if number.startswith("99"):
        number = number[:17] + next(c for c in "0123456789X" if is_resident_id(number[:17] + c))
    assert is_resident_id(number) is is_one


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("321023850714032", True),
        ("321023851314032", False),
        ("001023850714032", False),
        # Registration numbers, of which only the second could be a birthday.
        ("320100000012345", False),
        ("110108000000016", False),
    ],
)
def test_numbers_of_fifteen_digits(number, is_one):
    assert is_old_resident_id(number) is is_one


def test_a_registration_number_that_looks_like_a_birthday():
    number = "32102385071403"
    last = next(digit for digit in "0123456789" if is_registration_number(number + digit))
    assert not is_old_resident_id(number + last)


def test_organisation_codes():
    assert is_organisation_code("748204660")
    assert is_organisation_code("M000100Y4")
    assert not is_organisation_code("748204661")
    assert not is_organisation_code("74820466")
