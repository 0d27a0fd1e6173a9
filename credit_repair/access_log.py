"""Logs that name pages, not people. Addresses of pages hold verification codes, password links and, in the query,
names and identity numbers that somebody looked for: what is logged is the template of the path and no query."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from gunicorn.glogging import Logger


def path_template(path: str) -> str:
    """/v/<str:code>/ for /v/K7…/. Style sheets keep their names; what is no page is only called so."""
    if path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        return path
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return "(no page)"


class TemplatesForPaths(logging.Filter):
    """For the lines of Django, which quote the path of the request that went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(path_template(path) if each == path else each for each in record.args)
        return True


class GunicornLogger(Logger):
    """gunicorn's lines, with the visitor's address instead of the proxy's."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> dict[str, Any]:
        page = path_template(environ.get("PATH_INFO", ""))
        address = environ.get("REMOTE_ADDR", "-")
        if settings.BEHIND_PROXY:
            # The one proxy wrote it itself and took away whatever the visitor had claimed.
            address = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or address
        known: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            key: known[key] for key in ("l", "t", "s", "m", "H", "b", "B", "a", "T", "D", "M", "L", "p")
        } | {
            "h": address,
            "u": "-",
            "r": f"{known['m']} {page} {known['H']}",
            "U": page,
            "q": "",
            "f": "-",
        }

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        # The health check of the container, every few seconds.
        if environ.get("PATH_INFO") != "/livez/":
            super().access(resp, req, environ, request_time)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """“Error handling request /…”: the address is quoted with its query."""
        shown = [
            path_template(each.partition("?")[0]) if isinstance(each, str) and each.startswith("/") else each
            for each in args
        ]
        super().exception(msg, *shown, **kwargs)
