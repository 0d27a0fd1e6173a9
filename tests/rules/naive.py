"""Articles 2 and 4 to 6 once more, slowly: from the text, over JSON, day by day, and over every possible world.

An unknown fact is replaced in turn by each thing that it could be; what holds in all of those worlds is known.
Only the notice of the province under its usual parameters.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

DAY = timedelta(days=1)
LISTED_PENALTIES = {"order_suspension", "revoke_permit", "revoke_licence"}


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def last_day_of_period(start: date, months: int) -> date:
    """Walk from day to day until the wanted month, then to the wanted day or to the end of that month."""
    month, year = start.month, start.year
    for _ in range(months):
        month += 1
        if month == 13:
            month, year = 1, year + 1
    walker = start
    while (walker.year, walker.month) != (year, month):
        walker += DAY
    while walker.day < start.day and (walker + DAY).month == month:
        walker += DAY
    return walker


def all_worlds(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Every way to fill in the facts of Article 6 that are not said."""
    choices = {
        "penalties": [["fine"], ["revoke_licence"]],
        "domains": [[], ["food_drug"]],
        "conducts": [[], ["bribery"]],
        "other_specific_serious_ground": [None, "其他"],
    }
    missing = [name for name in choices if name not in facts]
    return [
        {**facts, **dict(zip(missing, combination, strict=True))}
        for combination in itertools.product(*(choices[name] for name in missing))
    ]


def is_grave(world: dict[str, Any]) -> bool:
    ground = world["domains"] or world["conducts"] or world["other_specific_serious_ground"] is not None
    return bool(ground) and any(penalty in LISTED_PENALTIES for penalty in world["penalties"])


def agree(answers: list[bool]) -> bool | None:
    return answers[0] if len(set(answers)) == 1 else None


def dated(facts: dict[str, Any], name: str, key: str | None, on: date) -> tuple[bool | None, date | None]:
    """Whether a dated fact counts on the day, and its date."""
    if name not in facts:
        return None, None
    value = facts[name]
    if value is None:
        return False, None
    if key is not None:
        if key not in value:
            return None, None
        value = value[key]
    return day(value) <= on, day(value)


def naive_assess(facts: dict[str, Any], on: date) -> dict[str, Any]:
    """Outcome, earliest day, end of the bar, and the answer of each finding."""
    met: dict[str, bool | None] = {}
    days: dict[str, date | None] = {}
    severity = facts.get("severity")
    met["in_scope"] = facts["region"][:2] == "32" if "region" in facts else None

    worlds = all_worlds(facts)
    decided = day(facts.get("decided_on")) or day(facts.get("identified_on"))
    three_years = last_day_of_period(decided, 36) if decided else None
    if three_years is None:
        free = [None if is_grave(world) else True for world in worlds]
        met["specific_serious"] = True if all(free) else None
    else:
        met["specific_serious"] = agree([not (is_grave(world) and on <= three_years) for world in worlds])
    met["false_material"] = not facts["false_material"] if "false_material" in facts else None
    met["statutory_bar"] = facts["statutory_bar"] is None if "statutory_bar" in facts else None

    months = {"general": 3, "serious": 6}.get(severity)
    identified = day(facts.get("identified_on"))
    if months is None or identified is None:
        met["minimum_period"], days["minimum_period"] = None, None
    else:
        days["minimum_period"] = last_day_of_period(identified, months) + DAY
        met["minimum_period"] = on >= days["minimum_period"]
    met["corrected"], days["corrected"] = dated(facts, "corrected_on", None, on)
    met["obligations_fulfilled"], days["obligations_fulfilled"] = duties(facts.get("obligations"), on)
    met["commitment_signed"], days["commitment_signed"] = dated(facts, "commitment", "signed_on", on)
    commitment = facts.get("commitment")
    if commitment is not None and commitment.get("publication_consent") is False:
        met["publication_consent"], days["publication_consent"] = False, None
    elif commitment is not None and "publication_consent" not in commitment:
        met["publication_consent"], days["publication_consent"] = None, None
    else:
        met["publication_consent"], days["publication_consent"] = dated(facts, "commitment", "signed_on", on)
    if severity != "general":
        for code, name, key in (
            ("training_completed", "training", "completed_on"),
            ("credit_report_provided", "credit_report", "issued_on"),
        ):
            met[code], days[code] = dated(facts, name, key, on)
            if severity is None and met[code] is False:
                met[code] = None

    ends = [publicity_end(world, severity, decided) for world in worlds]
    last_public = None if None in ends else max(end for end in ends if end is not None)
    outcome, bar_end = "not_yet", None
    exclusions = ("specific_serious", "false_material", "statutory_bar")
    barred_by = [code for code in exclusions if met[code] is False]
    if met["in_scope"] is False:
        outcome = "out_of_scope"
    elif barred_by:
        outcome = "barred"
        bar_end = three_years if barred_by == ["specific_serious"] else None
    elif last_public is not None and on > last_public:
        outcome = "not_needed"
    elif all(answer is True for answer in met.values()):
        outcome = "eligible"
    earliest = None
    if outcome in ("eligible", "not_yet") and days["minimum_period"] is not None:
        earliest = max(each for each in days.values() if each is not None)
        if last_public is not None and earliest > last_public:
            earliest = None
    return {"outcome": outcome, "earliest_on": earliest, "bar_ends_on": bar_end, "met": met}


def publicity_end(world: dict[str, Any], severity: str | None, decided: date | None) -> date | None:
    """The last day of publicity in one world, at the latest."""
    if decided is None:
        return None
    # Where the severity is not said, the longer of the two is the last day on which it can still be public.
    return last_day_of_period(decided, 12 if severity == "general" and not is_grave(world) else 36)


def duties(obligations: list[dict[str, Any]] | None, on: date) -> tuple[bool | None, date | None]:
    if obligations is None:
        return None, None
    answers, latest, complete = [], None, True
    for obligation in obligations:
        if "fulfilled_on" not in obligation:
            answers.append(None)
            complete = False
        elif obligation["fulfilled_on"] is None:
            answers.append(False)
            complete = False
        else:
            fulfilled = day(obligation["fulfilled_on"])
            latest = fulfilled if latest is None else max(latest, fulfilled)
            answers.append(fulfilled <= on)
    answer = False if False in answers else None if None in answers else True
    return answer, latest if complete else None
