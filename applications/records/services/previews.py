"""What an import of a record file would do now: the pass of the import, without its writing."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.documents.templatetags.dates import zh_moment
from applications.organs.models import Organ
from applications.records.fields import OBLIGATIONS, duties_of, in_words, label, to_json
from applications.records.importing.drafts import CheckedRow
from applications.records.importing.examining import CheckedFile, Progress, checked_file, unwatched
from applications.records.importing.planning import Change, Plan, Planner
from applications.records.importing.reading import FULL, LISTED, Limits
from applications.records.importing.refusal import FileRefused
from applications.records.importing.workbook import ErrorWorkbook, reasons
from applications.records.models import ImportBatch
from applications.records.uses import Use, uses_of

# A page shows so many rejected rows; the workbook has all.
SHOWN = 100


@dataclass(frozen=True)
class Touched:
    """A row that changes a record under application. ``changes``: field, what it is, what it becomes, in words."""

    line: int
    document_number: str
    use: Use
    changes: Sequence[tuple[str, str, str]]


@dataclass
class ImportPreview:
    """What an import of the file would do now. ``doubtful``: rows to be confirmed; ``passed_over``: lines that are no
    records; ``rejected`` and ``passed_over`` as far as they are listed (LISTED), and how many there are in all.
    ``earlier``: the same file was imported before."""

    created: int = 0
    # Those that are withdrawn because their penalty was revoked among them.
    updated: int = 0
    revoked: int = 0
    unchanged: int = 0
    under_application: list[Touched] = field(default_factory=list)
    rejected: list[CheckedRow] = field(default_factory=list)
    rejected_in_all: int = 0
    doubtful: list[CheckedRow] = field(default_factory=list)
    passed_over: Sequence[tuple[int, str]] = ()
    passed_over_in_all: int = 0
    earlier: ImportBatch | None = None

    def shown(self) -> dict[str, Any]:
        """What a page says of it, as JSON can hold it; people's numbers are masked."""
        return {
            "created": self.created,
            "updated": self.updated,
            "revoked": self.revoked,
            "unchanged": self.unchanged,
            "rejected_in_all": self.rejected_in_all,
            "rejected": [(each.row.line, reasons(each.faults)) for each in self.rejected[:SHOWN]],
            "more": max(0, self.rejected_in_all - SHOWN),
            "doubtful": [(each.row.line, reasons(each.doubts)) for each in self.doubtful],
            "passed_over": list(self.passed_over[:SHOWN]),
            "passed_over_more": max(0, self.passed_over_in_all - SHOWN),
            "under_application": [
                {
                    "line": each.line,
                    "document_number": each.document_number,
                    "number": each.use.number,
                    "state": str(each.use.state),
                    "organ": each.use.organ,
                    "changes": [list(map(str, change)) for change in each.changes],
                }
                for each in self.under_application
            ],
            "earlier": zh_moment(self.earlier.imported_at) if self.earlier else "",
        }

    def add(self, plan: Plan) -> None:
        self.created += len(plan.new)
        self.updated += len(plan.changes) + len(plan.revoked)
        self.revoked += len(plan.revoked)
        self.unchanged += plan.unchanged
        self.under_application += touched(plan)
        self.rejected += plan.rejected[: LISTED - len(self.rejected)]
        self.rejected_in_all += len(plan.rejected)
        self.doubtful += plan.doubtful


def preview_import(
    *,
    content: bytes,
    file_name: str,
    organ: Organ,
    at: datetime,
    limits: Limits = FULL,
    errors: IO[bytes] | None = None,
) -> ImportPreview:
    """preview_file() of bytes."""
    refuse_organ(organ)
    with (
        in_memory(content) as file,
        checked_file(file, file_name, organ=organ, on=timezone.localdate(at), limits=limits) as checked,
    ):
        return preview_file(checked=checked, organ=organ, errors=errors)


def preview_file(
    *,
    checked: CheckedFile,
    organ: Organ,
    errors: IO[bytes] | None = None,
    progress: Progress = unwatched,
) -> ImportPreview:
    """The dry run: reads everything, writes nothing but, where there are any, the rejected rows into the workbook
    ``errors``. Raises FileRefused."""
    planner, preview, done = Planner(organ), ImportPreview(), 0
    with closing(ErrorWorkbook(checked.headings, checked.columns)) as workbook:
        for rows in checked.chunks():
            plan = planner.plan(rows)
            preview.add(plan)
            if errors:
                workbook.add(plan.rejected)
            refuse_too_many_to_look_at(
                checked.name, max(len(preview.doubtful), len(preview.under_application))
            )
            done += len(rows)
            progress(done / checked.rows, done)
        if errors:
            workbook.save(errors)
    preview.passed_over, preview.passed_over_in_all = checked.passed_over, checked.passed_over_in_all
    preview.earlier = ImportBatch.objects.filter(organ=organ, sha256=checked.sha256).first()
    return preview


def refuse_organ(organ: Organ) -> None:
    """FileRefused for an organ that identifies nothing."""
    if organ.kind != Organ.Kind.IDENTIFYING_UNIT:
        raise FileRefused(
            _("“%(organ)s”是%(kind)s，失信行为信息只能以认定单位的名义导入。")
            % {"organ": organ.name, "kind": organ.get_kind_display()}
        )


def refuse_too_many_to_look_at(name: str, count: int) -> None:
    """FileRefused where nobody could look at each row that has to be looked at."""
    if count > LISTED:
        raise FileRefused(
            _(
                "没有导入任何记录：“%(name)s”需要您逐行核对的超过 %(limit)d 行。请先核对其中的金额和日期，或者拆成几个文件分别导入。"
            )
            % {"name": name, "limit": LISTED}
        )


def refuse_unconfirmed(name: str, lines: Sequence[int]) -> None:
    """FileRefused where nobody has said that the doubtful lines are meant so."""
    if lines:
        raise FileRefused(
            _("没有导入任何记录：“%(name)s”有 %(n)d 行需要您核对后确认（第 %(lines)s 行）。")
            % {"name": name, "n": len(lines), "lines": "、".join(str(line) for line in lines[:10])}
        )


def touched(plan: Plan) -> list[Touched]:
    """The rows of a plan that change what somebody's application rests on."""
    changes = [*plan.changes, *plan.revoked]
    uses = uses_of([change.record.pk for change in changes])
    return [
        Touched(
            change.draft.line,
            change.record.document_number,
            uses[change.record.pk],
            [
                (label(name), in_words(name, to_json(before)), in_words(name, to_json(after)))
                for name, before, after in _differences(change)
            ],
        )
        for change in changes
        if change.record.pk in uses
    ]


def _differences(change: Change) -> Iterator[tuple[str, Any, Any]]:
    for name in change.changed:
        if name == OBLIGATIONS:
            yield name, duties_of(change.record.obligations.all()), change.draft.duties
        elif name in change.draft.fields:
            yield name, getattr(change.record, name), change.draft.fields[name]


def in_memory(content: bytes) -> BinaryIO:
    """Bytes as a file that another process can read."""
    file = os.fdopen(os.memfd_create("records"), "w+b")
    file.write(content)
    file.flush()
    return file
