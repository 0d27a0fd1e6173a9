import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from applications.commands import PortalCommand
from applications.ledger.head_files import NoCopies
from applications.ledger.verification import verify_ledger


class Command(PortalCommand):
    help = (
        "核对台账：每条事件的摘要和次序、每个链头的签名和文件。有不符即指出第一处，并以状态 1 退出；"
        "应当签名而没有签名的事件也是。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            metavar="DIR",
            help="另存于别处的链头文件所在文件夹：其中每个链头都须与数据库一致",
        )

    def handle(self, *args: Any, heads: Path | None, **options: Any) -> None:
        started = time.perf_counter()
        try:
            result = verify_ledger(at=timezone.now(), copies=heads)
        except NoCopies as error:
            raise CommandError(f"{error}。", returncode=2) from error
        self.stdout.write(f"公钥 {result.public_key}")
        if result.broken:
            self.stderr.write(f"台账不完整：{result.broken}。")
            sys.exit(1)
        self.stdout.write(
            f"台账完整：{result.events:,} 条事件，{result.chains:,} 个卷宗，{result.heads:,} 个链头，"
            f"其中 {result.unsealed:,} 条尚待签名；用时 {time.perf_counter() - started:.1f} 秒。"
        )
        if result.overdue:
            self.stderr.write(f"签名没有跟上：{result.overdue}。")
            sys.exit(1)
