from typing import Any

from django.utils import timezone

from applications.commands import PortalCommand
from applications.notifications import services
from applications.notifications.models import Message


class Command(PortalCommand):
    help = "发送全部到期的电子邮件，与定时任务相同。Hands over every e-mail that is due, as the sweep does."

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = services.send_messages(at=timezone.now())
        waiting = Message.objects.filter(status=Message.Status.WAITING).count()
        self.stdout.write(
            f"交付 {outcome[Message.Status.HANDED_OVER]} 封，稍后重试 {outcome[Message.Status.WAITING]} 封，"
            f"失败 {outcome[Message.Status.FAILED]} 封；等待发送共 {waiting} 封。"
        )
