"""Working-day deadlines: this project beside its peers, measured in turn in the same run.

Each candidate answers the same question, "the 7th working day after this day", for the same days of 2020 to
November 2026. The last line is JSON: microseconds a deadline, the ratios, and whether the targets are met.
Exit 1 when they are not.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import chinese_calendar  # type: ignore[import-untyped]
import holidays
import numpy as np

from rules.workdays import shipped_calendar

LENGTH = 7
ROUNDS = 7
SAMPLE_SECONDS = 0.05
FIRST = date(2020, 1, 1)
LAST = date(2026, 11, 30)
RECOMPUTED = 100_000
TARGET_MICROSECONDS = 0.3
TARGET_RATIO = 40
TARGET_RECOMPUTED_SECONDS = 1.0
ONE_DAY = timedelta(days=1)
OURS = "this project"
OURS_EXPLAINED = "this project, with every day explained"
PEERS = ("chinesecalendar, counted day by day", "holidays.get_nth_working_day")

Answer = Callable[[date], date]


def count_with_chinesecalendar(start: date) -> date:
    day, left = start, LENGTH
    while left:
        day += ONE_DAY
        left -= chinese_calendar.is_workday(day)
    return day


def numpy_calendar() -> np.busdaycalendar:
    """The days off of holidays; the make-up working days cannot be told to numpy."""
    china = holidays.country_holidays("CN", years=range(2019, 2028))
    return np.busdaycalendar(holidays=np.array(sorted(china), dtype="datetime64[D]"))


def candidates() -> dict[str, Answer]:
    calendar = shipped_calendar()
    due_on, due = calendar.due_on, calendar.due
    china = holidays.country_holidays("CN", years=range(2019, 2028))
    busday = numpy_calendar()

    def explained(start: date) -> date:
        deadline = due(start, LENGTH)
        return deadline.days[-1].date

    def numpy_scalar(start: date) -> date:
        answer = np.busday_offset(np.datetime64(start), LENGTH, roll="backward", busdaycal=busday)
        return answer.astype(object)  # type: ignore[no-any-return]

    return {
        OURS: lambda start: due_on(start, LENGTH),
        OURS_EXPLAINED: explained,
        PEERS[0]: count_with_chinesecalendar,
        PEERS[1]: lambda start: china.get_nth_working_day(start, LENGTH),
        "numpy.busday_offset, one at a time": numpy_scalar,
    }


def measure_call(answer: Answer, starts: list[date]) -> float:
    """Microseconds a deadline over as many of the starts as fit the sample, the call included."""
    done = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < SAMPLE_SECONDS:
        for start in starts:
            answer(start)
        done += len(starts)
    return (time.perf_counter() - begun) / done * 1e6


def measure(answers: dict[str, Answer], starts: list[date]) -> dict[str, float]:
    """The least disturbed round of each; they take turns, so a busy machine slows all of them alike."""
    sample = starts[::25]
    rounds: dict[str, list[float]] = {name: [] for name in answers}
    for _ in range(ROUNDS):
        for name, answer in answers.items():
            rounds[name].append(measure_call(answer, sample))
    return {name: min(times) for name, times in rounds.items()}


def wrong_share(answer: Answer, truth: Answer, starts: Iterable[date]) -> float:
    verdicts = [answer(start) != truth(start) for start in starts]
    return sum(verdicts) / len(verdicts)


def recompute() -> float:
    """Seconds to recompute the deadlines of a calendar change in memory."""
    calendar = shipped_calendar()
    starts = [FIRST + ONE_DAY * (number % 2000) for number in range(RECOMPUTED)]
    begun = time.perf_counter()
    for number, start in enumerate(starts):
        calendar.due_on(start, (2, 3, 5, 7)[number % 4])
    return time.perf_counter() - begun


def numpy_vector(starts: list[date]) -> float:
    """Microseconds a deadline of numpy over an array, which no single case can use."""
    array = np.array(starts * 20, dtype="datetime64[D]")
    busday = numpy_calendar()
    begun = time.perf_counter()
    np.busday_offset(array, LENGTH, roll="backward", busdaycal=busday)
    return (time.perf_counter() - begun) / len(array) * 1e6


def next_year(answer: Answer) -> str:
    """What a candidate says of a deadline that reaches 2027, whose notice is not out."""
    try:
        return answer(date(2026, 12, 31)).isoformat()
    except Exception as error:
        return type(error).__name__


def main() -> int:
    starts = [FIRST + ONE_DAY * number for number in range((LAST - FIRST).days + 1)]
    answers = candidates()
    times = measure(answers, starts)
    ours = times[OURS]
    truth = answers[PEERS[0]]
    print(f"The {LENGTH}th working day after each day from {FIRST} to {LAST}")
    print(f"{'candidate':40} {'µs each':>9} {'× ours':>8} {'wrong':>7}  from 2026-12-31")
    wrong = {}
    for name, answer in answers.items():
        wrong[name] = wrong_share(answer, truth, starts)
        said = next_year(answer)
        if name.startswith(OURS):
            said += " (provisional)"
        print(f"{name:40} {times[name]:9.3f} {times[name] / ours:8.1f} {wrong[name]:7.1%}  {said}")
    vector = numpy_vector(starts)
    print(f"{'numpy.busday_offset, a whole array':40} {vector:9.3f} {vector / ours:8.1f}")
    recomputed = recompute()
    print(f"{RECOMPUTED:,} deadlines recomputed in memory: {recomputed:.3f} s")
    ratio = min(times[name] for name in PEERS) / ours
    met = (
        ours <= TARGET_MICROSECONDS
        and ratio >= TARGET_RATIO
        and wrong[OURS] == 0
        and recomputed <= TARGET_RECOMPUTED_SECONDS
    )
    print(
        json.dumps(
            {
                "bench": "workdays",
                "microseconds": {name: round(value, 4) for name, value in times.items()},
                "faster_than_the_better_peer": round(ratio, 1),
                "wrong": {name: round(share, 4) for name, share in wrong.items()},
                "recomputed": RECOMPUTED,
                "recomputed_seconds": round(recomputed, 4),
                "targets": {
                    "microseconds": TARGET_MICROSECONDS,
                    "faster_than_the_better_peer": TARGET_RATIO,
                    "recomputed_seconds": TARGET_RECOMPUTED_SECONDS,
                },
                "met": met,
            },
            ensure_ascii=False,
        )
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
