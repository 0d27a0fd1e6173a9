"""Mail about accounts: it goes through the outbox like every other (the rest of the adapter: accounts/adapter.py)."""

from typing import Any

from allauth.core import context as allauth_context
from django.utils import timezone

from applications.accounts import adapter
from applications.language import as_kept
from applications.notifications.services import mail_address


class AccountAdapter(adapter.AccountAdapter):
    @as_kept()
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        written = self.render_mail(
            template_prefix, email, {"request": allauth_context.request, "email": email, **context}
        )
        mail_address(
            kind="account",
            address=email,
            subject=str(written.subject),
            body=str(written.body),
            at=timezone.now(),
        )
