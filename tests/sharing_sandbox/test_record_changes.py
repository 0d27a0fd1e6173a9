"""What becomes of a record is received on a path of its own, under the same agreements."""

from tests.sharing_sandbox.process import MESSAGE, make_message

PATH = "/v1/record-changes"
OF_DECISIONS = (
    "case_number", "data_state", "decision", "decision_number", "decided_on", "accepted_on", "method", "commitment",
)  # fmt: skip


def change(**fields):
    message = make_message()
    for name in OF_DECISIONS:
        del message[name]
    return message | {
        "event": "revoked",
        "happened_on": "2026-11-20",
        "reason": "行政复议决定撤销。",
        "publicity": "withdrawn",
        **fields,
    }


def test_it_is_kept_receipted_and_shown(sandbox):
    message = change()
    status, receipt = sandbox.post(message, path=PATH)
    assert (status, receipt["message_id"]) == (201, message["message_id"])
    [kept] = sandbox.received("R-0000000001")
    assert kept["payload"] == message
    page = sandbox.request("GET", f"/messages/{message['message_id']}")[1]
    assert "处罚被撤销，信息撤回" in page and "行政复议决定撤销。" in page
    assert "处罚被撤销，信息撤回" in sandbox.request("GET", "/")[1]


def test_it_is_numbered_by_its_record(sandbox):
    assert sandbox.post(change(), path=PATH)[0] == 201
    status, error = sandbox.post(change(), path=PATH)
    assert (status, error["error"]) == (409, "sequence_conflict")
    assert sandbox.post(MESSAGE)[0] == 201


def test_what_is_revoked_is_not_public(sandbox):
    status, error = sandbox.post(change(publicity="published", publicity_ended_at=None), path=PATH)
    assert (status, error["field"]) == (422, "publicity")


def test_a_decision_is_no_change_of_a_record(sandbox):
    assert sandbox.post(make_message(), path=PATH)[0] == 422
    assert sandbox.post(change())[0] == 422
