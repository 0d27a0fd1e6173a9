"""python manage.py signing_key CODE FILE [--passphrase-file FILE] | CODE --module LABEL | CODE --withdraw

Takes the key and certificate with which the letters of an organ are signed into use, or out of use.
"""

import getpass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.documents import signing
from applications.documents.models import SigningCertificate
from applications.organs.models import Organ


class Command(PortalCommand):
    help = gettext_lazy(
        "启用机构的签名密钥和证书（PKCS#12 文件，或者硬件密码模块中的），此后签发的文书带有该机构的电子签名；或者停用。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organ", help=_("机构编号"))
        parser.add_argument("file", nargs="?", type=Path, help=_("PKCS#12 文件（.p12、.pfx）"))
        parser.add_argument(
            "--passphrase-file", type=Path, help=_("写有口令的文件；没有这个选项的，在终端输入口令")
        )
        parser.add_argument(
            "--module", metavar="LABEL", help=_("密钥和证书在硬件密码模块（PKCS#11）中：二者共用的标签")
        )
        parser.add_argument("--withdraw", action="store_true", help=_("停用现有的证书，文书不再带电子签名"))

    def handle(self, *args: Any, **options: Any) -> None:
        organ = Organ.objects.filter(code=options["organ"]).first()
        if organ is None:
            raise CommandError(_("没有编号为“%s”的机构。") % options["organ"], returncode=2)
        if sum(map(bool, (options["file"], options["module"], options["withdraw"]))) != 1:
            raise CommandError(
                _("请给出 PKCS#12 文件，或者用 --module 给出标签，或者用 --withdraw 停用，三者选一。"),
                returncode=2,
            )
        try:
            if options["withdraw"]:
                row = signing.withdraw(organ=organ, at=timezone.now())
                told = _("已停用%(organ)s的签名证书 %(digest)s。")
            else:
                row = (
                    signing.install_from_module(organ=organ, label=options["module"], at=timezone.now())
                    if options["module"]
                    else self._install(organ, options["file"], options["passphrase_file"])
                )
                told = _("已启用%(organ)s的签名证书 %(digest)s，此后签发的文书带有电子签名。")
        except ValidationError as error:
            raise CommandError(error.messages[0], returncode=2) from None
        self.stdout.write(told % {"organ": organ.name, "digest": row.sha256})

    def _install(self, organ: Organ, file: Path, passphrase_file: Path | None) -> SigningCertificate:
        try:
            content = file.read_bytes()
            passphrase = (
                passphrase_file.read_text(encoding="utf-8").rstrip("\r\n")
                if passphrase_file
                else getpass.getpass(_("PKCS#12 文件的口令："))
            )
        except (OSError, UnicodeDecodeError, EOFError) as error:
            raise CommandError(_("文件或者口令读不出来：%s") % error, returncode=2) from None
        return signing.install(
            organ=organ, content=content, passphrase=passphrase.encode(), at=timezone.now()
        )
