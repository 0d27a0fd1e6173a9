import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.calendars.impact import Moves, moves_ahead
from applications.calendars.in_force import CalendarSet
from applications.calendars.notice_files import decode_notice
from applications.calendars.services import (
    changes_nothing,
    outlook_of_schedule,
    propose_notice,
    read_schedule,
)
from applications.commands import PortalCommand, database_trouble
from rules.errors import InputError
from rules.workdays import DayInfo, shipped_calendar


class Command(PortalCommand):
    help = gettext_lazy(
        "读取国务院办公厅放假安排通知（日历文件或通知正文），列出日期和将要改变的期限，并提交复核："
        "由省级社会信用管理部门的另一位负责人复核后生效。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help=_("TOML、JSON、CSV 日历文件，或者通知正文的文本文件"))
        parser.add_argument("--dry-run", action="store_true", help=_("只显示，不提交复核"))
        parser.add_argument("--year", type=int, help=_("通知所安排的年份，正文没有写明时必填"))
        parser.add_argument("--by", metavar="EMAIL", help=_("提出人；不写则须先由一位负责人确认提出"))

    def needs_database(self, options: dict[str, Any]) -> bool:
        return not options["dry_run"] or bool(options["by"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = decode_notice(Path(options["file"]).read_bytes())
        except OSError as error:
            raise CommandError(
                _("无法读取文件 %(file)s：%(strerror)s。")
                % {"file": options["file"], "strerror": error.strerror},
                returncode=2,
            ) from error
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        proposer = None
        if options["by"]:
            proposer = User.objects.filter(email__iexact=options["by"]).first()
            if proposer is None:
                raise CommandError(_("没有 %(by)s 这个账号。") % {"by": options["by"]}, returncode=2)
        # Without a database there is a calendar too, and no clock runs by it.
        trouble = "" if self.needs_database(options) else database_trouble()
        before = CalendarSet(shipped_calendar()) if trouble else None
        try:
            schedule = read_schedule(text=text, year=options["year"], before=before)
            seen = outlook_of_schedule(schedule, before)
            in_force_already = changes_nothing(schedule, seen)
            if not options["dry_run"] and not in_force_already:
                propose_notice(text=text, year=options["year"], proposed_by=proposer, at=timezone.now())
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        except PermissionDenied as error:
            raise CommandError(
                _("%(by)s 不是社会信用管理部门的负责人，不能提出。") % {"by": options["by"]}, returncode=2
            ) from error
        # Standard output is the schedule alone, for whatever reads it; people read the rest.
        self.stdout.write(json.dumps(schedule.to_json(), ensure_ascii=False))
        for change in seen.changes:
            self.stderr.write(f"{change.date}：{_told(change.old)} → {_told(change.new)}")
        moves = Moves(0, ()) if trouble else moves_ahead(seen.before, seen.after)
        for move in moves.seen[:]:
            self.stderr.write(f"{move.case_number} {move.organ} {move.kind}：{move.old} → {move.new}")
        self.stderr.write(
            _("改变%(days)s天，变动%(clocks)s个进行中的期限。")
            % {"days": len(seen.changes), "clocks": moves.count}
        )
        if trouble:
            self.stderr.write(trouble + _("以上只与系统附带的日历比较，没有核对进行中的期限。"))
        if options["dry_run"]:
            self.stderr.write(_("仅供查看，没有提交。"))
        elif in_force_already:
            self.stderr.write(_("与现行日历完全一致，无需提交。"))
        elif proposer:
            self.stderr.write(_("已提交，待省级社会信用管理部门的另一位负责人复核后生效。"))
        else:
            self.stderr.write(
                _("已提交，待社会信用管理部门的一位负责人确认提出、省级部门的另一位负责人复核后生效。")
            )


def _told(day: DayInfo) -> str:
    return f"{_('上班') if day.working else _('休息')}（{day.reason}）"
