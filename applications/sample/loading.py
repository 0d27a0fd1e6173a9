"""Putting the sample province into the database. What is there already is left alone, so it can be repeated."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date, datetime
from functools import cache

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.timezone import localdate

from applications.accounts.models import StaffRole, User
from applications.documents.models import Remedies
from applications.files.services import storing
from applications.organs import regions
from applications.organs.models import Organ
from applications.outbox.nudging import nudges_lost
from applications.portal.performance.keeping import keep_performance
from applications.records.importing.examining import CheckedFile, checked_file
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import import_file
from applications.records.services.previews import in_memory
from applications.sample import past
from applications.sample.cases import FIRST_APPLICANT, load_cases
from applications.sample.files import record_file, record_file_name
from applications.sample.organs import SampleOrgan
from applications.sample.past import records_came
from applications.sample.people import PASSWORD, SampleOfficer
from applications.sample.province import (
    APPLICANT,
    COLLEAGUE,
    COMPANY,
    DEMO_UNIT,
    NEWCOMER,
    PERSON,
    PRIVATE_PERSON,
    Province,
)
from applications.sample.seals import load_seal
from applications.sample.subjects import NATURAL_PERSON, SampleSubject
from applications.sample.training import load_training
from applications.sharing.destinations import register_destination
from applications.subjects.identity import identity_digest
from applications.subjects.models import Capacity, Claim, Subject

# Before every letter of the sample.
REMEDIES_FROM = date(2024, 1, 1)
PAST_FILE = f"{DEMO_UNIT}-past.csv"
CODE = "行政相对人代码_1（统一社会信用代码）"
# Of a sample organ, what has no column of its own in the table of the organs.
OF_NO_ORGAN = {"trade", "authority", "court"}
APPLICANTS = (
    (APPLICANT, "陈示宁", COMPANY),
    (COLLEAGUE, "何示平", COMPANY),
    (PRIVATE_PERSON, PERSON.name, PERSON),
    (NEWCOMER, "程示例", None),
)


def load_province(
    *, province: Province, at: datetime, platforms: dict[str, str] | None = None
) -> dict[str, int]:
    """Load organs, officers, record files (through the import that officers use) and applicants.

    ``platforms`` are addresses of sharing platforms by region; all have the key PLATFORM_KEY, and the province's is at
    PLATFORM_URL. First what is over, then what is of today, and each all or nothing. Returns how many of each were new.
    """
    today = localdate(at)
    came = records_came(today)
    with ExitStack() as stack:
        files = [stack.enter_context(each) for each in _new_record_files(province, at)]
        past_file = [stack.enter_context(each) for each in _new_past_file(province, came)]
        # The documents of what is over are made by the sweep, behind those of today.
        with nudges_lost(), storing():
            # Before the cases, whose decisions go there.
            _load_platforms({regions.PROVINCE: settings.PLATFORM_URL, **(platforms or {})}, came)
            loaded = {
                "organs": load_organs(province.organs, came),
                "officers": load_officers(province.officers, came),
                "record_files": _load_records(past_file, came),
                "past": _load_past(province, today),
            }
        stack.enter_context(storing())
        loaded["record_files"] += _load_records(files, at)
        loaded |= {
            "applicants": _load_applicants(at),
            "cases": _load_cases(at),
            "seals": load_seal(at),
            "training": load_training(at),
        }
        if loaded["past"]:
            keep_performance(at=at)
        return loaded


def load_organs(organs: list[SampleOrgan], at: datetime) -> int:
    known = set(Organ.objects.values_list("code", flat=True))
    new = [organ for organ in organs if organ.code not in known]
    Organ.objects.bulk_create(map(_organ, new))
    ids = dict(Organ.objects.values_list("code", "pk"))
    Remedies.objects.bulk_create(
        Remedies(
            organ_id=ids[each.code],
            authority=each.authority,
            court=each.court,
            effective_from=REMEDIES_FROM,
            state=Remedies.State.APPROVED,
            proposed_at=at,
        )
        for each in new
        if each.authority
    )
    return len(new)


def _organ(sample: SampleOrgan) -> Organ:
    return Organ(**{name: value for name, value in sample._asdict().items() if name not in OF_NO_ORGAN})


def _load_platforms(addresses: dict[str, str], at: datetime) -> None:
    for region, address in addresses.items():
        if address:
            register_destination(
                name=f"{regions.name(region)}公共信用信息共享平台",
                region=region,
                address=address,
                key=settings.PLATFORM_KEY,
                at=at,
            )


@cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose; one hash for all keeps the demonstration quick to start."""
    return make_password(password)


def add_users(users: list[User], password: str = PASSWORD) -> list[User]:
    """Accounts with one password for all, the sample's unless another is given, and verified addresses."""
    for user in users:
        user.password = _hashed(password)
    created = User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in created
    )
    return created


def load_officers(officers: list[SampleOfficer], at: datetime, password: str = PASSWORD) -> int:
    known = set(User.objects.values_list("email", flat=True))
    organs = {organ.code: organ for organ in Organ.objects.all()}
    new = [officer for officer in officers if officer.email not in known]
    users = add_users(
        [
            User(email=each.email, name=each.name, organ=organs[each.organ], is_staff=True, date_joined=at)
            for each in new
        ],
        password,
    )
    StaffRole.objects.bulk_create(
        StaffRole(user=user, role=role)
        for user, officer in zip(users, new, strict=True)
        for role in officer.roles
    )
    return len(new)


@contextmanager
def _checked(organ: Organ, name: str, content: bytes, at: datetime) -> Iterator[tuple[str, CheckedFile]]:
    with in_memory(content) as file, checked_file(file, name, organ=organ, on=localdate(at)) as checked:
        yield organ.code, checked


def _new_record_files(
    province: Province, at: datetime
) -> Iterator[AbstractContextManager[tuple[str, CheckedFile]]]:
    """The unit and the rows of each record file that has not been imported yet. The units need not exist yet."""
    organs = {organ.code: organ for organ in map(_organ, province.organs)}
    # By name and not by content: the files of another day have other dates.
    known = set(ImportBatch.objects.values_list("organ__code", "file_name"))
    for unit, rows in province.rows.items():
        name = record_file_name(unit)
        if (unit, name) not in known:
            yield _checked(organs[unit], name, record_file(unit, rows), at)


def _new_past_file(
    province: Province, came: datetime
) -> Iterator[AbstractContextManager[tuple[str, CheckedFile]]]:
    if not ImportBatch.objects.filter(organ__code=DEMO_UNIT, file_name=PAST_FILE).exists():
        (unit,) = (_organ(each) for each in province.organs if each.code == DEMO_UNIT)
        yield _checked(unit, PAST_FILE, record_file(DEMO_UNIT, province.past), came)


def _load_records(files: list[tuple[str, CheckedFile]], at: datetime) -> int:
    organs = {organ.code: organ for organ in Organ.objects.all()}
    for unit, checked in files:
        import_file(checked=checked, organ=organs[unit], at=at, actor=None)
    return len(files)


def find_subject(sample: SampleSubject) -> Subject:
    """The database's row for a subject of the sample."""
    if sample.kind == NATURAL_PERSON:
        return Subject.objects.get(
            identity_digest=identity_digest(Subject.IdentityType.RESIDENT_ID, sample.code)
        )
    return Subject.objects.get(uscc=sample.code)


def add_applicant(email: str, name: str, subject: Subject | None, at: datetime) -> User:
    """An applicant whose address and claim are verified."""
    (user,) = add_users([User(email=email, name=name, phone="0000-00000000", date_joined=at)])
    if subject:
        Claim.objects.create(
            user=user,
            subject=subject,
            capacity=Capacity.SELF if subject.is_person else Capacity.REPRESENTATIVE,
            status=Claim.Status.VERIFIED,
            made_at=at,
            decided_at=at,
        )
    return user


def _load_applicants(at: datetime) -> int:
    known = set(User.objects.filter(organ=None).values_list("email", flat=True))
    new = [each for each in APPLICANTS if each[0] not in known]
    for email, name, subject in new:
        add_applicant(email, name, find_subject(subject) if subject else None, at)
    return len(new)


def _load_past(province: Province, today: date) -> int:
    if User.objects.filter(email=past.FIRST_APPLICANT).exists():
        return 0
    records = DishonestyRecord.objects.filter(subject__uscc__in=[row[CODE] for row in province.past])
    whole = records.select_related("subject", "identifying_unit").prefetch_related("obligations")
    return past.load_past(records=list(whole.order_by("pk")), add_applicant=add_applicant, today=today)


def _load_cases(at: datetime) -> int:
    if User.objects.filter(email=FIRST_APPLICANT).exists():
        return 0
    return load_cases(add_applicant=add_applicant, at=at)
