"""python manage.py check_queues

The nightly check by hand: every case is in one queue, and exactly the clocks run that its state asks for. Prints
what is wrong; exit code 1 if anything is.
"""

import sys
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.repairs.services import check_queues


class Command(PortalCommand):
    help = gettext_lazy("核对每一件申请的状态、队列和期限是否一致。")

    def handle(self, *args: Any, **options: Any) -> None:
        found = check_queues(at=timezone.now())
        for sentence in found:
            self.stdout.write(sentence)
        self.stdout.write(_("不一致 %(count)s 处。") % {"count": len(found)})
        if found:
            sys.exit(1)
