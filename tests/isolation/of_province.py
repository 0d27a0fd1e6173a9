"""What is the whole province's, in the world of the isolation tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType

from applications.accounts.models import User
from applications.calendars.models import Recalculation
from applications.calendars.services import propose_notice
from applications.deadlines.models import Sweep
from applications.ledger.models import Event, Head
from applications.oversight.models import ReplayRun
from applications.oversight.services import request_replay
from applications.policies import services as policies
from applications.repairs.models import RepairCase
from tests.policies.texts import LONGER, new_policy


def global_things(proposer: User, affected: Any, now: datetime) -> dict[str, Any]:
    """What is the whole province's."""
    text = (
        "国务院办公厅关于调整2026年放假安排的通知\n国办发明电〔2026〕9号\n2026年12月1日至2日放假，共2天。\n"
    )
    notice = propose_notice(text=text, proposed_by=proposer, at=now)
    unsigned = propose_notice(text=text.replace("12月1日至2日", "12月3日至4日"), proposed_by=None, at=now)
    run = request_replay(policy=new_policy(LONGER), since=None, actor=proposer, at=now)
    report = {"totals": {}, "moves": [], "articles": []}
    ReplayRun.objects.filter(pk=run.pk).update(
        state="done", report=report, finished_at=now, affected=affected
    )
    adoption = policies.propose_adoption(
        policy=new_policy(LONGER, policy_id="jiangsu-2027-10"), starts_on=date(2027, 1, 1), replay=report,
        actor=proposer, at=now,
    )  # fmt: skip
    return {
        "case_type": ContentType.objects.get_for_model(RepairCase).pk,
        "notice": notice,
        "unsigned": unsigned,
        "run": ReplayRun.objects.get(pk=run.pk),
        "adoption": adoption,
        "recalculation": Recalculation.objects.create(
            at=now, changes_version="v", shipped_version="s", checked=1, moved=0
        ),
        "sweep": Sweep.objects.create(started_at=now, finished_at=now),
        "head": Head.objects.create(
            number=1, last_event=Event.objects.latest("pk").pk, event_count=Event.objects.count(), root="0" * 64,
            signed_at=now, signature="0" * 128,
        ),
    }  # fmt: skip
