from django.utils.translation import gettext as _

from rules.errors import InputError
from rules.gb18030 import real_characters

MAX_BYTES = 1_000_000


def decode_notice(content: bytes) -> str:
    """The text of an uploaded notice or calendar file. InputError: too large, or no text."""
    if len(content) > MAX_BYTES:
        raise InputError(_("通知文件"), _("不应超过1 MB，请只提供通知正文或日历文件"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return real_characters(text)
    raise InputError(_("通知文件"), _("应为文本文件（UTF-8 或 GB18030），PDF、Word 请复制正文粘贴"))
