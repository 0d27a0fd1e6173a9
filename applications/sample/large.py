"""A large invented province, to see what the portal does at real size. Streams: memory does not grow with it."""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from applications.accounts.models import User
from applications.database.insertion import insert_many
from applications.files.services import store_content, storing
from applications.organs import regions
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.records.models import DishonestyRecord, Obligation
from applications.sample.cases import sample_paper
from applications.sample.large_cases import Case, Desk
from applications.sample.large_records import COLUMNS, Decision, Unit, decide, publicity_end
from applications.sample.large_stories import Stories, Story
from applications.sample.large_subjects import COLUMNS as SUBJECT_COLUMNS
from applications.sample.large_subjects import make_subject, organisation_rows, persons
from applications.sample.large_tables import COLUMNS as TABLES
from applications.sample.large_tables import Tables, set_sequences
from applications.sample.loading import add_users, load_officers, load_organs
from applications.sample.organs import make_organs
from applications.sample.people import DOMAIN, make_officers
from applications.sample.records import BUSY_UNIT
from applications.sharing.destinations import register_destination
from applications.subjects.models import Claim, Subject

# Of all records and cases the busiest unit has one of so many.
BUSY = 3
# One case of so many is open; one of so many goes to the credit bureau of the city instead of the unit.
AN_OPEN_IN, BUREAU_IN = 5, 10
CASES_AN_APPLICANT, CASES_A_BATCH = 25, 4_000


# Where nobody listens: what is shared of an invented province goes nowhere.
PLATFORM = "https://platform.example.invalid"


class Province:
    """``subjects``, ``records``, ``cases``: how many; each case is about a record of its own."""

    def __init__(
        self, *, subjects: int, records: int, cases: int, seed: int, years: int, at: datetime
    ) -> None:
        self.subjects, self.records, self.cases, self.years = subjects, records, cases, years
        self.at, self.today = at, timezone.localdate(at)
        self.random = Random(seed)
        # Read once: while rows stream into the database nothing else can be asked of it.
        self.policy = policy_in_force(on=self.today)
        self._ends: dict[tuple[str, int, date], date] = {}
        self.password = secrets.token_urlsafe(12)
        self.open = cases // AN_OPEN_IN

    def make(self) -> dict[str, Any]:
        """Write all of it, in one transaction; returns what the command prints."""
        with storing():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    # Otherwise the server keeps every row in mind until the end.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._make_organs()
            self._make_subjects()
            paper = store_content(
                name="示例材料.pdf", content=sample_paper(), content_type="application/pdf", at=self.at
            )
            platform = register_destination(
                name="江苏省公共信用信息共享平台",
                region=regions.PROVINCE,
                address=PLATFORM,
                key=secrets.token_urlsafe(32),
                at=self.at,
            )
            self.tables = Tables(random=self.random, today=self.today, paper=paper, platform=platform.pk)
            self._make_cases()
            self._make_records()
            self.tables.close()
            set_sequences([Subject])
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        city = BUSY_UNIT.split("-")[0]
        posts = {
            **{post: f"{post}.{BUSY_UNIT}@{DOMAIN}" for post in ("intake", "reviewer", "approver")},
            "report": f"report.{city}-xyzx@{DOMAIN}",
            "supervisor": f"supervisor.{city}-fgw@{DOMAIN}",
        }
        return {
            "organ": BUSY_UNIT,
            "accounts": {"applicant": _applicant(1), **posts},
            "password": self.password,
            "subjects": self.subjects,
            "records": self.records,
            "cases": self.cases,
            "open": self.open,
        }

    def _make_organs(self) -> None:
        organs = make_organs()
        load_organs(organs, self.at)
        load_officers(make_officers(organs), self.at, self.password)
        rows = {organ.code: organ for organ in Organ.objects.all()}
        people = dict(User.objects.filter(is_staff=True).values_list("email", "pk"))
        self.desks = {
            code: Desk(
                organ, *(people[f"{post}.{code}@{DOMAIN}"] for post in ("intake", "reviewer", "approver"))
            )
            for code, organ in rows.items()
            if organ.kind != Organ.Kind.CREDIT_MANAGEMENT
        }
        units = [Unit(rows[each.code], each.trade) for each in organs if each.trade]
        self.busy = next(unit for unit in units if unit.organ.code == BUSY_UNIT)
        self.others = [unit for unit in units if unit is not self.busy]
        self.bureaus = {
            organ.region: desk
            for desk in self.desks.values()
            if (organ := desk.organ).kind == Organ.Kind.CREDIT_BUREAU
        }

    def _make_subjects(self) -> None:
        numbers = range(1, self.subjects + 1)
        insert_many(Subject, SUBJECT_COLUMNS, organisation_rows(iter(numbers)))
        Subject.objects.bulk_create(persons(iter(numbers)), batch_size=1_000)

    def _until(self, unit: Unit, place: int, decided_on: date) -> date:
        key = (unit.trade, place, decided_on)
        if key not in self._ends:
            self._ends[key] = publicity_end(unit.offences[place], decided_on, self.policy)
        return self._ends[key]

    def _unit(self, number: int) -> Unit:
        return self.busy if number % BUSY == 0 else self.others[number * 7 % len(self.others)]

    # -- Cases, and the records that they are about

    def _make_cases(self) -> None:
        closed, stories = self.cases - self.open, Stories(self.today, self.years)
        applicant = None
        for number in range(1, self.cases + 1):
            if number % CASES_AN_APPLICANT == 1:
                applicant = self._make_applicant(number)
            assert applicant
            story = stories.open(number) if number > closed else stories.closed(number, closed)
            self._write(number, story, applicant)
            if number % CASES_A_BATCH == 0:
                self.tables.store()
        self.tables.store()

    def _make_applicant(self, number: int) -> User:
        place = number // CASES_AN_APPLICANT + 1
        (user,) = add_users(
            [User(email=_applicant(place), name=f"陈示{place}", date_joined=self.at)], self.password
        )
        subjects = {self._subject(n) for n in range(number, min(number + CASES_AN_APPLICANT, self.cases + 1))}
        Claim.objects.bulk_create(
            Claim(
                user=user,
                subject_id=subject,
                status=Claim.Status.VERIFIED,
                made_at=self.at,
                decided_at=self.at,
            )
            for subject in sorted(subjects)
        )
        return user

    def _subject(self, number: int) -> int:
        return number * 7919 % self.subjects + 1

    def _write(self, number: int, story: Story, applicant: User) -> None:
        unit = self._unit(number)
        granted_at = None
        place = unit.repairable[number % len(unit.repairable)]
        # A serious one can be repaired after six months, any other after three.
        wait = 200 if unit.offences[place].severity == "serious" else 100
        decided_on = story.submitted_on - timedelta(days=wait + self.random.randint(0, 80))
        subject = self._subject(number)
        if story.granted and story.decided_on:
            granted_at = timezone.make_aware(datetime(*story.decided_on.timetuple()[:3], 14))
        decision = decide(
            id=number,
            subject=subject,
            unit=unit,
            place=place,
            decided_on=decided_on,
            today=self.today,
            until=self._until(unit, place, decided_on),
            granted_at=granted_at,
        )
        desk = self.desks[unit.organ.code]
        if number % BUREAU_IN == 1 and unit is not self.busy:
            desk = self.bureaus[regions.city_of(unit.organ.region)]
        Case(number, story, decision, make_subject(subject), desk, applicant, self.tables).write()

    # -- The other records

    def _make_records(self) -> None:
        """Records that nobody has applied for, with their duties."""
        insert_many(DishonestyRecord, COLUMNS, (each.row() for each in self._other_decisions()))
        insert_many(Obligation, TABLES[Obligation], self._duties())

    def _other_decisions(self) -> Iterator[Decision]:
        span = 365 * self.years
        for number in range(self.cases + 1, self.records + 1):
            unit, decided_on = self._unit(number), self.today - timedelta(days=number * 7919 % span + 1)
            place = number * 5 % len(unit.offences)
            yield decide(
                id=number,
                subject=self._subject(number),
                unit=unit,
                place=place,
                decided_on=decided_on,
                today=self.today,
                until=self._until(unit, place, decided_on),
            )

    def _duties(self) -> Iterator[tuple[Any, ...]]:
        span = 365 * self.years
        for number in range(self.cases + 1, self.records + 1):
            unit = self._unit(number)
            decided_on = self.today - timedelta(days=number * 7919 % span + 1)
            for place, name in enumerate(unit.offences[number * 5 % len(unit.offences)].duties):
                paid_on = decided_on + timedelta(days=number % 30 + 1) if number % 6 else None
                paid = paid_on if paid_on and paid_on <= self.today else None
                yield number * 4 + place, number, name, "administrative", paid


def _applicant(place: int) -> str:
    return f"applicant{place}@{DOMAIN}"
