"""A mail about an account says the same twice: whoever gets it may not have chosen a language, and without it does not come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils import translation

from applications.notifications.account_mail import BELOW
from applications.notifications.models import Message, address_digest
from tests.english.pages import CHINESE

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"
MAILS = sorted(
    path.relative_to(TEMPLATES).as_posix().removesuffix("_message.txt")
    for folder in ("account", "mfa")
    for path in (TEMPLATES / folder / "email").glob("*_message.txt")
    if path.name != "base_message.txt"
)
ABOUT = dict.fromkeys(
    ("user", "organ", "actor", "account", "from_email", "to_email", "deleted_email", "timestamp", "ip", "days", "new"), "x"
) | dict.fromkeys(("link", "address", "activate_url", "password_reset_url", "signup_url"), "https://x.example/one-way/")  # fmt: skip


@pytest.mark.parametrize("reader", ["zh-hans", "en"])
@pytest.mark.parametrize("prefix", MAILS)
def test_every_mail_of_an_account_is_chinese_and_below_english(prefix, reader):
    with translation.override(reader):
        get_adapter().send_mail(prefix, "new@example.com", ABOUT)
    message = Message.objects.get(address_digest=address_digest("new@example.com"))
    assert message.subject.startswith("【江苏信用修复】")
    chinese, english = message.body.split(f"\n\n{BELOW}\n\n")
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert not CHINESE.search(message.subject.split(" / ", 1)[1])
    # What has to be opened stands in both.
    assert chinese.count("https://x.example/one-way/") == english.count("https://x.example/one-way/")
