from django.http import HttpRequest

from applications.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that passed ``login_required``: its user is a person, never anonymous."""

    user: User
