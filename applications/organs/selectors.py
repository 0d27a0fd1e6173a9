from django.db.models import Q, QuerySet

from applications.organs import regions
from applications.organs.models import Organ


def organs_under(organ: Organ) -> QuerySet[Organ]:
    """The organs that an organ's administrators look after: itself, and, for a credit bureau, which runs the
    platform (Article 10), every organ of its region."""
    under = Q(pk=organ.pk)
    if organ.kind == Organ.Kind.CREDIT_BUREAU:
        under |= Q(region__in=[code for code in regions.codes() if regions.covers(organ.region, code)])
    return Organ.objects.filter(under)


def all_bureaus() -> QuerySet[Organ]:
    """The credit bureaus in the order of the divisions."""
    return Organ.objects.filter(kind=Organ.Kind.CREDIT_BUREAU).order_by("region", "code")


def bureau_at(region: str) -> int | None:
    """The id of the first credit bureau of exactly this division."""
    return all_bureaus().filter(region=region).values_list("pk", flat=True).first()


def credit_bureaus(place: str = "") -> list[Organ]:
    """The credit bureaus for a place as somebody names it (玄武, 南京, 玄武区), in the order of the divisions: of the place,
    of its city and of the province. All of them for an empty name, none for a place that is not here."""
    bureaus = all_bureaus()
    place = "".join(place.split())
    if not place:
        return list(bureaus)
    wanted = {code for code in regions.codes() if code != regions.PROVINCE and place in regions.name(code)}
    if place in regions.name(regions.PROVINCE):
        wanted.add(regions.PROVINCE)
    if not wanted:
        return []
    return list(bureaus.filter(region__in={*wanted, *map(regions.city_of, wanted), regions.PROVINCE}))


def whom_to_ask(organ: Organ) -> Organ:
    """The organ itself where people know how to reach it; else the nearest credit bureau that they can."""
    if organ.phone or organ.address:
        return organ
    wider = [organ.region, regions.city_of(organ.region), regions.PROVINCE]
    reachable = Organ.objects.filter(kind=Organ.Kind.CREDIT_BUREAU, region__in=wider).exclude(phone="")
    return max(reachable, key=lambda bureau: -wider.index(bureau.region), default=organ)
