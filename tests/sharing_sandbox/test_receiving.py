"""What the platform takes, and what it says when it does not."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sharing_sandbox.process import SandboxProcess, make_message


def test_a_message_is_stored_and_receipted(sandbox):
    message = make_message()
    status, receipt = sandbox.post(message)
    assert status == 201
    assert receipt["message_id"] == message["message_id"]
    assert receipt["duplicate"] is False
    [kept] = sandbox.received(message["case_number"])
    assert kept["payload"] == message
    assert kept["receipt_number"] == receipt["receipt_number"]


def test_the_same_message_again_gets_the_same_receipt(sandbox):
    message = make_message()
    _, first = sandbox.post(message)
    status, second = sandbox.post(message)
    assert status == 200
    assert second == {**first, "duplicate": True}
    assert len(sandbox.received()) == 1


def test_another_message_under_the_same_key_is_a_conflict(sandbox):
    message = make_message()
    sandbox.post(message)
    status, error = sandbox.post({**message, "decision_number": "宁市监信修准〔2026〕2号"})
    assert (status, error["error"], error["field"]) == (409, "idempotency_conflict", "Idempotency-Key")
    [kept] = sandbox.received()
    assert kept["payload"]["decision_number"] == "宁市监信修准〔2026〕1号"


def test_a_place_in_a_case_is_given_once_and_never_behind_a_later_one(sandbox):
    sandbox.post(make_message(sequence=2, data_state="update"))
    for sequence in (1, 2):
        status, error = sandbox.post(make_message(sequence=sequence))
        assert (status, error["error"], error["field"]) == (409, "sequence_conflict", "sequence")
    assert sandbox.post(make_message(sequence=3))[0] == 201
    assert [kept["payload"]["sequence"] for kept in sandbox.received()] == [2, 3]


def test_fifty_at_once_with_one_key_are_one_message(sandbox):
    message = make_message()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: sandbox.post(message), range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    assert len({receipt["receipt_number"] for _, receipt in answers}) == 1
    assert len(sandbox.received()) == 1


def test_what_was_receipted_survives_a_kill(sandbox):
    message = make_message()
    _, receipt = sandbox.post(message)
    sandbox.stop(kill=True)
    sandbox.start()
    status, again = sandbox.post(message)
    assert (status, again) == (200, {**receipt, "duplicate": True})


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"region": "330100"}, "region", "行政区划"),
        ({"case_number": "320100-1"}, "case_number", "办件编号"),
        ({"message_id": "1"}, "message_id", "UUID"),
        ({"version": "2.0"}, "version", '应为 "1.0"'),
        ({"sequence": 0}, "sequence", "不小于 1"),
        ({"sequence": "1"}, "sequence", "整数"),
        ({"sequence": True}, "sequence", "整数"),
        ({"decided_on": "2026-02-30"}, "decided_on", "不是存在的日期"),
        ({"decided_on": "2026/11/23"}, "decided_on", "YYYY-MM-DD"),
        ({"decided_on": None}, "decided_on", "文本"),
        ({"sent_at": "2026-11-23T10:00:00"}, "sent_at", "时区"),
        ({"sent_at": "2026-11-23T25:00:00+08:00"}, "sent_at", "时区"),
        ({"decision": "maybe"}, "decision", "refused"),
        ({"decision_number": ""}, "decision_number", "不能为空"),
        ({"decision_number": "号" * 201}, "decision_number", "200"),
        ({"record__severity": "minor"}, "record.severity", "serious"),
        ({"record__reference": "1"}, "record.reference", "唯一标识"),
        ({"deciding_organ__uscc": "1132010"}, "deciding_organ.uscc", "统一社会信用代码"),
        ({"deciding_organ__kind": "company"}, "deciding_organ.kind", "credit_bureau"),
        ({"subject__kind": "alien"}, "subject.kind", "natural_person"),
        ({"subject__kind": "natural_person"}, "subject.code", "摘要"),
        ({"subject__code": "0123456789abcdef" * 4}, "subject.code", "统一社会信用代码"),
        ({"method": None}, "method", "annotate_and_withdraw"),
        ({"decision": "refused"}, "method", "null"),
        ({"decision": "refused", "method": None}, "publicity_ended_at", "null"),
        ({"publicity_ended_at": "never"}, "publicity_ended_at", "时区"),
        ({"commitment": {"number": "1号"}}, "commitment.sha256", "缺少"),
        ({"commitment": "1号"}, "commitment", "null"),
        ({"id_number": "320102199001011234"}, "id_number", "不认识"),
        ({"subject__phone": "13900000000"}, "subject.phone", "不认识"),
    ],
)
def test_a_field_that_is_not_as_published_is_named(shared_sandbox, changes, field, words):
    status, error = shared_sandbox.post(make_message(**changes))
    assert (status, error["error"], error["field"]) == (422, "invalid_field", field)
    assert words in error["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "refused", "method": None, "publicity_ended_at": None},
        {"decision": "refused", "method": None, "publicity_ended_at": None, "commitment": None},
        {"publicity_ended_at": None},
        {"sent_at": "2026-11-23T02:00:00Z"},
        {"deciding_organ__kind": "credit_bureau", "data_state": "update", "sequence": 2},
        {"subject__kind": "natural_person", "subject__code": "0123456789abcdef" * 4, "subject__name": "张三"},
    ],
)
def test_other_good_messages_are_taken(sandbox, changes):
    assert sandbox.post(make_message(**changes))[0] == 201


def test_every_field_is_required(shared_sandbox):
    for name in make_message():
        message = make_message()
        key = message["message_id"]
        del message[name]
        status, error = shared_sandbox.post(json.dumps(message).encode(), headers={"Idempotency-Key": key})
        assert (status, error["field"]) == (422, name)
        assert name in error["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "第 1 行第 1 个字符"),
        (b"{", "不是正确的 JSON"),
        (b'{"sequence": NaN}', "NaN"),
        (b'{"sequence": 1, "sequence": 2}', "两次"),
        ('{"a": "名"}'.encode("gb18030"), "UTF-8"),
        (b"[" * 100_000, "嵌套过深"),
    ],
)
def test_bad_json(shared_sandbox, body, words):
    status, error = shared_sandbox.post(body)
    assert (status, error["error"], error["field"]) == (400, "bad_json", None)
    assert words in error["message"]


def test_json_that_is_no_object(shared_sandbox):
    status, error = shared_sandbox.post(b"[]")
    assert (status, error["error"], error["message"]) == (422, "invalid_field", "消息体 应为对象。")


@pytest.mark.parametrize("name", ["Idempotency-Key", "X-Timestamp", "X-Signature"])
def test_a_missing_header_is_named(shared_sandbox, name):
    status, error = shared_sandbox.post(make_message(), headers={name: None})
    assert (status, error["error"], error["field"]) == (400, "missing_header", name)


def test_another_key_does_not_sign(shared_sandbox):
    status, error = shared_sandbox.post(make_message(), key="another key")
    assert (status, error["error"]) == (401, "bad_signature")


def test_a_changed_body_is_not_what_was_signed(shared_sandbox):
    message = make_message()
    status, error = shared_sandbox.post(
        json.dumps(message).replace("granted", "refused").encode(),
        headers={"X-Signature": "0" * 64, "Idempotency-Key": message["message_id"]},
    )
    assert (status, error["error"]) == (401, "bad_signature")


@pytest.mark.parametrize("seconds", [-301, 310])
def test_an_old_or_future_timestamp_is_refused(shared_sandbox, seconds):
    stamp = str(int(time.time()) + seconds)
    status, error = shared_sandbox.post(make_message(), timestamp=stamp)
    assert (status, error["error"], error["field"]) == (401, "stale_timestamp", "X-Timestamp")


@pytest.mark.parametrize(
    ("name", "value"), [("X-Timestamp", "yesterday"), ("X-Signature", "ABC"), ("X-Timestamp", "1" * 11)]
)
def test_a_header_of_the_wrong_form_is_named(shared_sandbox, name, value):
    status, error = shared_sandbox.post(make_message(), headers={name: value})
    assert (status, error["error"], error["field"]) == (400, "invalid_header", name)


def test_the_key_of_a_request_is_the_id_of_its_message(shared_sandbox):
    status, error = shared_sandbox.post(
        make_message(), headers={"Idempotency-Key": make_message()["message_id"]}
    )
    assert (status, error["field"]) == (422, "message_id")


def test_only_json_is_taken(shared_sandbox):
    status, error = shared_sandbox.post(make_message(), headers={"Content-Type": "text/xml"})
    assert (status, error["error"], error["field"]) == (415, "unsupported_media_type", "Content-Type")


def test_a_body_without_length_is_refused(shared_sandbox):
    status, error = shared_sandbox.request(
        "POST", "/v1/repair-decisions", iter([b"{}"]), {"Content-Type": "application/json"}
    )
    assert (status, error["error"]) == (411, "length_required")


def test_a_body_of_nonsense_length_is_refused(shared_sandbox):
    """By the server itself: what is no HTTP does not reach the interface."""
    status, _ = shared_sandbox.request("POST", "/v1/repair-decisions", None, {"Content-Length": "-5"})
    assert status == 400


def test_a_body_that_is_too_large_is_refused_before_it_is_read(shared_sandbox):
    status, error = shared_sandbox.request(
        "POST", "/v1/repair-decisions", None, {"Content-Length": str(256 * 1024 + 1)}
    )
    assert (status, error["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/other", 404, "not_found"),
        ("GET", "/v1/repair-decisions", 405, "method_not_allowed"),
        ("PUT", "/v1/repair-decisions", 405, "method_not_allowed"),
        ("DELETE", "/messages/1", 405, "method_not_allowed"),
    ],
)
def test_other_doors_are_closed(shared_sandbox, method, path, status, code):
    answer, error = shared_sandbox.request(method, path)
    assert (answer, error["error"]) == (status, code)


def test_nothing_that_was_refused_was_stored(shared_sandbox):
    assert shared_sandbox.received() == []


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory):
    """One process for all requests that it refuses: none of them leaves a trace."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox")).start()
    yield process
    process.stop()
