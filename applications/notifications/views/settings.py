"""通知设置: by which channels somebody wants which messages, and the telephone for text messages; and what the gateway tells."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from applications.accounts.limits import Limit, address_of, begin, clock_time
from applications.accounts.models import User
from applications.notifications import phones, sms
from applications.notifications.forms import CodeForm, PhoneForm
from applications.notifications.models import Group, Message
from applications.notifications.preferences import CHOICES, choices_of, choose, texts_are_sent
from applications.outbox.signed import is_signed

Channel = Message.Channel
# Codes cost money and trouble whoever has the number: counted for the account, the network and the number.
CODES = Limit("phone-code", times=5, seconds=60 * 60)
WHAT = {
    Group.NOTICE: gettext_lazy("补正告知、受理和不予受理、决定、异议处理结果、认领结果、账号安全等"),
    Group.PROGRESS: gettext_lazy("同一主体的其他经办人提交、撤回申请或者提出异议，共享平台签收决定"),
    Group.REMINDER: gettext_lazy("您设了提醒的记录可以申请了，代办授权将要到期"),
}


class Cell(NamedTuple):
    """One channel of one group: chosen by ``name``, or as ``words`` say."""

    channel: str
    name: str = ""
    wanted: bool = False
    words: str = ""


def _table(user: User, *, confirmed: bool) -> list[tuple[str, str, list[Cell]]]:
    chosen = choices_of(user)
    table = []
    for group in Group:
        cells = []
        for channel in Channel if texts_are_sent() else (Channel.INBOX, Channel.EMAIL):
            label = str(channel.label)
            if (group, channel) not in CHOICES:
                words = _("不发送") if channel == Channel.SMS else _("始终发送")
                cells.append(Cell(label, words=words))
            elif channel == Channel.SMS and not confirmed:
                cells.append(Cell(label, words=_("确认手机号码后可选")))
            else:
                cells.append(Cell(label, f"{group}-{channel}", chosen[group, channel]))
        table.append((str(group.label), str(WHAT[group]), cells))
    return table


def _page(request: HttpRequest, user: User, *, status: int = 200, **forms: Any) -> HttpResponse:
    phone = phones.phone_of(user) if texts_are_sent() else None
    confirmed = phone is not None and phone.confirmed_at is not None
    context = {
        "table": _table(user, confirmed=confirmed),
        "texts": texts_are_sent(),
        "phone": phone,
        "number": phones.masked(phone) if phone else "",
        "confirmed": confirmed,
        "code_open": phone is not None and phones.code_is_open(phone, timezone.now()),
        "code_message": phones.code_message(user) if phone and not confirmed else None,
        "phone_form": PhoneForm(),
        "code_form": CodeForm(),
        **forms,
    }
    context["form"] = next(iter(forms.values()), None)
    return render(request, "notifications/settings.html", context, status=status)


View = Callable[[HttpRequest, User], HttpResponse]


def _own(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """For whoever acts for subjects: officers get what their duty asks for, and have nothing to choose."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        if request.user.is_staff:
            messages.info(request, _("工作人员的消息按职责发送，没有可以选择的。"))
            return redirect("notifications:inbox")
        return view(request, request.user)

    return login_required(wrapped)


def _with_texts(view: View) -> Callable[[HttpRequest], HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, user: User) -> HttpResponse:
        if not texts_are_sent():
            raise Http404
        return view(request, user)

    return require_POST(_own(wrapped))


@require_http_methods(["GET", "HEAD", "POST"])
@_own
def preferences(request: HttpRequest, user: User) -> HttpResponse:
    """Who sends the page chooses all that it offered: a box that was left empty is not sent."""
    phone = phones.phone_of(user) if texts_are_sent() else None
    if request.method != "POST":
        return _page(request, user)
    confirmed = phone is not None and phone.confirmed_at is not None
    wanted = {
        (group, channel): f"{group}-{channel}" in request.POST
        for group, channel in CHOICES
        if channel != Channel.SMS or confirmed
    }
    choose(user=user, wanted=wanted)
    messages.success(request, _("通知设置已保存，对以后的消息生效。"))
    return redirect("notifications:settings")


@_with_texts
def phone(request: HttpRequest, user: User) -> HttpResponse:
    """Name a telephone, or have another code sent to it."""
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _page(request, user, phone_form=form)
    number = form.cleaned_data["number"]
    attempt = begin(CODES, f"user {user.pk}", f"address {address_of(request)}", f"number {number}")
    if not attempt.admitted:
        form.add_error(
            "number",
            _("获取验证码次数过多，没有发送。请在%(until)s以后再试。") % {"until": clock_time(attempt.until)},
        )
        refused = _page(request, user, phone_form=form, status=429)
        refused["Retry-After"] = str(attempt.wait)
        return refused
    phones.name_phone(user=user, number=number, at=timezone.now())
    messages.info(request, _("验证码短信已交系统发送，请在下面输入收到的验证码。"))
    return redirect("notifications:settings")


@_with_texts
def phone_code(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            phones.confirm_phone(user=user, code=form.cleaned_data["code"], at=timezone.now())
        except ValidationError as refused:
            form.add_error("code", refused)
        else:
            messages.success(request, _("手机号码已确认。请选择哪些消息发送短信。"))
            return redirect("notifications:settings")
    return _page(request, user, code_form=form)


@_with_texts
def phone_remove(request: HttpRequest, user: User) -> HttpResponse:
    phones.forget_phone(user=user)
    messages.success(request, _("手机号码已删除，不再发送短信。"))
    return redirect("notifications:settings")


@csrf_exempt
@require_POST
def text_receipt(request: HttpRequest) -> JsonResponse:
    """What the gateway tells of a message, signed as our own messages to it are (docs/api/sms-gateway.yaml)."""
    if not texts_are_sent():
        raise Http404
    now = timezone.now()
    if not is_signed(
        key=settings.SMS_GATEWAY_KEY,
        timestamp=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
        body=request.body,
        now=now.timestamp(),
    ):
        return JsonResponse(
            {"error": "bad_signature", "message": _("签名不符，或者时间相差过大。")}, status=401
        )
    try:
        known = sms.note_receipt(content=request.body, at=now)
    except sms.Unreadable as error:
        return JsonResponse({"error": "invalid", "message": str(error)}, status=422)
    if not known:
        return JsonResponse({"error": "not_found", "message": _("没有这条短信。")}, status=404)
    return JsonResponse({"noted": True})
