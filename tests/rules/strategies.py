"""Hypothesis strategies for facts as JSON, whole and with gaps."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from rules.facts import CONDUCTS, DOMAINS, PENALTIES

# A span of a few years around a leap day, so that dates meet each other and the limits.
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
ON = st.dates(date(2023, 6, 1), date(2031, 12, 31))


def iso(days: st.SearchStrategy[date]) -> st.SearchStrategy[str]:
    return days.map(date.isoformat)


def codes(labels: dict[str, str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(labels)), max_size=3)


def some_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of the fields: what is missing is unknown."""
    return st.fixed_dictionaries({}, optional=fields)


def records(gaps: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Facts as JSON; with `gaps`, any of them may be missing."""
    shape = some_of if gaps else st.fixed_dictionaries
    day = iso(DAYS)
    obligation = shape(
        {
            "name": st.sampled_from(["罚款", "整改", "赔偿金"]),
            "source": st.sampled_from(["administrative", "judicial"]),
            "fulfilled_on": st.none() | day,
        }
    )
    commitment = shape({"signed_on": day, "publication_consent": st.booleans()})
    report = shape(
        {"issued_on": day, "issuer": st.sampled_from(["credit_bureau", "credit_service_institution"])}
    )
    return shape(
        {
            "severity": st.sampled_from(["general", "serious"]),
            "identified_on": day,
            "decided_on": st.none() | day,
            "region": st.sampled_from(["320100", "320500", "310000"]),
            "penalties": codes(PENALTIES),
            "domains": codes(DOMAINS),
            "conducts": codes(CONDUCTS),
            "other_specific_serious_ground": st.none() | st.just("非法行医"),
            "corrected_on": st.none() | day,
            "obligations": st.lists(obligation, max_size=3),
            "commitment": st.none() | commitment,
            "training": st.none() | shape({"completed_on": day}),
            "credit_report": st.none() | report,
            "false_material": st.sampled_from([False, False, False, True]),
            "statutory_bar": st.sampled_from([None, None, None, {"basis": "某法第十条"}]),
        }
    )


ORDERLY = {
    "region": "320100",
    "penalties": ["fine"],
    "domains": [],
    "conducts": [],
    "other_specific_serious_ground": None,
    "false_material": False,
    "statutory_bar": None,
}
"""Facts under which nothing but Articles 4 and 5 is in question."""
