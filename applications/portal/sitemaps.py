"""Which pages search engines may know: those that name no person, no subject, no record, and need no code."""

from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from applications.organs.models import Organ
from applications.portal.models import OrganMonth
from applications.training.models import Course
from applications.training.selectors import open_courses


class Pages(Sitemap[str]):
    def items(self) -> list[str]:
        pages = (
            "home",
            "guide",
            "rules",
            "organs",
            "performance",
            "open_data",
            "privacy",
            "accessibility",
        )
        return [*(f"portal:{page}" for page in pages), "deadlines:calculator", "training:offered"]

    def location(self, item: str) -> str:
        return reverse(item)


class Courses(Sitemap[Course]):
    def items(self) -> QuerySet[Course]:
        return open_courses()

    def location(self, item: Course) -> str:
        return reverse("training:course", args=[item.pk])


class Organs(Sitemap[Organ]):
    """The pages of those about whom there are figures."""

    def items(self) -> QuerySet[Organ]:
        return Organ.objects.filter(pk__in=OrganMonth.objects.values("organ")).order_by("pk")

    def location(self, item: Organ) -> str:
        return reverse("portal:organ_performance", args=[item.code])


SITEMAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {
    "pages": Pages,
    "courses": Courses,
    "organs": Organs,
}
