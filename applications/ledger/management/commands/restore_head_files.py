from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.ledger.sealing import restore_files


class Command(PortalCommand):
    help = gettext_lazy(
        "把丢失的链头文件按数据库重新写出，并记入台账。"
        "请先用 verify_ledger --heads 与别处的副本核对，查明丢失原因。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        restored = restore_files(at=timezone.now())
        self.stdout.write(_("重新写出 %(count)s 个链头文件。") % {"count": f"{len(restored):,}"})
