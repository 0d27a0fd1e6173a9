"""python manage.py import_records FILE --organ CODE [--dry-run] [--errors OUT.xlsx] [--confirm-warnings]

The format of the file: docs/record-file.md. The last line printed is one JSON object with the counts.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.documents.services import alarming
from applications.files.models import StoredFile
from applications.files.services import storing
from applications.organs.models import Organ
from applications.records.importing.checking import CheckedRow
from applications.records.importing.reading import read_sheet
from applications.records.importing.refusal import FileRefused
from applications.records.importing.workbook import reasons
from applications.records.services import Touched, import_sheet, preview_import


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
        try:
            content = path.read_bytes()
        except OSError as error:
            raise FileRefused(
                _("不能读取“%(path)s”：%(error)s。") % {"path": path, "error": _why(error)}
            ) from None
        at = timezone.now()
        doubtful: Sequence[CheckedRow]
        if dry_run:
            preview = preview_import(content=content, file_name=path.name, organ=organ, at=at)
            counts = (preview.created, preview.updated, preview.unchanged, len(preview.rejected))
            repeated = preview.earlier is not None
            doubtful, passed_over = preview.doubtful, preview.passed_over
            self._say_touched(preview.under_application)
            if errors and preview.errors:
                _write_whole(errors, preview.errors)
        else:
            sheet = read_sheet(content, path.name)
            doubtful, passed_over = (), sheet.passed_over
            # A workbook that cannot be written undoes the import: the rejected rows would be lost.
            with alarming(), storing():
                batch, new = import_sheet(
                    sheet=sheet,
                    sha256=hashlib.sha256(content).hexdigest(),
                    file_name=path.name,
                    organ=organ,
                    at=at,
                    actor=None,
                    confirmed=confirmed,
                )
                if errors and batch.errors:
                    _write_whole(errors, _stored(batch.errors))
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
        if passed_over:
            lines = "、".join(str(line) for line, _said in passed_over[:20])
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
        result |= {"doubtful": len(doubtful), "passed_over": len(passed_over)}
        self.stdout.write(json.dumps({"organ": code, "dry_run": dry_run, "repeated": repeated, **result}))

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


def _stored(workbook: StoredFile) -> bytes:
    try:
        with workbook.file.open("rb") as file:
            content: bytes = file.read()
            return content
    except OSError as error:
        raise FileRefused(
            _("不能读取保存的“%(name)s”：%(error)s。") % {"name": workbook.name, "error": _why(error)}
        ) from None


def _write_whole(path: Path, content: bytes) -> None:
    """The file is there completely or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
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
