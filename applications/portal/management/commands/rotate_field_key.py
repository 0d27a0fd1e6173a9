"""python manage.py rotate_field_key [--check]

Writes anew, under FIELD_KEY, all that is encrypted under a key of FIELD_KEY_OLD, and under DIGEST_KEY all digests of before; what is
not encrypted yet is encrypted. Beside the portal, and again as often as you like: it goes on from where it was stopped. With
--check it changes nothing, and says how much is left. Exit code 1: something is left, or no key opens it.
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.at_rest.renewing import Tally, stores
from applications.commands import PortalCommand

EVERY = 20_000


class Command(PortalCommand):
    help = gettext_lazy("用新的 FIELD_KEY 重新加密仍用旧密钥加密的内容；可以随时中断，再次运行会接着做。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help=_("只检查还有多少没有换成新密钥，不改动。"))

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        total = Tally()
        for name, walk in stores().items():
            done = Tally()
            for tally in walk(not check):
                before, done = done, done + tally
                if done.seen // EVERY > before.seen // EVERY:
                    self.say(name, done, check)
            self.say(name, done, check)
            total += done
        if total.unreadable:
            raise CommandError(
                _(
                    "有%(count)d处用所给的密钥都解不开，第一处是 %(first)s。请核对 FIELD_KEY 和 FIELD_KEY_OLD，不要删去旧密钥。"
                )
                % {"count": total.unreadable, "first": total.lost},
                returncode=1,
            )
        if check and total.old:
            raise CommandError(
                _("还有%(count)d处不是新密钥加密的，请运行 manage.py rotate_field_key，旧密钥先不要删去。")
                % {"count": total.old},
                returncode=1,
            )
        self.stdout.write(
            _("全部内容都由新密钥加密，旧密钥不再需要。")
            if check
            else _("已经处理完毕。请再用 --check 核对，然后才能删去旧密钥。")
        )

    def say(self, name: str, tally: Tally, check: bool) -> None:
        words = _("看了%(seen)d处，%(old)d处要换密钥") if check else _("看了%(seen)d处，换了%(old)d处")
        unreadable = _("，%(count)d处解不开") % {"count": tally.unreadable} if tally.unreadable else ""
        self.stdout.write(f"{name}：{words % {'seen': tally.seen, 'old': tally.old}}{unreadable}")
        self.stdout.flush()
