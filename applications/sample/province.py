"""The whole sample for a day taken as today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from applications.sample.codes import make_resident_id, make_uscc
from applications.sample.files import (
    faulty_file,
    organs_file,
    record_file,
    record_file_name,
    staff_file,
)
from applications.sample.organs import SampleOrgan, make_organs
from applications.sample.past import CASES, records_came
from applications.sample.penalties import TEMPLATES
from applications.sample.people import DOMAIN, SURNAMES, SampleOfficer, make_officers
from applications.sample.records import BUSY_UNIT, Row, Sample
from applications.sample.subjects import BRANDS, GIVEN, NATURAL_PERSON, ORGANISATION, SampleSubject

# The day for which sample/ is written.
REFERENCE_DAY = date(2026, 11, 23)
DEMO_UNIT = BUSY_UNIT
PAST_VIOLATION = "经营标签不符合规定的食品"
COMPANY = SampleSubject(
    ORGANISATION,
    "南京云帆示例食品有限公司",
    make_uscc("91", "320100", 900001),
    "陈示宁",
    "320100",
    "market",
)
PERSON = SampleSubject(
    NATURAL_PERSON, "周示安", make_resident_id(date(1988, 8, 8), 900), "", "320100", "market"
)
APPLICANT, COLLEAGUE, PRIVATE_PERSON, NEWCOMER = (
    f"{name}@{DOMAIN}" for name in ("applicant", "colleague", "person", "newcomer")
)


@dataclass(frozen=True)
class Province:
    organs: list[SampleOrgan]
    officers: list[SampleOfficer]
    subjects: list[SampleSubject]
    rows: dict[str, list[Row]]
    # Those of the cases that are over (past.py), which came to DEMO_UNIT's file of months ago.
    past: list[Row]

    def files(self) -> dict[str, bytes]:
        """Path below sample/ → bytes."""
        found = {"organs.csv": organs_file(self.organs), "staff.csv": staff_file(self.officers)}
        for unit, rows in self.rows.items():
            found[f"records/{record_file_name(unit)}"] = record_file(unit, rows)
        elsewhere = next(organ for organ in self.organs if organ.code == "sz-sthj")
        found[f"refused/{DEMO_UNIT}.csv"] = faulty_file(self.rows[DEMO_UNIT], elsewhere)
        return found


def make_province(today: date) -> Province:
    organs = make_organs()
    sample = Sample(organs, today)
    unit = next(organ for organ in organs if organ.code == DEMO_UNIT)
    market = {template.violation: template for template in TEMPLATES["market"]}
    # What the applicant of the demonstration finds: (subject, violation, days since the decision, fulfilled).
    shown = (
        (COMPANY, "经营标签不符合规定的食品", 150, "all"),
        (COMPANY, "未经认证出厂销售列入目录的产品", 260, "all"),
        (COMPANY, "发布虚假广告", 30, "all"),
        (COMPANY, "使用超过保质期的食品原料", 400, "all"),
        (COMPANY, "侵犯注册商标专用权", 330, "none"),
        (COMPANY, "未明码标价", 500, "all"),
        (PERSON, "发布虚假广告", 120, "all"),
    )
    for subject, violation, days, fulfilment in shown:
        decided_on = today - timedelta(days=days)
        sample.rows[DEMO_UNIT].append(
            sample.make_row(unit, subject, market[violation], decided_on, fulfilment)
        )
    past = [
        sample.make_row(unit, subject, market[PAST_VIOLATION], decided_on, "all")
        for subject, decided_on in _past(records_came(today).date())
    ]
    subjects = [*sample.subjects, COMPANY, PERSON]
    return Province(organs, make_officers(organs), subjects, sample.rows, past)


def _past(came: date) -> Iterator[tuple[SampleSubject, date]]:
    """Subjects and days of their decisions, all carried out when the records came."""
    for number, brand in enumerate(BRANDS[:CASES]):
        name, code = f"南京{brand}示例百货有限公司", make_uscc("91", "320100", 910001 + number)
        representative = f"{SURNAMES[number]}示{GIVEN[number % len(GIVEN)]}"
        subject = SampleSubject(ORGANISATION, name, code, representative, "320100", "market")
        yield subject, came - timedelta(days=40 + number)
