"""What a page says."""

import re

from django.http import HttpResponse


def text(response: HttpResponse) -> str:
    return response.content.decode()


def one_line(response: HttpResponse) -> str:
    """With every run of white space as one space, however the template breaks its lines."""
    return " ".join(text(response).split())


def seen(response: HttpResponse) -> str:
    """As it is read: no tags and no white space."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text(response)))
