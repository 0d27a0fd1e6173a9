"""Very many subjects for the large province, one after the other: each follows from its number alone."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from applications.at_rest.fields import sealed
from applications.masking import mask_identity
from applications.organs import regions
from applications.sample.codes import make_resident_id, make_uscc
from applications.sample.organs import CITIES
from applications.sample.people import SURNAMES
from applications.sample.subjects import COMPANIES, GIVEN, SHOPS
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from rules.sameness import plain_name

# Two of these make a brand: with cities and trades enough names for a province.
SYLLABLES = (
    "云青远晨恒金明长瑞澄和新丰海启宏清天佳永银春南广松景嘉德安宁平达文思齐禾若水帆言兴盛泰隆昌荣华富祥益康顺"
    "捷诚信义仁智博雅正中大同方圆光辉星辰朝阳东升"
)  # fmt: skip
ENDINGS = tuple(ending for endings in COMPANIES.values() for ending in endings)
MOST = 900_000
RESIDENT_ID = Subject.IdentityType.RESIDENT_ID.value
# One in so many is a person or a shop; one in so many companies has its city in brackets at the end of its name.
A_PERSON_IN, A_SHOP_IN, BRACKETS_IN = 20, 6, 7
FIRST_BIRTHDAY = date(1962, 1, 1)
COLUMNS = (
    "id", "kind", "name", "plain_name", "uscc", "identity_type", "identity_number", "legal_representative", "address",
)  # fmt: skip


class Named(NamedTuple):
    """``code`` is a USCC, or a resident ID number where ``kind`` is a natural person."""

    kind: str
    name: str
    code: str
    representative: str
    region: str

    @property
    def shown_code(self) -> str:
        """As documents show it."""
        return mask_identity(self.code) if self.kind == Subject.Kind.NATURAL_PERSON else self.code


@cache
def _cities() -> list[tuple[str, str]]:
    return [(code, regions.name(code).removesuffix("市")) for code in CITIES]


def make_subject(number: int) -> Named:
    """The subject of a number from 1; no two have the same name or code."""
    region, city = _cities()[number % len(CITIES)]
    turn = number // len(CITIES)
    representative = SURNAMES[number * 7 % len(SURNAMES)] + "示" + GIVEN[number * 11 % len(GIVEN)]
    if number % A_PERSON_IN == 0:
        born = FIRST_BIRTHDAY + timedelta(days=number // 1000 * 13 % 15_000)
        return Named(
            Subject.Kind.NATURAL_PERSON, representative, make_resident_id(born, number % 1000), "", region
        )
    endings = (*SHOPS.values(),) if number % A_SHOP_IN == 0 else ENDINGS
    turn, ending = divmod(turn, len(endings))
    turn, first = divmod(turn, len(SYLLABLES))
    turn, second = divmod(turn, len(SYLLABLES))
    brand = SYLLABLES[first] + SYLLABLES[second] + (f"第{turn + 1}" if turn else "")
    if number % A_SHOP_IN == 0:
        name, kind, prefix = f"{city}{brand}示例{endings[ending]}", Subject.Kind.INDIVIDUAL_BUSINESS, "92"
    else:
        name, kind, prefix = f"{city}{brand}示例{endings[ending]}", Subject.Kind.ORGANISATION, "91"
        if number % BRACKETS_IN == 0:
            name = f"{brand}示例{endings[ending].removesuffix('有限公司')}（{city}）有限公司"
    return Named(kind, name, make_uscc(prefix, region, number), representative, region)


def organisation_rows(numbers: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    """The rows of COLUMNS for all that are no persons."""
    for number in numbers:
        if number % A_PERSON_IN == 0:
            continue
        kind, name, code, representative, region = make_subject(number)
        address = f"{regions.name(region)}示例路{number}号"
        yield number, str(kind), name, plain_name(name), code, "", "", representative, sealed(address)


def persons(numbers: Iterator[int]) -> Iterator[Subject]:
    """Unsaved rows: their numbers are encrypted by the field."""
    for number in numbers:
        if number % A_PERSON_IN == 0:
            named = make_subject(number)
            yield Subject(
                id=number,
                kind=named.kind,
                name=named.name,
                identity_type=RESIDENT_ID,
                identity_number=named.code,
                identity_digest=identity_digest(RESIDENT_ID, named.code),
            )
