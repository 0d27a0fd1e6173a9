"""Which numbers, codes and names are the same, whoever typed them."""

import pytest

from rules.sameness import plain_code, plain_name, plain_number, visible

NUMBER = "苏示罚〔2025〕第12号"


@pytest.mark.parametrize(
    "typed",
    [
        "苏示罚[2025]第12号", "苏示罚（2025）第12号", "苏示罚【2025】第12号", "苏示罚﹝2025﹞第12号", "苏示罚［２０２５］第１２号",
        "苏示罚〖2025〗第12号", "苏示罚{2025}第12号", "苏示罚<2025>第12号", "苏示罚《2025》第12号", "苏示罚「2025」第12号",
        " 苏示罚〔2025〕　第 12 号\n", "苏示罚〔2025〕第12\u200b号", "\ufeff苏示罚〔2025〕第12号", "苏\u00ad示罚〔2025〕第12号",
        "\u202d苏示罚〔2025〕第12号\u202c", "苏示罚〔2025〕\u00a0第12号",
    ],
)  # fmt: skip
def test_a_document_number_is_itself_in_every_bracket_width_and_space(typed):
    assert plain_number(typed) == plain_number(NUMBER) == NUMBER


@pytest.mark.parametrize("other", ["苏示罚〔2025〕第13号", "苏示罚〔2024〕第12号", "苏示处〔2025〕第12号"])
def test_another_number_is_another(other):
    assert plain_number(other) != NUMBER


def test_dashes_and_small_letters_of_a_number():
    assert plain_number("苏a罚2025－3—1") == plain_number("苏A罚2025-3-1")


@pytest.mark.parametrize(
    "typed", ["９１３５０１００m000100y43", "91350100 M000100Y43", "91350100M000100Y43\u200b"]
)
def test_a_code_however_it_is_typed(typed):
    assert plain_code(typed) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("扬州示例（集团）有限公司", "扬州示例(集团)有限公司"),
        ("扬州示例【集团】有限公司", "扬州示例〔集团〕有限公司"),
        ("买买提·示例", "买买提•示 例"),
        ("SHILI Co", "ｓｈｉｌｉ\u3000ＣＯ"),
        ("扬州\u200b示例", "扬州示例"),
        ("扬州示例", "扬州示例\ufe00"),
    ],
)
def test_a_name_however_it_is_typed(one, other):
    assert plain_name(one) == plain_name(other)


def test_a_text_keeps_what_can_be_seen():
    assert visible("第一行\r\n第二行\r第三行\u2028第四行") == "第一行\n第二行\n第三行\n第四行"
    assert visible("甲\u200b乙\u202e丙　丁") == "甲乙丙　丁"
    assert visible("plain") == "plain"
