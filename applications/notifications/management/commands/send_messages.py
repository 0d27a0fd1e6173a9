from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.notifications import sending
from applications.notifications.models import Message


class Command(PortalCommand):
    help = gettext_lazy(
        "发送全部到期的电子邮件，与定时任务相同。Hands over every e-mail that is due, as the sweep does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = sending.send_messages(at=timezone.now())
        waiting = Message.objects.filter(channel=Message.Channel.EMAIL, status=Message.Status.WAITING).count()
        self.stdout.write(
            _(
                "交付 %(handed_over)s 封，稍后重试 %(again)s 封，失败 %(failed)s 封；"
                "等待发送共 %(waiting)s 封。"
            )
            % {
                "handed_over": outcome[Message.Status.HANDED_OVER],
                "again": outcome[Message.Status.WAITING],
                "failed": outcome[Message.Status.FAILED],
                "waiting": waiting,
            }
        )
