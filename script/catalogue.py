#!/usr/bin/env python3
"""The English catalogue: which strings it has to have, and how it is written and compiled.

python script/catalogue.py            write the strings of the sources into locale/, new ones without a translation
python script/catalogue.py --compile  make what Django reads of it (script/setup and the image do the same with pybabel)

Source strings are Chinese. English is for the pages of the public and of applicants. What is left out is left out by file
(NOT_TRANSLATED): the files whose words only officers, administrators and the command line read, or that are kept and
printed. A file that has words for applicants too is translated whole, also where it speaks under as_kept()
(repairs/messages.py): nobody reads that English.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

from applications.language import HAN  # noqa: E402
from rules import (  # noqa: E402
    calendar_years,
    eligibility,
    explanation,
    facts,
    instruments,
    materials,
    procedure,
    retention,
    workdays,
)
from rules.policy import load_policies  # noqa: E402

PO = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
CHINESE = re.compile(f"[{HAN}]")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
Text = str | tuple[str, str]
# A catalogue that says nothing else does not say something else every time.
WRITTEN = datetime(2026, 11, 29, tzinfo=UTC)

# What is read by officers alone, by administrators, or kept: by path.
NOT_TRANSLATED = re.compile(
    r"""
      ^templates/(admin|oversight|records/admin)/
    | /management/ | /admin/ | (^|[/_])admin(_\w+)?\.py$
    | ^applications/(audit|calendars|ledger|numbering|outbox|oversight|rehearsal|sample)/(?!held\.py)
    | ^applications/(commands|.*/apps)\.py$
    | ^applications/commitments/breaches\.py$
    | ^applications/accounts/(absences|four_eyes|installation|opened|resets)\.py$
    | ^applications/deadlines/(services/|receivers)
    | ^applications/documents/(earlier|previews|remedies|seal\w*)\.py$
    | ^applications/notifications/(account_mail|faults|findings|receivers|sending|sms)\.py$
    | ^applications/portal/(feeds|performance/keeping)\.py$
    | ^applications/objections/(evidence|stranded|steps/(handling|overturn|uphold))\.py$
    | ^applications/portal/reminders/
    | ^applications/policies/(completeness|forms|models|reading|services)\.py$
    | ^applications/reports/(batches|composing)\.py$
    | ^applications/records/(run_models|services/(imports|notices|previews|publicity|runs|source|writing))\.py$
    | ^applications/records/importing/(checking|contradictions|headings|lines|planning|reading|states|template|workbook)\.py$
    | ^applications/repairs/(cross_checks|spent_roles|evidence|archive|letters|officer_forms|reception_(forms|pages))\.py$
    | ^applications/repairs/(own_files|templatetags/queues)\.py$
    | ^applications/repairs/services/(handling|improvements|inquiries|proofs|queues|receptions)\.py$
    | ^applications/repairs/steps/(accept|checklist|close|deciding|decline|deem_accepted|grant|note_change|pages)\.py$
    | ^applications/repairs/steps/(record_receipt|refuse|request_correction|return_|review|revoke)\.py$
    | ^applications/sharing/(adapters|alarms|destinations|forms|kinds|sending|services)\.py$
    | ^applications/subjects/(changing|confirmations|services/(deciding|registering|telling))\.py$
    | ^applications/training/services/publishing\.py$
    """,
    re.VERBOSE,
)


def sources() -> Iterator[tuple[str, Path]]:
    """The files whose strings are translated: path inside the project, and the file."""
    for folder in ("templates", "applications", "credit_repair"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            wanted = path.suffix == ".py" if folder != "templates" else path.suffix in (".html", ".txt")
            if wanted and "migrations" not in path.parts and not NOT_TRANSLATED.search(name):
                yield name, path


def marked(name: str, path: Path) -> Iterator[Text]:
    """The strings of a file that are marked for translation."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # To Babel a template is Python, and indentation means something there.
        text = "\n".join(line.strip() for line in templatize(text, origin=name).splitlines())
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for _line, message, _comments, _context in found:
        yield message if isinstance(message, str) else (message[0], message[1])


def of_the_law() -> Iterator[str]:
    """The labels of rules/, which knows no gettext: they are translated where they are shown."""
    yield from (entry.label for entry in procedure.STATES.values())
    yield from (entry.label for entry in procedure.CLOCKS.values())
    yield from (step.label for step in procedure.TABLE)
    yield from procedure.ROLE_LABELS.values()
    for kind in materials.KINDS.values():
        yield from (kind.label, kind.hint)
    yield from (asked.reason for asked in materials.TABLE)
    yield from eligibility.OUTCOMES.values()
    yield from explanation.FACT_LABELS.values()
    for labels in (facts.PENALTIES, facts.DOMAINS, facts.CONDUCTS, facts.REPORT_ISSUERS, facts.SEVERITIES):
        yield from labels.values()
    yield from instruments.CONDITIONS.values()
    yield from (severity.label for policy in load_policies() for severity in policy.severities.values())
    for clock in (clock for policy in load_policies() for clock in policy.clocks.values()):
        # Of another law, or of none (deadlines.models.basis_of).
        basis = clock.source.note if clock.source.article is None else str(clock.source)
        yield from [basis] if basis.startswith("《") else []
    yield from (word for kind in retention.kinds().values() for word in kind.words)
    yield from (workdays.WORKING_DAY, workdays.WEEKEND)
    for year in calendar_years.years_known_on().values():
        yield from (workdays.MAKE_UP if day.working else day.name for day in year.days)


def strings() -> dict[Text, list[str]]:
    """Every string that the catalogue has to have, with the files that have it."""
    found: dict[Text, list[str]] = {}
    for name, path in sources():
        for text in marked(name, path):
            if CHINESE.search("".join(text)) and name not in found.setdefault(text, []):
                found[text].append(name)
    for label in of_the_law():
        found.setdefault(label, ["rules/"])
    return found


def read() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def write() -> int:
    """Write the catalogue anew, with the translations that it has; return how many are missing."""
    known = read() if PO.exists() else Catalog(locale="en")
    catalogue = Catalog(
        locale="en",
        project="credit-repair",
        version="1",
        header_comment="# English of the pages of the public and of applicants (script/catalogue.py).",
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        fuzzy=False,
    )
    missing = 0
    for text, files in strings().items():
        former = known.get(text if isinstance(text, str) else text[0])
        translated = former.string if former is not None else ""
        missing += not translated
        catalogue.add(text, translated, locations=[(name, 0) for name in files])
    with PO.open("wb") as file:
        write_po(file, catalogue, width=0, sort_output=False, include_lineno=False)
    return missing


def compile_catalogue() -> None:
    """Make the .mo that Django reads; whoever reads meanwhile gets the old one or the new one."""
    part = MO.with_suffix(".part")
    with part.open("wb") as file:
        write_mo(file, read())
    part.replace(MO)


if __name__ == "__main__":
    if sys.argv[1:] == ["--compile"]:
        compile_catalogue()
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        print(f"{write()} without a translation")
