"""What the README says about adding a step is all there is to it: its two texts are taken from there and used."""

import re
import sys
import types
from pathlib import Path

import pytest
from django.urls import reverse

from applications.ledger.models import Event
from applications.repairs import steps
from rules import procedure
from tests.fixtures import moment
from tests.repairs.steps import accepted, reviewed

pytestmark = pytest.mark.django_db

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def example(monkeypatch):
    """The step of the README, in place: its row in the table, its file, its page."""
    section = README.read_text().partition("### How to add a step")[2]
    row_text, file_text = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[:2]
    row = eval(row_text, vars(procedure))
    monkeypatch.setattr(procedure, "TABLE", (*procedure.TABLE, row))
    monkeypatch.setitem(procedure._BY_STATE_AND_ACTION, (row.source, row.action), row)
    name = f"applications.repairs.steps.{row.action}"
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(file_text, name, "exec"), vars(module))
    monkeypatch.setitem(steps.PAGES, row.action, module.Page)
    return row


def test_the_step_of_the_readme_works(
    example, general_record, market_bureau, alice, wang, li, zhao, client, settings, time_machine
):
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    time_machine.move_to(moment("2026-11-25 10:00"), tick=False)
    client.force_login(zhao)
    page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).content.decode()
    assert "登记会商意见" in page

    address = reverse("admin:repairs_step", args=[case.pk, "confer"])
    assert "不通知申请人" in client.get(address).content.decode()
    empty = client.post(address, {"version": case.version, "words": ""})
    assert empty.status_code == 200 and "这个字段是必填项" in empty.content.decode()
    done = client.post(address, {"version": case.version, "words": "同意准予。"}, follow=True)

    assert f"{case.number}：已办理“登记会商意见”。" in done.content.decode()
    event = Event.objects.filter(chain=case.number).order_by("-position")[0]
    assert (event.verb, event.actor, event.payload["words"]) == ("repair.conferred", zhao, "同意准予。")
    stale = client.post(address, {"version": case.version, "words": "再记一次。"})
    assert stale.status_code == 409 and "赵" in stale.content.decode()


def test_it_is_nobody_elses(example, general_record, market_bureau, alice, wang, li, client):
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    client.force_login(wang)
    assert client.get(reverse("admin:repairs_step", args=[case.pk, "confer"])).status_code == 404
