"""What the platform does with a decision, and what it answers when it is asked about the record."""

import pytest

from tests.sharing_sandbox.process import SandboxProcess, make_message

REFUSED = {"decision": "refused", "method": None, "publicity_ended_at": None, "commitment": None}


def standing(sandbox: SandboxProcess, reference: str = "R-0000000001") -> tuple[int, dict]:
    return sandbox.request("GET", f"/v1/records/{reference}")


def test_a_grant_annotates_the_record_and_takes_it_out_of_publicity(sandbox):
    message = make_message()
    sandbox.post(message)
    status, record = standing(sandbox)
    assert status == 200
    assert record.pop("applied_at") == sandbox.received()[0]["received_at"]
    assert record == {
        "reference": "R-0000000001",
        "published": False,
        "annotated": True,
        "decision": "granted",
        "decision_number": "宁市监信修准〔2026〕1号",
        "case_number": message["case_number"],
        "sequence": 1,
    }


def test_a_refusal_leaves_the_record_in_publicity_until_a_grant_takes_its_place(sandbox):
    sandbox.post(make_message(**REFUSED))
    assert standing(sandbox)[1]["published"] is True
    sandbox.post(make_message(sequence=2, data_state="update"))
    record = standing(sandbox)[1]
    assert (record["published"], record["annotated"], record["sequence"]) == (False, True, 2)


def test_what_is_not_taken_changes_nothing(sandbox):
    message = make_message(**REFUSED)
    sandbox.post(message)
    assert sandbox.post(make_message(sequence=1))[0] == 409
    assert sandbox.post(make_message(2), key="another key")[0] == 401
    assert standing(sandbox)[1]["published"] is True


def test_the_same_message_again_is_applied_once(sandbox):
    message = make_message()
    sandbox.post(message)
    before = standing(sandbox)
    sandbox.post(message)
    assert standing(sandbox) == before


@pytest.mark.parametrize("reference", ["R-0000000002", "", "x/y", "%00"])
def test_a_record_of_which_it_heard_nothing(sandbox, reference):
    sandbox.post(make_message())
    status, answer = standing(sandbox, reference)
    assert status == 404
    assert isinstance(answer, str) or answer["error"] == "not_found"


def test_it_is_kept_over_a_restart(sandbox):
    sandbox.post(make_message())
    before = standing(sandbox)
    sandbox.start()
    assert standing(sandbox) == before


@pytest.mark.parametrize(
    ("method", "ended_at", "published"),
    [("cancel_and_publish", None, True), ("cancel_annotation", "2026-11-23T10:00:00+08:00", False)],
)
def test_a_revoked_repair_is_annotated_no_more_and_public_as_far_as_its_time_goes(
    sandbox, method, ended_at, published
):
    sandbox.post(make_message())
    revoked = {"decision": "grant_revoked", "method": method, "publicity_ended_at": ended_at}
    status, receipt = sandbox.post(make_message(sequence=2, data_state="update", **revoked))
    assert status == 201, receipt
    record = standing(sandbox)[1]
    assert (record["published"], record["annotated"]) == (published, False)
    status, refused = sandbox.post(
        make_message(sequence=3, data_state="update", **revoked | {"method": None})
    )
    assert status == 422 and refused["field"], refused
