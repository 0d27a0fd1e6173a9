"""What the private-use characters of GBK and GB 18030 stand for, against the standard's own list and another converter."""

import subprocess

import pytest

from rules.gb18030 import STANDS_FOR, real_characters

# GB 18030-2005, the 2-byte positions that the edition of 2000 still had in the private-use area.
OF_2005 = {
    "A6D9": 0xFE10, "A6DA": 0xFE12, "A6DB": 0xFE11, "A6DC": 0xFE13, "A6DD": 0xFE14, "A6DE": 0xFE15, "A6DF": 0xFE16,
    "A6EC": 0xFE17, "A6ED": 0xFE18, "A6F3": 0xFE19, "A8BC": 0x1E3F, "FE51": 0x20087, "FE52": 0x20089, "FE53": 0x200CC,
    "FE59": 0x9FB4, "FE61": 0x9FB5, "FE66": 0x9FB6, "FE67": 0x9FB7, "FE6C": 0x215D7, "FE6D": 0x9FB8, "FE76": 0x2298F,
    "FE7E": 0x9FB9, "FE90": 0x9FBA, "FE91": 0x241FE, "FEA0": 0x9FBB,
}  # fmt: skip
# Where GBK of 1995 had private-use characters besides: positions in their order, and the first code point.
OF_GBK = [
    ("A2", [0xE3], 0xE76C),
    ("A6", [*range(0xD9, 0xE0), 0xEC, 0xED, 0xF3], 0xE78D),
    ("A8", [0xBC], 0xE7C7),
    ("A8", [0xBF], 0xE7C8),
    ("A9", [*range(0x89, 0x96)], 0xE7E7),
    ("FE", [*range(0x50, 0x7F), *range(0x80, 0xA1)], 0xE815),
]


@pytest.mark.parametrize("position", OF_2005)
def test_the_characters_that_the_edition_of_2005_names(position):
    assert real_characters(bytes.fromhex(position).decode("gb18030")) == chr(OF_2005[position])


def test_the_whole_table_is_that_of_another_converter():
    expected = {}
    for first, seconds, start in OF_GBK:
        for number, second in enumerate(seconds):
            two_bytes = bytes.fromhex(first) + bytes([second])
            converted = subprocess.run(
                ["iconv", "-f", "GB18030", "-t", "UTF-8"], input=two_bytes, capture_output=True, check=True
            )
            expected[chr(start + number)] = converted.stdout.decode()
    assert expected == STANDS_FOR


def test_a_name_of_an_old_system_and_nothing_else_changes():
    assert real_characters("王\ue863（\ue81e）有限公司") == "王䶮（龴）有限公司"
    # A company's own invention, and what has no private-use character at all.
    for text in ("\ue000\ue765", "\uf8ff", "张𠮷", "", "abc"):
        assert real_characters(text) == text
