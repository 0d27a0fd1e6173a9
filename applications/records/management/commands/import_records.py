"""python manage.py import_records FILE --organ CODE [--dry-run] [--errors OUT.xlsx] [--confirm-warnings]

The format of the file: docs/record-file.md. The last line printed is one JSON object with the counts. Standard error
shows on a terminal how far it is.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.files.models import StoredFile
from applications.files.services import storing
from applications.organs.models import Organ
from applications.records.importing.drafts import CheckedRow
from applications.records.importing.examining import CheckedFile, Progress, checked_file, unwatched
from applications.records.importing.refusal import FileRefused
from applications.records.importing.workbook import reasons
from applications.records.services import Touched, import_file, preview_file
from applications.records.services.previews import refuse_organ


class Command(PortalCommand):
    help = gettext_lazy("导入失信行为信息文件（CSV 或 XLSX，双公示字段）。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--organ", required=True, metavar="CODE", help=_("认定单位的机构编号"))
        parser.add_argument("--dry-run", action="store_true", help=_("只检查，不写入"))
        parser.add_argument("--errors", type=Path, metavar="OUT.xlsx", help=_("退回的记录写到这个文件"))
        parser.add_argument(
            "--confirm-warnings", action="store_true", help=_("已核对试运行列出的各行，照样导入")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(
                options["file"],
                options["organ"],
                options["dry_run"],
                options["errors"],
                options["confirm_warnings"],
            )
        except FileRefused as refusal:
            self.stderr.write(str(refusal))
            sys.exit(2)

    def _import(self, path: Path, code: str, dry_run: bool, errors: Path | None, confirmed: bool) -> None:
        organ = Organ.objects.filter(code=code).first()
        if organ is None:
            raise FileRefused(_("没有编号为“%(code)s”的机构，请核对 --organ。") % {"code": code})
        if errors and (errors.suffix.lower() != ".xlsx" or not errors.parent.is_dir() or errors.is_dir()):
            raise FileRefused(
                _("不能写入“%(errors)s”：--errors 应为已有目录下的 .xlsx 文件。") % {"errors": errors}
            )
        refuse_organ(organ)
        try:
            file = path.open("rb")
        except OSError as error:
            raise FileRefused(
                _("不能读取“%(path)s”：%(error)s。") % {"path": path, "error": _why(error)}
            ) from None
        with (
            file,
            checked_file(
                file,
                path.name,
                organ=organ,
                on=timezone.localdate(),
                progress=self._progress(_("正在检查")),
            ) as checked,
        ):
            self._load(checked, organ, dry_run, errors, confirmed)

    def _load(
        self, checked: CheckedFile, organ: Organ, dry_run: bool, errors: Path | None, confirmed: bool
    ) -> None:
        doubtful: Sequence[CheckedRow] = ()
        if dry_run:
            with tempfile.TemporaryFile() as workbook:
                preview = preview_file(
                    checked=checked,
                    organ=organ,
                    errors=workbook if errors else None,
                    progress=self._progress(_("正在比对")),
                )
                if errors and preview.rejected_in_all:
                    workbook.seek(0)
                    _write_whole(errors, workbook)
            counts = (preview.created, preview.updated, preview.unchanged, preview.rejected_in_all)
            repeated = preview.earlier is not None
            doubtful = preview.doubtful
            self._say_touched(preview.under_application)
        else:
            # A workbook that cannot be written undoes the import: the rejected rows would be lost.
            with storing():
                batch, new = import_file(
                    checked=checked,
                    organ=organ,
                    at=timezone.now(),
                    actor=None,
                    confirmed=confirmed,
                    progress=self._progress(_("正在导入")),
                )
                if errors and batch.errors:
                    _write_stored(errors, batch.errors)
            repeated = not new
            loaded = batch.created + batch.updated + batch.unchanged
            counts = (
                (batch.created, batch.updated, batch.unchanged, batch.rejected)
                if new
                else (0, 0, loaded, batch.rejected)
            )
        names = ("created", "updated", "unchanged", "rejected")
        result: dict[str, Any] = dict(zip(names, counts, strict=True))
        opening = (
            _("试运行，没有写入：") if dry_run else _("该文件以前导入过，没有变化：") if repeated else ""
        )
        self.stdout.write(
            opening
            + _("新增 {created} 条，更新 {updated} 条，无变化 {unchanged} 条，退回 {rejected} 条。").format(
                **result
            )
        )
        if checked.passed_over:
            lines = "、".join(str(line) for line, _said in checked.passed_over[:20])
            self.stdout.write(
                _("不是记录而没有读的行（标题、合计、说明）：第 %(lines)s 行。") % {"lines": lines}
            )
        if doubtful:
            self.stdout.write(
                _("有 %(count)s 行需要核对，确认无误的，导入时加 --confirm-warnings：")
                % {"count": len(doubtful)}
            )
        for each in doubtful:
            self.stdout.write(
                _("第 %(line)s 行") % {"line": each.row.line} + " " + reasons(each.doubts).replace("\n", " ")
            )
        if counts[3]:
            self.stdout.write(
                _("退回的记录和原因见 %(errors)s。") % {"errors": errors}
                if errors
                else _("加 --errors OUT.xlsx 可取得退回的记录和原因。")
            )
        result |= {"doubtful": len(doubtful), "passed_over": checked.passed_over_in_all}
        self.stdout.write(
            json.dumps({"organ": organ.code, "dry_run": dry_run, "repeated": repeated, **result})
        )

    def _progress(self, doing: str) -> Progress:
        """A line that is written over as long as it goes on; none where nobody sits before it."""
        if not self.stderr.isatty():
            return unwatched

        def show(share: float, rows: int) -> None:
            self.stderr.write(
                _("%(doing)s：%(percent)3d%%，%(rows)d 行")
                % {"doing": doing, "percent": 100 * share, "rows": rows},
                ending="\n" if share == 1 else "\r",
            )

        return show

    def _say_touched(self, rows: Sequence[Touched]) -> None:
        """What the import would change under somebody's application."""
        for row in rows:
            changes = "；".join(f"{field}：{before} → {after}" for field, before, after in row.changes)
            self.stdout.write(
                _("第 %(line)d 行将更改正在申请修复的记录 %(document)s（%(case)s，%(state)s）：%(changes)s。")
                % {
                    "line": row.line,
                    "document": row.document_number,
                    "case": row.use.number,
                    "state": row.use.state,
                    "changes": changes,
                }
            )


def _write_stored(path: Path, workbook: StoredFile) -> None:
    try:
        file = workbook.file.open("rb")
    except OSError as error:
        raise FileRefused(
            _("不能读取保存的“%(name)s”：%(error)s。") % {"name": workbook.name, "error": _why(error)}
        ) from None
    with file:
        _write_whole(path, file)


def _write_whole(path: Path, content: IO[bytes]) -> None:
    """The file is there completely or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            shutil.copyfileobj(content, file)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FileRefused(
            _("不能写入“%(path)s”：%(error)s。") % {"path": path, "error": _why(error)}
        ) from None


def _why(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return _("文件不存在")
        case IsADirectoryError():
            return _("这是一个目录")
        case PermissionError():
            return _("没有权限")
    return error.strerror or str(error)
