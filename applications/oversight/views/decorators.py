"""Who may open a page of the desk: whoever is not signed in is asked to sign in; for anybody else it does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase

from applications.accounts.models import User
from applications.oversight.access import may_oversee
from applications.policies.access import may_adopt

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _only(may: Callable[[User], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            assert isinstance(request.user, User)
            if not may(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


for_overseers = _only(may_oversee)
for_adopters = _only(may_adopt)


def user_of(request: HttpRequest) -> User:
    """The person behind a guarded view."""
    assert isinstance(request.user, User)
    return request.user
