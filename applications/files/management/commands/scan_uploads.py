from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.files import scanning
from applications.files.models import VirusScan


class Command(PortalCommand):
    help = gettext_lazy(
        "对全部到期的上传文件作病毒检查，与定时任务相同。Has every upload scanned that is due, as the sweep does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            help=_(
                "先把配置病毒检查以前保存的文件和不再重试的文件也排上。"
                "First puts in line what came before there was a scanner, and what is not tried any more."
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not scanning.is_configured():
            raise CommandError(
                _(
                    "没有设置环境变量 CLAMD_ADDRESS，没有病毒检查可作。CLAMD_ADDRESS is not set: there is no scanner."
                )
            )
        at = timezone.now()
        if options["all"]:
            scanning.put_older_in_line(at=at)
        outcome = scanning.scan_uploads(at=at)
        self.stdout.write(
            _(
                "通过 %(clean)s 个，发现病毒 %(infected)s 个，稍后重试 %(again)s 个，无法检查 %(failed)s 个；"
                "等待检查共 %(waiting)s 个。"
            )
            % {
                "clean": outcome[VirusScan.CLEAN],
                "infected": outcome[VirusScan.INFECTED],
                "again": outcome[VirusScan.WAITING],
                "failed": outcome[VirusScan.GIVEN_UP],
                "waiting": VirusScan.objects.filter(status=VirusScan.WAITING).count(),
            }
        )
