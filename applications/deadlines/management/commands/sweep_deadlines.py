from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.deadlines import services


class Command(PortalCommand):
    help = gettext_lazy(
        "执行一次期限巡检：提醒、届满、逾期上报。与定时任务是同一服务，Celery 停运时可手工执行。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sweep = services.sweep_deadlines(at=timezone.now())
        self.stdout.write(
            _("到期事项%(due)s个，提醒与上报%(raised)s次，失败%(failed)s个。")
            % {"due": sweep.due, "raised": sweep.raised, "failed": sweep.failed}
        )
        if sweep.left:
            self.stdout.write(_("时间用尽，%(left)s个留待下一次巡检。") % {"left": sweep.left})
        if sweep.failed:
            raise SystemExit(1)
