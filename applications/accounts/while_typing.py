"""What the page is answered that sends what is being typed (static/js/keep.js): whether it lies on the server, as one line."""

from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.limits import Limit, begin, clock_time
from applications.accounts.typed import MOST_BYTES, TooLong, keep_while_typing, kept_elsewhere

# A page sends at most four times a minute.
LIMIT = Limit("keep-typed", times=600, seconds=3600)


def keep(request: HttpRequest, *, at: datetime, csrf_failed: bool = False) -> JsonResponse:
    """``line``: what the person is told, empty where there was nothing to keep. Nothing of it is an event of the ledger:
    whoever types has not acted yet."""
    whom = str(request.user.pk or request.META.get("CSRF_COOKIE", ""))
    counted = begin(LIMIT, whom)
    if not counted.admitted:
        return _answer(
            429,
            _("没有保存：保存得太频繁，%(time)s以后再保存。内容还在本页上。")
            % {"time": clock_time(counted.until)},
        )
    try:
        kept = keep_while_typing(request, at=at, csrf_failed=csrf_failed)
    except TooLong:
        return _answer(
            413, _("没有保存：内容超过%(most)d KB。内容还在本页上。") % {"most": MOST_BYTES // 1024}
        )
    if kept is None:
        return _answer(
            403, _("没有保存：登录已经结束。内容还在本页上，请在新窗口登录，再打开本页，把内容复制过去。")
        )
    if kept.row is None:
        return _answer(200, "")
    time = f"{timezone.localtime(at):%H:%M}"
    if not request.user.is_authenticated:
        return _answer(
            200,
            _("登录已经结束，现在提交不会办理。内容已保存到服务器 %(time)s，登录后再打开本页，可以放回表单。")
            % {"time": time},
        )
    if request.user.pk != kept.writer:
        return _answer(
            200,
            _(
                "这个浏览器已经换了账号登录，现在提交不会办理。内容已为原来的账号保存到服务器 %(time)s，用它登录后再打开本页，可以放回表单。"
            )
            % {"time": time},
        )
    if csrf_failed:
        return _answer(
            200,
            _(
                "本页打开以后重新登录过，现在提交不会办理。内容已保存到服务器 %(time)s，再打开本页，可以放回表单。"
            )
            % {"time": time},
        )
    line = _("已保存到服务器 %(time)s") % {"time": time}
    if other := kept_elsewhere(request, kept.row):
        line += _("。同一张表单在另一个窗口也填写过（%(other)s），两份都保留；再打开本页可以看到。") % {
            "other": f"{timezone.localtime(other.kept_at):%m-%d %H:%M}"
        }
    return _answer(200, line)


def _answer(status: int, line: str) -> JsonResponse:
    return JsonResponse({"line": line}, status=status)
