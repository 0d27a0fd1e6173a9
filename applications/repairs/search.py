"""Finding a case among all that an officer may see, by a number from its beginning or by any part of a name."""

import re
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.subjects.models import Subject
from applications.subjects.selectors import once_named
from rules.codes import is_uscc
from rules.sameness import plain_code, plain_name, plain_number, visible

SHORTEST = 2
# What begins so is the number of a case and nothing else.
OF_A_CASE = re.compile(r"XF-\d{6}-\d{4}-")
# So many rows of another table are found there first, and their cases by their keys. Where a term means more of them, the
# cases are looked through in the order of the list: enough of them are soon found.
FEW = 2_000
MOST = 200


@dataclass(frozen=True)
class _Way:
    """A thing that a term may be: a column of ``model``, to which ``path`` leads from a case ("": the case itself)."""

    model: type[Model]
    path: str
    column: str
    look_up: str
    # The look-up among rows that are there already, where another serves them better.
    each: str = ""

    def cases(self, cases: QuerySet[RepairCase], value: str) -> QuerySet[RepairCase]:
        direct = {f"{self.path}{self.column}__{self.each or self.look_up}": value}
        if not self.path:
            return cases.filter(**direct)
        rows = self.model._default_manager.filter(**{f"{self.column}__{self.look_up}": value})
        keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
        if len(keys) > FEW:
            return cases.filter(**direct)
        return cases.filter(**{f"{self.path.removesuffix('__')}__in": keys}) if keys else cases.none()


NUMBER = _Way(RepairCase, "", "number", "startswith")
DOCUMENT = _Way(DishonestyRecord, "record__", "plain_number", "startswith")
CODE = _Way(Subject, "filing__subject__", "uscc", "startswith")
NAME = _Way(Subject, "filing__subject__", "plain_name", "has_part", each="contains")


def find_cases(cases: QuerySet[RepairCase], typed: str) -> tuple[set[int], bool]:
    """The keys of the cases whose number, document number or code begins with what was typed, or in whose subject's name
    it stands, or whose subject once had it for its whole name, and whether there are others.

    ``cases`` are those that may be found, in the order of the list. Brackets, widths, spaces and invisible characters do
    not count (rules.sameness). A single character finds nothing.
    """
    term = visible(typed).strip()
    number, code, name = plain_number(term), plain_code(term), plain_name(term)
    if min(len(number), len(name)) < SHORTEST:
        return set(), False
    found: set[int] = set()
    more = False
    if OF_A_CASE.match(number):
        ways = [NUMBER.cases(cases, number)]
    elif is_uscc(code):
        ways = [CODE.cases(cases, code)]
    else:
        ways = [
            way.cases(cases, value)
            for way, value in ((NUMBER, number), (DOCUMENT, number), (CODE, code), (NAME, name))
        ]
        ways.append(cases.filter(filing__subject__in=list(once_named(term)[:FEW])))
    for matching in ways:
        keys = list(matching.values_list("pk", flat=True)[: MOST + 1])
        more |= len(keys) > MOST
        found.update(keys[:MOST])
    return found, more
