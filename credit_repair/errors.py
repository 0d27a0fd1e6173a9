"""The page for what went wrong on our side."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from applications.files.storage import says_full
from credit_repair.context import site

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever was under way is undone; a full disk has a page of its own, because waiting a minute does not help."""
    status = 507 if says_full(sys.exception()) else 500
    try:
        page: str = render_to_string(f"{status}.html", site(request))
    except Exception:
        # Also that no page can be made may be what went wrong.
        logger.exception("the page that says what went wrong could not be made")
        page = f'<!doctype html><meta charset="utf-8"><h1>{_("系统暂时不可用，请几分钟后重试。")}</h1><a href="/">{_("回到首页")}</a>'
    return HttpResponse(page, status=status)
