"""What another policy would change: compared answer by answer, counted, listed, run in the background."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection

from applications.ledger.models import Event
from applications.oversight import services
from applications.oversight.comparing import answer_of, compare
from applications.oversight.models import ReplayRun
from applications.oversight.replaying import replay
from applications.oversight.tasks import run_replays
from applications.policies.services import keep_text
from rules.eligibility import assess
from rules.facts import Facts
from rules.policy import get_policy
from tests.fixtures import make_record, moment
from tests.policies.texts import LONGER, SHORTER, new_policy
from tests.repairs.steps import granted, submitted

pytestmark = pytest.mark.django_db

# Windows of two keys, so that there are several.
FEW_AT_ONCE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")
from django.core.management import execute_from_command_line
import django
django.setup()
from applications.oversight import replaying
replaying.WINDOW = 2
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
AT = moment("2026-11-23 10:00")
TODAY = date(2026, 11, 23)
NOTICE = get_policy("jiangsu-2020-4")


@pytest.fixture(autouse=True)
def on_the_23rd():
    with time_machine.travel(AT, tick=False):
        yield


def facts(**changes):
    told = {
        "severity": "serious",
        "identified_on": "2026-03-02",
        "region": "320100",
        "penalties": ["fine"],
        "domains": [],
        "conducts": [],
        "other_specific_serious_ground": None,
        "corrected_on": "2026-04-01",
        "obligations": [],
        "commitment": {"signed_on": "2026-08-01", "publication_consent": True},
        "training": {"completed_on": "2026-07-01"},
        "credit_report": {"issued_on": "2026-07-15", "issuer": "credit_bureau"},
        "false_material": False,
        "statutory_bar": None,
    }
    return Facts.from_json(told | changes)


def compared(after, told=None, on=TODAY):
    told = told or facts()
    return compare(answer_of(assess(told, NOTICE, on)), answer_of(assess(told, after, on)), on)


class TestComparing:
    def test_the_same_policy_changes_nothing(self):
        assert compared(NOTICE) == ("same", (), ())

    def test_a_longer_minimum_loses_by_its_article(self):
        # Eligible since 2026-09-03 under six months; not before 2027-03-03 under twelve.
        assert compared(new_policy(LONGER)) == ("lose", (), ("苏信用发〔2027〕9号第五条",))

    def test_a_shorter_minimum_gains_by_the_article_that_stood_in_the_way(self):
        told = facts(severity="general", identified_on="2026-09-10")
        found = compared(new_policy(SHORTER), told)
        assert found == ("gain", ("苏信用发〔2020〕4号第四条",), ())

    def test_nobody_who_may_apply_either_way_is_counted(self):
        assert compared(new_policy(SHORTER), facts(severity="general")).verdict == "same"

    def test_less_to_do_later_is_mixed(self):
        # The national measures ask for a year, and neither for training nor for a report.
        told = facts(training=None, credit_report=None)
        assert compared(get_policy("ndrc-2026-36"), told).verdict == "mixed"

    def test_a_later_day_that_has_passed_as_well_is_no_loss(self):
        # Six months end in March 2026, twelve in September: on the 23rd of November neither stands in the way.
        told = facts(identified_on="2025-09-01", training=None)
        assert compared(new_policy(LONGER), told) == ("same", (), ())

    def test_a_bar_that_falls_away_is_a_gain_of_article_6(self):
        told = facts(domains=["food_drug"], penalties=["revoke_permit"], identified_on="2025-01-02")
        found = compared(get_policy("ndrc-2026-36"), told)
        assert found.verdict == "gain"
        assert "苏信用发〔2020〕4号第六条" in found.better

    def test_publicity_that_ends_earlier_is_a_gain(self):
        shorter = new_policy(
            ("[severities.serious.publicity]\namount = 3", "[severities.serious.publicity]\namount = 2")
        )
        told = facts(identified_on="2024-06-01", training=None)
        assert compared(shorter, told) == ("gain", ("公示期限",), ())


@pytest.fixture
def case(serious_record, market_bureau, alice):
    return submitted(serious_record, market_bureau, alice)


class TestCounting:
    def test_cases_by_their_submission_and_records_as_they_stand(self, case, acme, market_bureau):
        # A general record of 2026-09-10: first day 2026-12-11 under three months, 2026-11-11 under two.
        make_record(acme, market_bureau, document_number="乙1号", decided_on=date(2026, 9, 10))
        rows = []
        report = replay(policy=new_policy(LONGER, SHORTER), on=TODAY, each=rows.append).to_json()
        assert report["totals"]["case"] == {
            "gain": 0,
            "lose": 1,
            "mixed": 0,
            "same": 0,
            "silent": 0,
            "all": 1,
        }
        # The serious record itself loses as well; the new one gains.
        assert report["totals"]["record"] == {
            "gain": 1,
            "lose": 1,
            "mixed": 0,
            "same": 0,
            "silent": 0,
            "all": 2,
        }
        assert report["articles"] == [
            {"article": "苏信用发〔2027〕9号第五条", "gain": 0, "lose": 2},
            {"article": "苏信用发〔2020〕4号第四条", "gain": 1, "lose": 0},
        ]
        assert report["moves"] == [{"before": "eligible", "after": "not_yet", "count": 1}]
        lost = next(row for row in rows if row.kind == "case")
        assert (lost.reference, lost.on, lost.before.outcome) == (case.number, date(2026, 11, 20), "eligible")
        # 12 months from 2026-03-02: the last day is 2027-03-02.
        assert lost.after.earliest_on == date(2027, 3, 3)

    def test_the_policy_that_applied_changes_nothing(self, case):
        report = replay(policy=NOTICE, on=TODAY).to_json()
        assert report["totals"]["case"]["same"] == report["totals"]["case"]["all"] == 1
        assert report["articles"] == [] and report["moves"] == []

    def test_a_repaired_record_is_left_out_but_its_case_is_not(
        self, general_record, market_bureau, alice, wang, li, zhao
    ):
        granted(general_record, market_bureau, alice, wang, li, zhao)
        totals = replay(policy=new_policy(LONGER), on=TODAY).to_json()["totals"]
        assert (totals["case"]["all"], totals["record"]["all"]) == (1, 0)

    def test_since_leaves_out_what_is_older(self, case):
        totals = replay(policy=NOTICE, on=TODAY, since=date(2026, 11, 21)).to_json()["totals"]
        assert (totals["case"]["all"], totals["record"]["all"]) == (0, 0)
        totals = replay(policy=NOTICE, on=TODAY, since=date(2026, 11, 20)).to_json()["totals"]
        assert totals["case"]["all"] == 1

    def test_queries_grow_with_chunks_not_with_rows(self, acme, market_bureau, django_assert_max_num_queries):
        for number in range(30):
            make_record(acme, market_bureau, document_number=f"丙{number}号")
        with django_assert_max_num_queries(10):
            assert replay(policy=NOTICE, on=TODAY).to_json()["totals"]["record"]["all"] == 30

    @pytest.mark.server
    @pytest.mark.django_db(transaction=True)
    def test_two_processes_find_what_one_finds_in_its_order(self, case, acme, market_bureau, tmp_path):
        """By the command, as a process forks that has no threads; LONGER is the policy, whatever day it is."""
        keep_text(policy=new_policy(LONGER), at=AT)
        for number in range(7):
            make_record(acme, market_bureau, document_number=f"丁{number}号", decided_on=date(2026, 9, 10))
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        environment = os.environ | {"DATABASE_URL": urlunsplit(database), "DATA_DIR": str(tmp_path)}
        told = []
        for processes in ("1", "2"):
            path = tmp_path / f"{processes}.csv"
            ran = subprocess.run(
                [sys.executable, "-c", FEW_AT_ONCE, "replay", "--policy", "jiangsu-2027-9",
                 "--csv", str(path), "--processes", processes],
                env=environment, capture_output=True, text=True, check=True, timeout=120,
            )  # fmt: skip
            told.append((json.loads(ran.stdout.splitlines()[-1]), path.read_text(encoding="utf-8")))
        assert told[0] == told[1]
        assert told[0][0]["totals"]["record"]["all"] == 8

    def test_a_severity_that_the_policy_lacks_is_said(self, case):
        whole = new_policy()
        without = {code: each for code, each in whole.severities.items() if code != "serious"}
        policy = replace(whole, severities=without, _applicable={})
        assert replay(policy=policy, on=TODAY).to_json()["totals"]["case"]["silent"] == 1


class TestCommand:
    def test_it_reports_and_lists(self, case, tmp_path, capsys):
        keep_text(policy=new_policy(LONGER), at=AT)
        path = tmp_path / "名单.csv"
        call_command("replay", "--policy", "jiangsu-2027-9", "--csv", str(path))
        out, err = capsys.readouterr()
        assert "申请1件：受益0，受损1，有利有弊0，没有变化0，无此等级0" in out
        assert "苏信用发〔2027〕9号第五条：受益0，受损2" in out
        assert json.loads(out.splitlines()[-1])["totals"]["case"]["lose"] == 1
        assert "已重评 2/2" in err
        content = path.read_text(encoding="utf-8")
        assert content.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
        assert [row["编号"] for row in rows] == [case.number, case.record.reference]
        assert rows[0]["原结论"] == "可以申请" and rows[0]["新结论"] == "尚不能申请"
        assert rows[0]["新最早申请日"] == "2027-03-03" and rows[0]["影响"] == "受损"
        assert Event.objects.get(verb="replay.exported").payload["rows"] == 2

    @pytest.mark.parametrize(
        "arguments, said",
        [
            (["--policy", "jiangsu-1999"], "policy：没有“jiangsu-1999”这一政策"),
            (["--policy", "ndrc-2026-36", "--processes", "0"], "--processes：应为1至32"),
            (["--policy", "ndrc-2026-36", "--since", "2026-02-30"], "--since：应为实际存在的日期"),
            (
                ["--policy", "ndrc-2026-36", "--csv", "/nowhere/list.csv"],
                "--csv：不能写入“/nowhere/list.csv”",
            ),
        ],
    )
    def test_bad_input_is_one_sentence_and_exit_2(self, db, arguments, said, capsys):
        with pytest.raises(SystemExit) as ended:
            call_command("replay", *arguments)
        assert ended.value.code == 2
        assert said in capsys.readouterr().err

    def test_the_same_day_says_the_same(self, case, capsys):
        call_command("replay", "--policy", "jiangsu-2020-4")
        assert "申请1件：受益0，受损0，有利有弊0，没有变化1" in capsys.readouterr().out


class TestRun:
    def test_a_worker_does_it_and_keeps_the_report(self, case, zheng):
        run = services.request_replay(policy=new_policy(LONGER), since=None, actor=zheng, at=AT)
        assert run.state == "waiting"
        assert run_replays() == 1
        run.refresh_from_db()
        assert (run.state, run.done, run.total) == ("done", 2, 2)
        assert run.report["totals"]["case"]["lose"] == 1
        with run.affected.file.open() as file:
            assert case.number in file.read().decode()
        assert run_replays() == 0
        verbs = Event.objects.filter(chain=f"replay-{run.pk}").values_list("verb", flat=True)
        assert list(verbs) == ["replay.requested", "replay.finished"]

    def test_a_run_that_was_left_is_taken_over_and_one_that_lives_is_not(self, case, zheng):
        run = services.request_replay(policy=NOTICE, since=None, actor=zheng, at=AT)
        ReplayRun.objects.update(state="running", alive_at=moment("2026-11-23 09:56"))
        assert run_replays() == 0
        ReplayRun.objects.update(alive_at=moment("2026-11-23 09:54"))
        assert run_replays() == 1
        run.refresh_from_db()
        assert run.state == "done"

    def test_a_failure_is_said_and_does_not_stop_the_next(self, case, zheng, monkeypatch):
        first = services.request_replay(policy=NOTICE, since=None, actor=zheng, at=AT)
        second = services.request_replay(policy=new_policy(LONGER), since=None, actor=zheng, at=AT)
        real = services.replay

        def broken(*, policy, **kwargs):
            if policy.id == "jiangsu-2020-4":
                raise RuntimeError("the disk is full")
            return real(policy=policy, **kwargs)

        monkeypatch.setattr(services, "replay", broken)
        assert run_replays() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == ("failed", "done")

    @pytest.mark.parametrize("person", ["sun", "zhao", "alice"])
    def test_only_the_provinces_department_asks(self, request, person):
        with pytest.raises(PermissionDenied):
            services.request_replay(policy=NOTICE, since=None, actor=request.getfixturevalue(person), at=AT)

    def test_one_that_always_ends_its_worker_fails_in_the_end_and_lets_the_others_go_first(self, case, zheng):
        killer = services.request_replay(policy=NOTICE, since=None, actor=zheng, at=AT)
        ReplayRun.objects.update(state="running", alive_at=moment("2026-11-23 09:54"), attempts=2)
        other = services.request_replay(policy=new_policy(LONGER), since=None, actor=zheng, at=AT)
        assert services.waiting_runs(AT) == [other.pk, killer.pk]

        ReplayRun.objects.filter(pk=killer.pk).update(attempts=3)
        assert services.waiting_runs(AT) == [other.pk]
        killer.refresh_from_db()
        assert (killer.state, killer.finished_at) == ("failed", AT)
