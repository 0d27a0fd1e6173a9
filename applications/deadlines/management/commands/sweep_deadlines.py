from typing import Any

from django.utils import timezone

from applications.commands import PortalCommand
from applications.deadlines import services


class Command(PortalCommand):
    help = "执行一次期限巡检：提醒、届满、逾期上报。与定时任务是同一服务，Celery 停运时可手工执行。"

    def handle(self, *args: Any, **options: Any) -> None:
        sweep = services.sweep_deadlines(at=timezone.now())
        self.stdout.write(f"到期事项{sweep.due}个，提醒与上报{sweep.raised}次，失败{sweep.failed}个。")
        if sweep.left:
            self.stdout.write(f"时间用尽，{sweep.left}个留待下一次巡检。")
        if sweep.failed:
            raise SystemExit(1)
