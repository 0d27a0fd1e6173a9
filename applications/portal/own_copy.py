"""A copy of all that is held about a person or a credit subject (Article 12; Personal Information Protection Law 45), as one
ZIP that is sent while it is made: a table of each kind as CSV and JSON, the files, an index to read, and the digests of all."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from applications.accounts.events import chain_of, record_account_event
from applications.accounts.holdings import Holding, cell, holdings
from applications.accounts.models import User
from applications.files.models import StoredFile
from applications.files.packing import ENDINGS, Archive
from applications.language import as_kept
from applications.ledger.services import record_event
from applications.spreadsheets import CsvTable, Pieces
from applications.subjects.models import Subject


@dataclass(frozen=True)
class Packed:
    """A table as it lies in the package. ``files``: name of the entry, what its sender called it."""

    heading: str
    english: str
    columns: list[tuple[str, str]]
    rows: int
    csv: str
    json: str
    files: list[tuple[str, str]]


@transaction.atomic
def copy_for(*, person: User, subject: Subject | None, at: datetime) -> Iterator[bytes]:
    """The pieces of the ZIP about the person, or about a subject that the person acts for. That it is taken away is an event
    before the first piece leaves: ``user.copy_taken`` or ``subject.copy_taken``."""
    if subject is None:
        record_account_event(user=person, verb="user.copy_taken", at=at, actor=person)
    else:
        record_event(
            chain=f"subject-{subject.pk}",
            verb="subject.copy_taken",
            at=at,
            actor=person,
            role="applicant",
            payload={"account": chain_of(person)},
        )
    return _pieces(person, subject, at)


def _pieces(person: User, subject: Subject | None, at: datetime) -> Iterator[bytes]:
    out, packed = Pieces(), list[Packed]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        archive = Archive(out, package)
        for holding in holdings():
            rows = _rows(holding, person, subject)
            if rows is None:
                continue
            table, files = _packed(holding, rows, len(packed) + 1)
            packed.append(table)
            yield from _table(archive, holding, table, rows)
            for (name, _called), stored in zip(table.files, files, strict=True):
                yield from archive.file(name, stored)
        for language, name in (("zh-hans", "索引.html"), ("en", "index.html")):
            yield archive.words(name, _index(language, person, subject, at, packed, archive.wrong))
        yield archive.manifest()
    yield out.take()


def _rows(holding: Holding, person: User, subject: Subject | None) -> list[Any] | None:
    """None: no table of this copy."""
    if subject is None:
        return None if holding.of_person is None else list(holding.of_person(person))
    return None if holding.of_subject is None else list(holding.of_subject(subject, person))


@as_kept()
def _packed(holding: Holding, rows: list[Any], place: int) -> tuple[Packed, list[StoredFile]]:
    heading, columns = str(holding.heading), holding.headings()
    with translation.override("en"):
        english, in_english = str(holding.heading), holding.headings()
    folder = f"{place:02d}-{heading.replace('/', '、')}"
    files = [stored for row in rows for stored in holding.files(row) if stored is not None]
    names = [
        (
            f"文件/{folder}/{at:03d}{ENDINGS.get(stored.content_type, PurePosixPath(stored.name).suffix)}",
            stored.name,
        )
        for at, stored in enumerate(files, 1)
    ]
    pairs = list(zip(columns, in_english, strict=True))
    packed = Packed(heading, english, pairs, len(rows), f"{folder}.csv", f"{folder}.json", names)
    return packed, files


def _table(archive: Archive, holding: Holding, table: Packed, rows: list[Any]) -> Iterator[bytes]:
    with as_kept():
        lines = [holding.line(row) for row in rows]
    chinese = [heading for heading, _english in table.columns]
    text = io.StringIO(newline="")
    written = CsvTable(text, [f"{zh} {en}" if zh != en else zh for zh, en in table.columns])
    with as_kept():
        for line in lines:
            written.add(map(cell, line))
    yield archive.words(table.csv, text.getvalue())
    yield archive.data(table.json, [dict(zip(chinese, line, strict=True)) for line in lines])


def _index(
    language: str,
    person: User,
    subject: Subject | None,
    at: datetime,
    packed: list[Packed],
    wrong: list[str],
) -> str:
    context = {
        "person": person,
        "subject": subject,
        "at": at,
        "packed": packed,
        "wrong": wrong,
        "language": language,
    }
    with translation.override(language):
        return render_to_string("portal/own_copy_index.html", context)


def name_of_package(subject: Subject | None, at: datetime) -> str:
    """What the file is called where it lands: nobody's name, which a list of downloads would show."""
    what = _("账号") if subject is None else f"{_('信用主体')}{subject.pk}"
    return f"{what}-{at:%Y-%m-%d}.zip"
