import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from applications.ledger.verification import verify_ledger


class Command(BaseCommand):
    help = "核对台账：每条事件的摘要和次序、每个链头的签名。有不符即指出第一处，并以状态 1 退出。"

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        result = verify_ledger()
        self.stdout.write(f"公钥 {result.public_key}")
        if result.broken:
            self.stderr.write(f"台账不完整：{result.broken}。")
            sys.exit(1)
        self.stdout.write(
            f"台账完整：{result.events:,} 条事件，{result.chains:,} 个卷宗，{result.heads:,} 个链头，"
            f"其中 {result.unsealed:,} 条尚待签名；用时 {time.perf_counter() - started:.1f} 秒。"
        )
