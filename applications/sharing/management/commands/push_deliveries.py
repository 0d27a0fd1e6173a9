from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.sharing import services
from applications.sharing.models import Delivery


class Command(PortalCommand):
    help = gettext_lazy(
        "推送全部到期的共享信息，与定时任务相同。Pushes every delivery that is due, as the sweep does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = services.push_deliveries(at=timezone.now())
        left = Delivery.objects.exclude(status=Delivery.Status.DELIVERED)
        self.stdout.write(
            _(
                "签收 %(delivered)s 条，稍后重试 %(again)s 条，失败 %(failed)s 条；"
                "尚未签收共 %(left)s 条，其中待人工处理 %(dead)s 条。"
            )
            % {
                "delivered": outcome[Delivery.Status.DELIVERED],
                "again": outcome[Delivery.Status.WAITING],
                "failed": outcome[Delivery.Status.DEAD],
                "left": left.count(),
                "dead": left.filter(status=Delivery.Status.DEAD).count(),
            }
        )
