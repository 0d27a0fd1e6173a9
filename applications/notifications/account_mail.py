"""Mail about accounts: it goes through the outbox like every other (the rest of the adapter: accounts/adapter.py).

It says the same twice, in Chinese and below in English: it may be the first that somebody gets from the portal, who has not
chosen a language yet, and without it nobody comes in (ADR 0045).
"""

from typing import Any

from allauth.core import context as allauth_context
from django.utils import timezone, translation

from applications.accounts import adapter
from applications.language import as_kept
from applications.notifications.services import mail_address

BELOW = "—— English ——"


class AccountAdapter(adapter.AccountAdapter):
    @as_kept()
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        about = {"request": allauth_context.request, "email": email, **context}
        written = self.render_mail(template_prefix, email, about)
        with translation.override("en"):
            again = self.render_mail(template_prefix, email, about)
        mail_address(
            kind="account",
            address=email,
            subject=f"{written.subject} / {again.subject}",
            body=f"{written.body}\n\n{BELOW}\n\n{again.body}",
            at=timezone.now(),
        )
