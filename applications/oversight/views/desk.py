"""The department's desk (Article 14): figures, and behind each number its list."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.calendars.selectors import calendar, waiting_for
from applications.deadlines.models import Deadline
from applications.deadlines.wording import marked
from applications.documents.templatetags.dates import zh_day, zh_moment
from applications.objections.models import Objection
from applications.organs import regions
from applications.organs.models import Organ
from applications.oversight import selectors
from applications.oversight.figures import figures_of
from applications.oversight.views.decorators import for_overseers, user_of
from applications.repairs.assessing import FINDING_LABELS
from applications.repairs.models import RepairCase
from applications.repairs.turns import stranded
from applications.sharing.selectors import waiting_for as platforms_waiting_for

ROWS_A_PAGE = 50
# A cell of a list: its text, and where it leads (nowhere if empty).
Cell = tuple[str, str]


def _realm(request: HttpRequest) -> selectors.Realm:
    organ = user_of(request).organ
    assert organ is not None
    return selectors.Realm(organ.region, timezone.localdate())


@require_safe
@for_overseers
def desk(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    realm, now = _realm(request), timezone.now()
    figures = figures_of(realm.region, now)
    system_status = selectors.system_status(realm, now)
    return render(
        request,
        "oversight/desk.html",
        {
            "realm": realm,
            "place": regions.name(realm.region),
            "now": now,
            "counted_at": figures.at,
            "tables": selectors.clock_tables(realm, figures.counted),
            "refusals": selectors.refusal_count(figures.counted),
            "reasons": selectors.refusal_reasons(figures.counted),
            "outcomes": selectors.objection_outcomes(figures.counted),
            "repeated": selectors.repeated_count(figures.counted),
            "system_status": system_status,
            "age": system_status.age(now),
            "stranded": stranded(realm.today, realm.prefix).select_related("organ").order_by("number"),
            "waiting": [
                (
                    f"{change._meta.verbose_name} {change}",
                    reverse(
                        f"admin:{change._meta.app_label}_{change._meta.model_name}_change", args=[change.pk]
                    ),
                )
                for change in (*waiting_for(request.user), *platforms_waiting_for(request.user))
            ],
        },
    )


def _list(
    request: HttpRequest,
    title: str,
    headings: Sequence[str],
    rows: Any,
    cells: Callable[[Any], Sequence[Cell]],
    numbers: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """A list of rows; ``numbers`` gives a row's case number, which is linked to the case."""
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    links = _case_links([numbers(row) for row in shown]) if numbers else {}
    lines = [
        ([(numbers(row), links.get(numbers(row), ""))] if numbers else []) + list(cells(row)) for row in shown
    ]
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "oversight/list.html",
        {
            "title": title,
            "headings": headings,
            "lines": [list(zip(headings, line, strict=True)) for line in lines],
            "page": page,
            "query": query.urlencode(),
        },
    )


def _case_links(numbers: Sequence[str]) -> dict[str, str]:
    cases = RepairCase.objects.filter(number__in=numbers).values_list("number", "pk")
    return {number: reverse("admin:repairs_repaircase_change", args=[pk]) for number, pk in cases}


def _known(value: str, allowed: Any) -> str:
    if value and value not in allowed:
        raise Http404
    return value


@require_safe
@for_overseers
def clocks(request: HttpRequest, shown: str) -> HttpResponse:
    """The clocks behind one number."""
    _known(shown, selectors.SHOWN)
    kind = _known(request.GET.get("kind", ""), Deadline.Kind.values)
    code = request.GET.get("organ", "")
    organ = Organ.objects.filter(code=code).first() if code else None
    if code and organ is None:
        raise Http404
    parts = [Deadline.Kind(kind).label if kind else _("全部期限"), selectors.SHOWN[shown]]
    if organ:
        parts.insert(0, organ.name)

    today = timezone.localdate()

    def days_late(clock: Deadline) -> int:
        """Final for a clock that was met; so far for one that runs."""
        if clock.is_open and clock.due_on < today:
            return calendar(clock.organ.region).count(clock.due_on, today)
        return clock.days_late

    def cells(clock: Deadline) -> list[Cell]:
        return [
            (clock.organ.name, ""),
            (clock.get_kind_display(), ""),
            (zh_day(clock.started_on), ""),
            (marked(zh_day(clock.due_on), clock.provisional), ""),
            (zh_day(clock.met_on) or "—", ""),
            (str(days_late(clock) or "—"), ""),
        ]

    return _list(
        request,
        "，".join(str(part) for part in parts),
        [
            _("办件编号"),
            _("责任机构"),
            _("期限"),
            _("起算日"),
            _("届满日"),
            _("办结日"),
            _("逾期工作日"),
        ],
        selectors.clocks(_realm(request), shown=shown, kind=kind, organ=code),
        cells,
        lambda clock: clock.case_number,
    )


@require_safe
@for_overseers
def refusals(request: HttpRequest) -> HttpResponse:
    """This year's refusals, or those for one reason."""
    reason = _known(request.GET.get("reason", ""), FINDING_LABELS)
    title = _("今年不予修复的决定")
    if reason:
        title = _("今年不予修复的决定：未具备“%(reason)s”") % {"reason": FINDING_LABELS[reason]}

    def cells(refusal: selectors.Refusal) -> list[Cell]:
        failed = "、".join(FINDING_LABELS.get(code, code) for code in refusal.failed)
        return [(refusal.organ, ""), (zh_moment(refusal.on), ""), (failed, "")]

    return _list(
        request,
        title,
        [_("办件编号"), _("决定机构"), _("决定时间"), _("未具备的条件")],
        selectors.refusals(_realm(request), reason=reason),
        cells,
        lambda refusal: refusal.case_number,
    )


@require_safe
@for_overseers
def objections(request: HttpRequest) -> HttpResponse:
    """This year's objections, or those of one outcome."""
    asked = _known(request.GET.get("outcome", ""), ["open", *Objection.Outcome.values])
    outcome = {"": None, "open": ""}.get(asked, asked)

    def cells(objection: Objection) -> list[Cell]:
        return [
            (objection.case.organ.name, ""),
            (zh_moment(objection.filed_at), ""),
            (zh_moment(objection.handled_at) or "—", ""),
            (str(objection.get_outcome_display()) or _("尚未处理"), ""),
        ]

    return _list(
        request,
        _("今年的异议"),
        [_("办件编号"), _("办理机构"), _("收到"), _("处理"), _("结果")],
        selectors.objections(_realm(request), outcome=outcome),
        cells,
        lambda objection: objection.case.number,
    )


@require_safe
@for_overseers
def corrections(request: HttpRequest) -> HttpResponse:
    """Correction notices beyond the one that Article 8 foresees."""
    return _list(
        request,
        _("今年再次告知补正的申请"),
        [_("办件编号"), _("办理机构"), _("告知时间"), _("第几次")],
        selectors.repeated_corrections(_realm(request)),
        lambda notice: [
            (notice.case.organ.name, ""),
            (zh_moment(notice.sent_at), ""),
            (str(notice.round), ""),
        ],
        lambda notice: notice.case.number,
    )


@require_safe
@for_overseers
def deliveries(request: HttpRequest, state: str) -> HttpResponse:
    """Decisions that the sharing platform has not receipted."""
    _known(state, selectors.DELIVERY_STATES)
    return _list(
        request,
        _("推送失败，待人工处理") if state == "dead" else _("平台尚未签收的决定"),
        [
            _("办件编号"),
            _("决定机构"),
            _("共享平台"),
            _("写入时间"),
            _("次数"),
            _("最近错误"),
        ],
        selectors.deliveries(_realm(request), state=state).select_related("organ", "destination"),
        lambda delivery: [
            (str(delivery.organ or ""), ""),
            (str(delivery.destination or _("没有可接收的平台")), ""),
            (zh_moment(delivery.created_at), ""),
            (str(delivery.attempts), ""),
            (delivery.last_error or "—", ""),
        ],
        lambda delivery: delivery.about,
    )
