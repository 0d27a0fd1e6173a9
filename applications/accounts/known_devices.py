"""Browsers that were let in before (device cookies, as OWASP describes them).

Whoever guesses somebody's password or tracking code from elsewhere soon meets the limit; the rightful person, at
the browser that was let in before, must not meet it too. So a browser that was let in gets a signed mark for that
one name (a sign-in address, a case number), and its tries are counted by the mark alone. The mark opens nothing by
itself: it is five tries more for whoever has it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac


@dataclass(frozen=True)
class DeviceCookie:
    """One cookie with the marks of the last ``most`` names, which are not readable in it."""

    cookie: str
    path: str
    days: int
    most: int

    def mark(self, request: HttpRequest, name: str) -> str | None:
        """The mark that this browser has for the name; None if it has none, or one that is forged or too old."""
        return self._marks(request).get(self._digest(name))

    def remember(
        self, request: HttpRequest, response: HttpResponse, name: str, *, shown: str | None = None
    ) -> None:
        """Give the browser a mark for the name; one that it has already stays the same, with its count.

        ``shown``: by what it was let in, where whoever throws the cookie away and shows that again must not get tries anew:
        all browsers that showed it have one mark, and are counted together.
        """
        marks = self._marks(request)
        digest = self._digest(name)
        # The newest stands last, the oldest goes.
        marks[digest] = marks.pop(digest, "") or (
            get_random_string(22) if shown is None else self._digest(shown)
        )
        kept = dict(list(marks.items())[-self.most :])
        response.set_cookie(
            self.cookie,
            signing.dumps(kept, salt=self.cookie),
            max_age=self.days * 24 * 3600,
            path=self.path,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )

    def _marks(self, request: HttpRequest) -> dict[str, str]:
        try:
            marks: dict[str, str] = signing.loads(
                request.COOKIES.get(self.cookie, ""), salt=self.cookie, max_age=self.days * 24 * 3600
            )
        except signing.BadSignature:
            return {}
        return marks

    def _digest(self, name: str) -> str:
        return salted_hmac(self.cookie, name, algorithm="sha256").hexdigest()[:32]


SIGN_IN = DeviceCookie("signed_in_before", path="/accounts/", days=180, most=8)
TRACKING = DeviceCookie("tracked_before", path="/track/", days=180, most=10)
VERIFYING = DeviceCookie("verified_before", path="/v/", days=180, most=1)
