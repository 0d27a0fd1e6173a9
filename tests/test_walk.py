"""docs/walk.md: the files that a case passes, and that it passes them in this order and goes back to none."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from applications.repairs.models import RepairCase
from applications.sharing import tasks
from applications.sharing.adapters import HttpAdapter, Receipt
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, open_papers, prepared
from tests.sharing.platforms import platform_of

ROOT = Path(__file__).resolve().parents[1]


def listed() -> list[str]:
    """The second column of the table."""
    text = (ROOT / "docs/walk.md").read_text(encoding="utf-8")
    return re.findall(r"^\| [^|]+ \| `([^`]+)` \|", text, re.MULTILINE)


def test_the_files_are_there_and_each_is_one_stage():
    files = listed()
    assert len(files) == len(set(files)) == 10
    assert [file for file in files if not (ROOT / file).is_file()] == []


@contextmanager
def followed(files: list[str]) -> Iterator[list[str]]:
    """Which of the files is entered after which, while the block runs."""
    stages = {str(ROOT / file): file for file in files}
    passed: list[str] = []

    def note(frame, event, argument):
        stage = stages.get(frame.f_code.co_filename) if event == "call" else None
        if stage and passed[-1:] != [stage]:
            passed.append(stage)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield passed
    finally:
        sys.setprofile(before)


class Platform:
    def send(self, delivery) -> Receipt:
        return Receipt("R-1", "2026-11-25T10:05:00+08:00", str(delivery.pk), False)


@pytest.mark.django_db
def test_a_case_walks_that_way(
    client,
    general_record,
    market_bureau,
    alice,
    wang,
    li,
    zhao,
    broker,
    settings,
    monkeypatch,
    django_capture_on_commit_callbacks,
):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    platform_of("320100")
    monkeypatch.setattr(HttpAdapter, "send", Platform.send)
    number = prepared(general_record, market_bureau, alice).number

    def case() -> RepairCase:
        return RepairCase.objects.get(number=number)

    def press(person, day, address, **answers):
        data = {"version": case().version, **answers}
        with time_machine.travel(moment(f"{day} 10:00"), tick=False):
            client.force_login(person)
            with followed(listed()) as passed, django_capture_on_commit_callbacks(execute=True):
                client.post(address, data)
        assert case().version == data["version"] + 1
        walked.extend(passed)

    def step(action):
        return reverse("admin:repairs_step", args=[case().pk, action])

    walked: list[str] = []
    press(alice, "2026-11-20", reverse("repairs:submit", args=[number]))
    press(wang, "2026-11-23", step("accept"))
    verdicts = {f"verdict_{code}": "yes" for code in all_confirmed(case())}
    open_papers(case(), li)
    press(li, "2026-11-24", step("review"), **verdicts)
    press(zhao, "2026-11-25", step("grant"))
    ((_task, (delivery,)),) = [nudge for nudge in broker.nudges if "sharing" in nudge[0]]
    with time_machine.travel(moment("2026-11-25 10:06"), tick=False), followed(listed()) as passed:
        tasks.push_delivery(delivery)
    walked.extend(passed)
    assert case().shared_at == moment("2026-11-25 10:05")
    once = [stage for place, stage in enumerate(walked) if walked[place - 1 : place] != [stage]]
    # The case is at its end; the sender looks whether a later message of it waits.
    assert once == [*listed(), "applications/sharing/sending.py"]
