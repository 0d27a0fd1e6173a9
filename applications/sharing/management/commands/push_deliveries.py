from typing import Any

from django.utils import timezone

from applications.commands import PortalCommand
from applications.sharing import services
from applications.sharing.models import Delivery


class Command(PortalCommand):
    help = "推送全部到期的共享信息，与定时任务相同。Pushes every delivery that is due, as the sweep does."

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = services.push_deliveries(at=timezone.now())
        left = Delivery.objects.exclude(status=Delivery.Status.DELIVERED)
        self.stdout.write(
            f"签收 {outcome[Delivery.Status.DELIVERED]} 条，稍后重试 {outcome[Delivery.Status.WAITING]} 条，"
            f"失败 {outcome[Delivery.Status.DEAD]} 条；尚未签收共 {left.count()} 条，"
            f"其中待人工处理 {left.filter(status=Delivery.Status.DEAD).count()} 条。"
        )
