"""python manage.py create_installation [--keys FILE] [options]

The first organ, the first security administrator, and the secrets that .env lacks. Asks on a terminal for what no option
gives. A second run doubles nothing; an error is one sentence and exit code 2, and nothing is half done. The invitation
is handed over at once; where the mail server does not take it, it waits in the outbox, and the command says why.
"""

import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.installation import Installation, create_installation, first_organ, validate_uscc
from applications.accounts.models import User
from applications.commands import PortalCommand
from applications.notifications.models import Message
from applications.notifications.selectors import waiting_account_mail
from applications.notifications.sending import hand_over_taken, take_account_mail
from applications.organs.models import Organ, validate_prefix
from applications.organs.regions import PROVINCE
from applications.sharing.destinations import register_first
from rules.errors import InputError

SECRETS = (
    "SECRET_KEY",
    "FIELD_KEY",
    "LEDGER_KEY",
    "PLATFORM_KEY",
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
    "REDIS_PASSWORD",
)
# Option, what is asked for, what is taken where nothing is said.
QUESTIONS = (
    ("organ_code", gettext_lazy("机构编号（字母、数字和短横，如 js-xyzx）"), None),
    ("organ_name", gettext_lazy("机构全称"), None),
    ("prefix", gettext_lazy("机关代字（文书编号的开头，如 苏信中心）"), None),
    ("region", gettext_lazy("行政区划代码（GB/T 2260，江苏省为 320000）"), PROVINCE),
    ("uscc", gettext_lazy("机构的统一社会信用代码（18位）"), None),
    ("phone", gettext_lazy("机构联系电话（可空）"), ""),
    ("address", gettext_lazy("机构地址（可空）"), ""),
    ("name", gettext_lazy("首名安全管理员的姓名"), None),
    ("email", gettext_lazy("首名安全管理员的电子邮箱"), None),
)
FIELDS = {"organ_code": "code", "organ_name": "name", "prefix": "document_prefix"}


class Command(PortalCommand):
    help = gettext_lazy("建立首个机构（公共信用信息工作机构）和首名安全管理员，并生成 .env 中尚缺的密钥。")

    def add_arguments(self, parser: CommandParser) -> None:
        for option, label, default in QUESTIONS:
            told = str(label)
            if default:
                told = _("%(label)s；默认 %(default)s") % {"label": label, "default": default}
            parser.add_argument(f"--{option.replace('_', '-')}", help=told)
        parser.add_argument("--send-again", action="store_true", help=_("再次发送设置密码的链接"))
        parser.add_argument(
            "--keys", type=Path, metavar="FILE", help=_("在该文件（.env）中补上尚缺的密钥；已有的从不改动")
        )

    def needs_database(self, options: dict[str, Any]) -> bool:
        return not options["keys"] or bool(_given(options))

    def handle(self, *args: Any, **options: Any) -> None:
        given = _given(options)
        if options["keys"]:
            self._fill_in(options["keys"])
            if not given:
                return
        answers = self._answers(given)
        try:
            with transaction.atomic():
                done = create_installation(
                    organ=_organ(answers),
                    name=answers["name"],
                    email=answers["email"],
                    send_again=options["send_again"],
                    at=timezone.now(),
                )
                platform = register_first(at=timezone.now())
                letter = (
                    take_account_mail(address=done.person.email, at=timezone.now()) if done.invited else None
                )
        except ValidationError as error:
            raise _refusal(error) from None
        except InputError:
            raise CommandError(
                _(
                    "PLATFORM_URL 应为共享平台完整的接口地址，如 https://share.example.gov.cn；什么也没有建立。"
                ),
                returncode=2,
            ) from None
        except IntegrityError:
            raise CommandError(
                _("另一次同样的操作正在进行，本次没有建立任何内容。请重新执行。"), returncode=2
            ) from None
        self._report(done)
        if platform:
            self.stdout.write(
                _("%(platform)s（%(address)s）：已登记为接收修复决定的平台。")
                % {"platform": platform, "address": platform.address}
            )
        self._send(done.person, letter)

    # --- Organ and person -----------------------------------------------------------------------------

    def _answers(self, given: dict[str, str]) -> dict[str, str]:
        """Every answer, checked; asked for again where a person sits at the terminal."""
        asking = sys.stdin is not None and sys.stdin.isatty()
        missing = [option for option, _, default in QUESTIONS if option not in given and default is None]
        if missing and not asking:
            names = "、".join(f"--{option.replace('_', '-')}" for option in missing)
            raise CommandError(_("缺少 %(names)s。") % {"names": names}, returncode=2)
        answers: dict[str, str] = {}
        for option, label, default in QUESTIONS:
            value = given.get(option)
            while True:
                if value is None:
                    value = default or ""
                    if asking and missing:
                        hint = f"［{default}］" if default else ""
                        try:
                            value = input(f"{label}{hint}：").strip() or value
                        except EOFError:
                            raise CommandError(_("输入中断，什么也没有建立。"), returncode=2) from None
                try:
                    answers[option] = _clean(option, value.strip())
                    break
                except ValidationError as error:
                    if not asking or option in given:
                        raise CommandError(
                            f"{label.partition('（')[0]}：{_joined(error)}", returncode=2
                        ) from None
                    self.stderr.write(_joined(error))
                    value = None
        return answers

    def _report(self, done: Installation) -> None:
        new, there = _("已建立"), _("已存在，没有变化")
        self.stdout.write(
            _("机构 %(name)s（%(code)s）：%(outcome)s。")
            % {
                "name": done.organ.name,
                "code": done.organ.code,
                "outcome": new if done.organ_is_new else there,
            }
        )
        person = _("电子邮箱已更换，原邮箱的链接不再有效") if done.address_is_new else there
        self.stdout.write(
            _("安全管理员 %(name)s（%(email)s）：%(outcome)s。")
            % {
                "name": done.person.name,
                "email": done.person.email,
                "outcome": new if done.person_is_new else person,
            }
        )

    def _send(self, person: User, letter: Message | None) -> None:
        """Hand the invitation over, and say how it stands with it."""
        again = _("需要另发一封的，重新执行并加 --send-again。")
        if letter:
            status, reason = hand_over_taken(letter, at=timezone.now())
            if status == Message.Status.HANDED_OVER:
                self.stdout.write(
                    _("设置密码的链接已交给邮件服务器，收件人 %(email)s，三天内有效。")
                    % {"email": person.email}
                    + again
                )
            elif status == Message.Status.FAILED:
                self.stdout.write(
                    _(
                        "邮件服务器拒收发给 %(email)s 的设置密码的链接（%(reason)s），不会再试。"
                        "请排除原因后重新执行并加 --send-again；邮箱填错的，用正确的邮箱重新执行。"
                    )
                    % {"email": person.email, "reason": reason}
                )
            else:
                self._still_waiting(person, reason)
        elif waiting := waiting_account_mail(person.email):
            self._still_waiting(person, waiting.last_error)
        elif person.has_usable_password():
            self.stdout.write(_("本人已经设置密码，没有发送邮件。"))
        else:
            self.stdout.write(_("没有邮件等待发送，本次也没有发送；本人尚未设置密码。") + again)

    def _still_waiting(self, person: User, reason: str) -> None:
        self.stdout.write(
            _(
                "设置密码的链接还没有发往 %(email)s%(reason)s，正在待发邮件中，由后台进程（worker）"
                "继续发送，约22小时内最多24次。请检查邮件服务器的设置；重新执行本命令可以查看是否已经发出，"
                "加 --send-again 立即再试。"
            )
            % {"email": person.email, "reason": f"（{reason}）" if reason else ""}
        )

    # --- Secrets --------------------------------------------------------------------------------------

    def _fill_in(self, path: Path) -> None:
        """Give each secret that the file lacks, or has without a value, a random one; mode 600, all or nothing."""
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            made = []
            for name in SECRETS:
                line = re.search(rf"(?m)^{name}=(.*)$", text)
                if line and line[1].partition(" #")[0].strip(" \t\r\"'"):
                    continue
                made.append(name)
                entry = f"{name}={secrets.token_hex(32)}"
                if line:
                    text = text[: line.start()] + entry + text[line.end() :]
                else:
                    text = f"{text.rstrip()}\n{entry}\n" if text else f"{entry}\n"
            if made:
                _write_private(path, text)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else _("不是 UTF-8 文本")
            raise CommandError(
                _("不能读写“%(path)s”：%(why)s。文件没有改动。") % {"path": path, "why": why}, returncode=2
            ) from None
        if made:
            self.stdout.write(
                _("已在 %(path)s 中生成：%(names)s。请另存一份，与备份分开保管。")
                % {"path": path, "names": "、".join(made)}
            )
        else:
            self.stdout.write(_("%(path)s 中的密钥齐全，没有改动。") % {"path": path})


def _write_private(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        if path.exists():
            owner = path.stat()
            if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(partial, owner.st_uid, owner.st_gid)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _given(options: dict[str, Any]) -> dict[str, str]:
    return {option: options[option] for option, _, _ in QUESTIONS if options[option] is not None}


def _organ(answers: dict[str, str]) -> Organ:
    return first_organ(
        code=answers["organ_code"],
        name=answers["organ_name"],
        document_prefix=answers["prefix"],
        region=answers["region"],
        uscc_code=answers["uscc"],
        phone=answers["phone"],
        address=answers["address"],
    )


def _clean(option: str, value: str) -> str:
    """The answer as it is stored. Raises ValidationError."""
    if not value.isprintable():
        raise ValidationError(_("含有不能显示的字符，请重新输入。"))
    if option == "email":
        validate_email(value)
        return str(User._meta.get_field("email").clean(value.lower(), None))
    if option == "name":
        if not value:
            raise ValidationError(_("请填写姓名。"))
        return str(User._meta.get_field("name").clean(value, None))
    if option == "uscc":
        value = value.upper()
    cleaned = str(Organ._meta.get_field(FIELDS.get(option, option)).clean(value, None))  # type: ignore[union-attr]
    if option == "uscc":
        validate_uscc(cleaned)
    if option == "prefix" and not Organ.objects.filter(document_prefix=cleaned).exists():
        validate_prefix(cleaned)
    return cleaned


def _joined(error: ValidationError) -> str:
    return "".join(error.messages)


def _refusal(error: ValidationError) -> CommandError:
    if hasattr(error, "error_dict"):
        parts = []
        for field, errors in error.message_dict.items():
            known = {each.name: each.verbose_name for each in [*Organ._meta.fields, *User._meta.fields]}
            parts.append(f"{known.get(field, '')}：{''.join(errors)}" if field in known else "".join(errors))
        return CommandError("".join(parts), returncode=2)
    return CommandError(_joined(error), returncode=2)
