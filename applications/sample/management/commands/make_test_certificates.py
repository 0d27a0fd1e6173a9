"""python manage.py make_test_certificates [--trial]

Gives every organ that never had one a signing key and a certificate of an authority made up for it. The served mode refuses it
without ``--trial``: nobody outside believes such a signature.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from applications.commands import PortalCommand
from applications.sample.certificates import load_certificates


class Command(PortalCommand):
    help = "为没有签名证书的机构各发一张示例证书，仅供演示和试用。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--trial", action="store_true", help="服务模式下也发：仅限试用")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SERVED and not options["trial"]:
            raise CommandError(
                "这是服务模式，没有发证书：示例证书出自本命令自己，别人不会相信。确属试用环境的，请加 --trial。",
                returncode=2,
            )
        count = load_certificates(timezone.now())
        self.stdout.write(f"已发示例签名证书 {count} 张。" if count else "各机构都有过签名证书，没有变化。")
