"""What is new, for readers of feeds. They keep what they read, so a feed says only what stays true and may be kept: of a
commitment that there is one and where, not whose; of a record nothing (ADR 0051)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.commitments.models import Commitment, CommitmentKind
from applications.commitments.selectors import narrowed
from applications.language import as_kept
from applications.portal.guidance import rules_in_force
from applications.portal.models import PublishedMonth
from applications.training.selectors import meetings_to_come, open_courses, with_editions

LATEST = 50


@dataclass(frozen=True)
class Notice:
    """Something that everybody may know, since when, and where it stands."""

    title: str
    text: str
    at: datetime
    address: str


class Chinese(Feed[Any, Any]):
    """A feed is the same for everybody, whatever language the page is read in."""

    feed_type = Atom1Feed
    language = settings.LANGUAGE_CODE

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with as_kept():
            return super().__call__(request, *args, **kwargs)


class Commitments(Chinese):
    """Commitments of own will (Article 15)."""

    def title(self) -> str:
        return _("新公示的主动型信用承诺")

    def subtitle(self) -> str:
        return _("只说明有新的承诺，不写承诺人：承诺人可以撤回公示。")

    def link(self) -> str:
        return reverse("commitments:list")

    def items(self) -> list[Commitment]:
        return list(narrowed(kind=CommitmentKind.PROACTIVE)[:LATEST])

    def item_title(self, item: Commitment) -> str:
        return _("%(organ)s公示一份主动型信用承诺") % {"organ": item.document.organ}

    def item_description(self, item: Commitment) -> str:
        return _("内容见页面。公示撤回以后，页面不再显示。")

    def item_link(self, item: Commitment) -> str:
        return reverse("commitments:detail", args=[item.pk])

    def item_pubdate(self, item: Commitment) -> datetime:
        assert item.published_at is not None
        return item.published_at

    item_updateddate = item_pubdate


class Notices(Chinese):
    """Training, implementing rules, and the figures of a month that is over (Articles 12, 16 and 18)."""

    def title(self) -> str:
        return _("信用修复通知公告")

    def subtitle(self) -> str:
        return _("培训课程和现场培训、实施细则、各机构每月办理情况。")

    def link(self) -> str:
        return reverse("portal:home")

    def get_object(self, request: HttpRequest, at: datetime) -> datetime:
        return at

    def items(self, at: datetime) -> list[Notice]:
        found = [*_courses(), *_meetings(at), *_rules(at), *_months()]
        return sorted(found, key=lambda notice: notice.at, reverse=True)[:LATEST]

    def item_title(self, item: Notice) -> str:
        return item.title

    def item_description(self, item: Notice) -> str:
        return item.text

    def item_link(self, item: Notice) -> str:
        return item.address

    def item_pubdate(self, item: Notice) -> datetime:
        return item.at

    item_updateddate = item_pubdate


def _courses() -> Iterator[Notice]:
    for course, edition in with_editions(open_courses()[:LATEST]):
        yield Notice(
            _("线上课程：%(title)s") % {"title": edition.title},
            _("%(organ)s组织，第%(number)d版。") % {"organ": course.organ, "number": edition.number},
            edition.published_at,
            reverse("training:course", args=[course.pk]),
        )


def _meetings(at: datetime) -> Iterator[Notice]:
    for meeting in meetings_to_come(at)[:LATEST]:
        yield Notice(
            _("现场培训：%(title)s") % {"title": meeting.title},
            _("%(organ)s组织。时间、地点和名额见页面。") % {"organ": meeting.organ},
            meeting.made_at,
            reverse("training:meeting", args=[meeting.pk]),
        )


def _rules(at: datetime) -> Iterator[Notice]:
    for rules in rules_in_force(localdate(at)).order_by("-confirmed_at")[:LATEST]:
        assert rules.confirmed_at is not None
        yield Notice(
            _("实施细则：%(title)s（%(number)s）") % {"title": rules.title, "number": rules.document_number},
            _("%(unit)s制定，自%(day)s起施行。")
            % {"unit": rules.unit, "day": f"{rules.effective_from:%Y-%m-%d}"},
            rules.confirmed_at,
            reverse("portal:rules"),
        )


def _months() -> Iterator[Notice]:
    for each in PublishedMonth.objects.all()[:12]:
        yield Notice(
            _("%(year)d年%(month)d月各机构办理情况") % {"year": each.month.year, "month": each.month.month},
            _("按机构和期限公布办结件数、按期率和用时。"),
            each.published_at,
            f"{reverse('portal:performance')}?period={each.month:%Y-%m}",
        )
