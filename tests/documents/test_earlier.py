"""A letter that an earlier release issued and this one renders says what it would have said."""

import pytest

from applications.documents.rendering import render_html

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(issue):
    """A letter of a kind as it is printed, without some keys of its content."""

    def letter(kind: str, *without: str, **changes) -> str:
        document = issue(kind, **changes)
        document.content = {key: kept for key, kept in document.content.items() if key not in without}
        return render_html(document)

    return letter


def test_a_notice_of_repair_tells_of_the_publicity_that_runs(letter):
    text = letter("repair_notice", "public")
    assert "归集并公示" in text and "至2027年5月1日，期满后自动停止公示" in text
    assert "已停止公示" not in text
    assert "已停止公示" in letter("repair_notice", public=False)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({"competent_body": "苏州市生态环境局"}, "本事项由苏州市生态环境局办理，请向该单位提出申请。"),
        ({"earliest_on": "2027-02-02"}, "自2027年2月2日（周二）起，可以再次提出申请。"),
        ({}, "上述情形消除后，可以随时再次提出申请，不限次数。"),
    ],
)
def test_a_notice_of_non_acceptance_says_where_to_go(letter, kept, said):
    text = letter("non_acceptance_notice", "whereto", "ground", **kept)
    assert f"<p>{said}</p>" in text and "<p></p>" not in text


def test_a_grant_says_who_gets_a_copy(letter, credit_bureau):
    assert "抄送：同级公共信用信息共享平台</p>" in letter("grant_decision", "copies")
    text = letter("grant_decision", "copies", by=credit_bureau)
    assert "抄送：同级公共信用信息共享平台、南京市市场监督管理局</p>" in text
