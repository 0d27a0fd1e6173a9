"""Measures one explained assessment beside rule engines that answer the same eight conditions with yes or no.

Each candidate gets the same sample of serious records, in turn, in the same run, in the way that suits it best:
compiled once, dates as whole numbers, the end of each period worked out beforehand (which this project does
inside its measurement). A candidate whose answers differ from ours stops the run.
"""

from __future__ import annotations

import json
import logging
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from rules.conditions import CONDITION_CHECKS
from rules.eligibility import assess
from rules.facts import CONDUCTS, DOMAINS, Commitment, CreditReport, Facts, Obligation, Training
from rules.periods import last_day
from rules.policy import get_policy

Context = dict[str, Any]
SAMPLE = 10_000
PEER_SAMPLE = 1_000
MILLION = 1_000_000
ROUNDS = 5
ON = date(2026, 11, 23)
# Later than any day: a thing that has not happened.
NEVER = 10**7
TARGET_MICROSECONDS = 10
TARGET_RATIO = 3
TARGET_SECONDS = 20
POLICY = get_policy("jiangsu-2020-4")


def sample_facts(count: int) -> list[Facts]:
    """Serious records of the last two years, about half of them in order."""
    chance = random.Random(4)

    def day(after: date, within: int) -> date:
        return after + timedelta(days=chance.randrange(within))

    records = []
    for _ in range(count):
        identified = ON - timedelta(days=chance.randrange(120, 720))
        missing = chance.randrange(14)
        grave = chance.random() < 0.1
        records.append(
            Facts(
                severity="serious",
                identified_on=identified,
                region=chance.choice(["320100", "320500", "320981"]),
                penalties=("fine", "revoke_permit") if grave else ("fine",),
                domains=(chance.choice(list(DOMAINS)),),
                conducts=(chance.choice(list(CONDUCTS)),),
                other_specific_serious_ground=None,
                corrected_on=None if missing == 0 else day(identified, 100),
                obligations=(
                    Obligation("罚款", "administrative", None if missing == 1 else day(identified, 110)),
                    Obligation("整改", "administrative", day(identified, 90)),
                ),
                commitment=None if missing == 2 else Commitment(day(identified, 150), missing != 3),
                training=None if missing == 4 else Training(day(identified, 150)),
                credit_report=None if missing == 5 else CreditReport(day(identified, 150), "credit_bureau"),
                false_material=False,
                statutory_bar=None,
            )
        )
    return records


def flat(facts: Facts) -> Context:
    """The same record as the engines want it: plain numbers and booleans, all periods worked out."""

    def number(day: Any) -> int:
        return day.toordinal() if isinstance(day, date) else NEVER

    commitment, training, report = facts.commitment, facts.training, facts.credit_report
    return {
        "on": ON.toordinal(),
        "period_end": number(last_day(facts.identified_on, 6, "months")),
        "corrected_on": number(facts.corrected_on),
        "fulfilled_on": max(number(each.fulfilled_on) for each in facts.obligations),
        "signed_on": number(commitment.signed_on) if commitment else NEVER,
        "consent": bool(commitment and commitment.publication_consent),
        "trained_on": number(training.completed_on) if training else NEVER,
        "reported_on": number(report.issued_on) if report else NEVER,
        "listed_penalty": not POLICY.specific_serious.penalties.isdisjoint(facts.penalties),
        "bar_end": number(last_day(facts.identified_on, 3, "years")),
    }


# Each candidate is a function of nothing that returns a function from a context to a verdict.


def plain_python() -> Callable[[Context], bool]:
    """The eight conditions typed out: no law, no dates, no reasons; the floor for Python."""

    def verdict(c: Context) -> bool:
        return (
            c["on"] > c["period_end"]
            and c["corrected_on"] <= c["on"]
            and c["fulfilled_on"] <= c["on"]
            and c["signed_on"] <= c["on"]
            and c["consent"]
            and c["trained_on"] <= c["on"]
            and c["reported_on"] <= c["on"]
            and not (c["listed_penalty"] and c["on"] <= c["bar_end"])
        )

    return verdict


def json_logic() -> Callable[[Context], bool]:
    from json_logic import jsonLogic

    on = {"var": "on"}
    rule = {
        "and": [
            {">": [on, {"var": "period_end"}]},
            *({"<=": [{"var": name}, on]} for name in ("corrected_on", "fulfilled_on", "signed_on")),
            {"var": "consent"},
            *({"<=": [{"var": name}, on]} for name in ("trained_on", "reported_on")),
            {"!": {"and": [{"var": "listed_penalty"}, {"<=": [on, {"var": "bar_end"}]}]}},
        ]
    }
    return lambda context: bool(jsonLogic(rule, context))


EXPRESSION = (
    "on > period_end and corrected_on <= on and fulfilled_on <= on and signed_on <= on and consent"
    " and trained_on <= on and reported_on <= on and not (listed_penalty and on <= bar_end)"
)


def rule_engine() -> Callable[[Context], bool]:
    from rule_engine import Rule

    return Rule(EXPRESSION).matches


def zen_expression() -> Callable[[Context], bool]:
    import zen

    compiled = zen.compile_expression(EXPRESSION)
    return lambda context: compiled.evaluate(context)


def zen_decision() -> Callable[[Context], bool]:
    import zen

    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {
            "id": "rule",
            "name": "rule",
            "type": "expressionNode",
            "position": {"x": 1, "y": 0},
            "content": {"expressions": [{"id": "e", "key": "verdict", "value": EXPRESSION}]},
        },
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "rule", "type": "edge"},
        {"id": "b", "sourceId": "rule", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda context: decision.evaluate(context)["result"]["verdict"]


class OpenFisca:
    """The conditions as a variable of an OpenFisca system with one entity."""

    PERIOD = "2026-11"
    NUMBERS = tuple(name for name in flat(sample_facts(1)[0]) if name not in ("consent", "listed_penalty"))
    FLAGS = ("consent", "listed_penalty")

    def __init__(self) -> None:
        from openfisca_core.entities import build_entity
        from openfisca_core.periods import DateUnit
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem
        from openfisca_core.variables import Variable

        person = build_entity(key="record", plural="records", label="record", is_person=True)
        self.system = TaxBenefitSystem([person])

        def add(name: str, kind: type, formula: Any = None) -> None:
            content = {
                "value_type": kind,
                "entity": person,
                "definition_period": DateUnit.MONTH,
                "label": name,
            }
            if formula is not None:
                content["formula"] = formula
            self.system.add_variable(type(name, (Variable,), content))

        for name in self.NUMBERS:
            add(name, int)
        for name in self.FLAGS:
            add(name, bool)

        def verdict(records: Any, period: Any) -> Any:
            def get(name: str) -> Any:
                return records(name, period)

            on = get("on")
            return (
                (on > get("period_end"))
                * (get("corrected_on") <= on)
                * (get("fulfilled_on") <= on)
                * (get("signed_on") <= on)
                * get("consent")
                * (get("trained_on") <= on)
                * (get("reported_on") <= on)
                * ~(get("listed_penalty") * (on <= get("bar_end")))
            )

        add("verdict", bool, verdict)

    def many(self, contexts: list[Context]) -> Any:
        """The verdicts of all records at once, as an array."""
        import numpy
        from openfisca_core.simulation_builder import SimulationBuilder

        simulation = SimulationBuilder().build_default_simulation(self.system, count=len(contexts))
        for name in (*self.NUMBERS, *self.FLAGS):
            simulation.set_input(name, self.PERIOD, numpy.array([context[name] for context in contexts]))
        return simulation.calculate("verdict", self.PERIOD)


def openfisca() -> Callable[[Context], bool]:
    system = OpenFisca()
    return lambda context: bool(system.many([context])[0])


# Compiled comparisons without a rule engine around them: what an answer costs when nobody has to explain it.
BARE: dict[str, Callable[[], Callable[[Context], bool]]] = {
    "bare comparison in Python": plain_python,
    "bare comparison in Rust (zen)": zen_expression,
}
ENGINES: dict[str, Callable[[], Callable[[Context], bool]]] = {
    "json-logic": json_logic,
    "rule-engine": rule_engine,
    "zen-engine": zen_decision,
    "openfisca-core": openfisca,
}


def median_microseconds(call: Callable[[Any], Any], inputs: list[Any]) -> float:
    """The median time of one call over different inputs."""
    clock = time.perf_counter_ns
    times = []
    for item in inputs:
        begin = clock()
        call(item)
        times.append(clock() - begin)
    return statistics.median(times) / 1000


def main() -> None:
    """Measure, print the table, and print the figures as one line of JSON."""
    logging.disable()
    records = sample_facts(SAMPLE)
    contexts = [flat(facts) for facts in records]
    verdicts = [assess(facts, POLICY, ON).outcome == "eligible" for facts in records]
    ours: dict[str, Callable[[Facts], Any]] = {
        "assessment with findings": lambda facts: assess(facts, POLICY, ON),
        "… with reasons in words, as JSON": lambda facts: assess(facts, POLICY, ON).to_json(),
    }
    engines = {name: build() for name, build in (ENGINES | BARE).items()}
    for name, engine in engines.items():
        if [bool(engine(context)) for context in contexts[:PEER_SAMPLE]] != verdicts[:PEER_SAMPLE]:
            sys.exit(f"{name} answers differently")

    rounds: dict[str, list[float]] = {name: [] for name in (*ours, *engines)}
    for _ in range(ROUNDS):
        for name, call in ours.items():
            rounds[name].append(median_microseconds(call, records))
        for name, engine in engines.items():
            rounds[name].append(median_microseconds(engine, contexts[:PEER_SAMPLE]))
    # The quietest round of each: other work on the machine only ever adds.
    micros = {name: min(times) for name, times in rounds.items()}

    begin = time.perf_counter()
    many = OpenFisca().many(contexts)
    at_once = (time.perf_counter() - begin) / len(contexts) * 1e6
    if list(many) != verdicts:
        sys.exit("openfisca-core, all at once, answers differently")
    begin, begin_core = time.perf_counter(), time.process_time()
    for _ in range(MILLION // SAMPLE):
        for facts in records:
            assess(facts, POLICY, ON)
    seconds, core_seconds = time.perf_counter() - begin, time.process_time() - begin_core

    assessment = micros["assessment with findings"]
    eligible = sum(verdicts) / len(verdicts)
    print(
        f"Python {platform.python_version()}; {SAMPLE} serious records, {eligible:.0%} eligible; median of one call, quietest of {ROUNDS} rounds"
    )
    print(f"{'candidate':<36}{'µs':>10}{'of ours':>10}  answers with")
    for name, value in micros.items():
        kind = f"{len(CONDITION_CHECKS) + 4} findings by clause" if name in ours else "yes or no"
        print(f"{name:<36}{value:>10.2f}{value / assessment:>9.1f}x  {kind}")
    print(f"{'openfisca-core, all at once':<36}{at_once:>10.2f}{at_once / assessment:>9.1f}x  yes or no")
    print(
        f"{MILLION:,} assessments with findings: {core_seconds:.1f} s of one core, {seconds:.1f} s by the clock"
    )
    ratios = {name: round(micros[name] / assessment, 1) for name in ENGINES}
    result = {
        "assessment_us": round(assessment, 2),
        "assessment_json_us": round(micros["… with reasons in words, as JSON"], 2),
        "peers_us": {name: round(micros[name], 2) for name in ENGINES},
        "bare_us": {name: round(micros[name], 2) for name in BARE},
        "ratios": ratios,
        "openfisca_at_once_us": round(at_once, 3),
        "million_core_seconds": round(core_seconds, 1),
        "million_clock_seconds": round(seconds, 1),
        "targets_met": {
            "at_most_10_us": assessment <= TARGET_MICROSECONDS,
            "three_times_faster": min(ratios.values()) >= TARGET_RATIO,
            "million_in_20_core_seconds": core_seconds <= TARGET_SECONDS,
        },
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
