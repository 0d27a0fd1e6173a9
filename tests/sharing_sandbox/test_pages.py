"""What a person sees of the sandbox."""

import pytest

from tests.sharing_sandbox.process import make_message


def test_empty(sandbox):
    status, page = sandbox.request("GET", "/")
    assert status == 200
    assert "还没有收到任何决定" in page
    assert "不是真实的共享平台" in page


def test_the_list_shows_what_came(sandbox):
    message = make_message()
    _, receipt = sandbox.post(message)
    _, page = sandbox.request("GET", "/")
    for words in (
        "共 1 条",
        message["case_number"],
        "准予信用修复",
        "宁市监信修准〔2026〕1号",
        "南京示例食品有限公司",
        "南京市市场监督管理局",
        receipt["receipt_number"],
        f'href="/messages/{message["message_id"]}"',
    ):
        assert words in page


def test_one_message_in_full(sandbox):
    message = make_message()
    sandbox.post(message)
    status, page = sandbox.request("GET", f"/messages/{message['message_id']}")
    assert status == 200
    for words in (
        "2026年11月23日",
        "标注并撤销公示",
        "91350100M000100Y43",
        "宁市监处罚〔2026〕15号",
        "一般",
        "已标注并撤销公示",
    ):
        assert words in page


def test_a_refusal_in_full(sandbox):
    message = make_message(decision="refused", method=None, publicity_ended_at=None, commitment=None)
    sandbox.post(message)
    _, page = sandbox.request("GET", f"/messages/{message['message_id']}")
    assert "不予信用修复" in page
    assert "公示中（" in page


def test_markup_in_a_message_is_text(sandbox):
    message = make_message(subject__name="<script>alert(1)</script>")
    sandbox.post(message)
    for path in ("/", f"/messages/{message['message_id']}"):
        _, page = sandbox.request("GET", path)
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_pages_of_twenty_newest_first(sandbox):
    for case in range(1, 22):
        sandbox.post(make_message(case))
    _, first = sandbox.request("GET", "/")
    _, second = sandbox.request("GET", "/?page=2")
    assert "共 21 条，第 1 页，共 2 页" in first
    assert first.index("XF-320100-2026-000021-7") < first.index("XF-320100-2026-000020-7")
    assert "XF-320100-2026-000001-7" not in first
    assert "XF-320100-2026-000001-7" in second
    assert 'href="/?page=2"' in first
    assert 'href="/?page=1"' in second


@pytest.mark.parametrize(
    "path", ["/?page=2", "/?page=0", "/?page=x", "/?page=-1", "/messages/x", "/messages/", "/nothing"]
)
def test_what_is_not_there(sandbox, path):
    status, page = sandbox.request("GET", path)
    assert status == 404
    assert "没有找到" in page


def test_scripts_ask_by_case(sandbox):
    sandbox.post(make_message(1))
    sandbox.post(make_message(2))
    assert len(sandbox.received()) == 2
    [found] = sandbox.received("XF-320100-2026-000002-7")
    assert found["payload"]["case_number"] == "XF-320100-2026-000002-7"
    assert sandbox.received("XF-320100-2026-000003-7") == []


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_health(sandbox, path):
    assert sandbox.request("GET", path) == (200, {"status": "ok"})
