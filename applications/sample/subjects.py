"""Companies, individual businesses and persons, all with 示 or 示例 in the name: nobody real is among them."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from applications.organs import regions
from applications.sample.codes import make_resident_id, make_uscc
from applications.sample.organs import CITIES
from applications.sample.people import SURNAMES

ORGANISATION, INDIVIDUAL_BUSINESS, NATURAL_PERSON = "法人及非法人组织", "个体工商户", "自然人"


class SampleSubject(NamedTuple):
    """``region`` is the city. ``code`` is a USCC, or the resident ID number of a person."""

    kind: str
    name: str
    code: str
    representative: str
    region: str
    trade: str


BRANDS = (
    "云杉", "青禾", "远帆", "晨溪", "恒岳", "金穗", "明湖", "长桥", "瑞木", "澄江", "和畅", "新泽", "丰原", "海棠",
    "启航", "宏图", "清源", "天麓", "佳禾", "永泰", "银杏", "春晖", "南山", "广陵", "松涛", "景行", "嘉树", "德润",
)  # fmt: skip
GIVEN = "安宁平和清远明达文彬思齐嘉禾子衿若水一帆书言"
COMPANIES = {
    "market": ("商贸有限公司", "食品有限公司", "电子商务有限公司"), "ecology": ("化工有限公司",),
    "safety": ("机械有限公司",), "construction": ("建设工程有限公司",), "transport": ("物流有限公司",),
    "fire": ("酒店管理有限公司",), "labour": ("劳务有限公司",), "drug": ("医药有限公司",),
}  # fmt: skip
SHOPS = {
    "market": "小吃店", "ecology": "洗车店", "safety": "五金加工店", "construction": "装饰材料店",
    "transport": "货运服务部", "fire": "旅馆", "labour": "家政服务部", "drug": "药店",
}  # fmt: skip
# Of 20 subjects: the rest are companies.
SHOPS_IN_20, PERSONS_IN_20 = 4, 2


def make_subjects(random: Random, today: date, wanted: dict[tuple[str, str], int]) -> list[SampleSubject]:
    """``wanted``: how many subjects of each (city, trade)."""
    subjects: list[SampleSubject] = []
    names: set[str] = set()
    for (region, trade), count in wanted.items():
        city = "江苏" if region == regions.PROVINCE else regions.name(region).removesuffix("市")
        place = random.choice(list(CITIES)) if region == regions.PROVINCE else region
        for _ in range(count):
            serial = len(subjects) + 1
            turn = serial % 20
            representative = random.choice(SURNAMES) + "示" + random.choice(GIVEN)
            if turn < PERSONS_IN_20:
                born = today - timedelta(days=random.randrange(24 * 365, 60 * 365))
                subjects.append(
                    SampleSubject(
                        NATURAL_PERSON,
                        representative,
                        make_resident_id(born, serial % 1000),
                        "",
                        region,
                        trade,
                    )
                )
                continue
            shop = turn < PERSONS_IN_20 + SHOPS_IN_20
            endings = (SHOPS[trade],) if shop else COMPANIES[trade]
            free = [
                name
                for ending in endings
                for brand in BRANDS
                if (name := f"{city}{brand}示例{ending}") not in names
            ]
            name = random.choice(free)
            names.add(name)
            subjects.append(
                SampleSubject(
                    INDIVIDUAL_BUSINESS if shop else ORGANISATION,
                    name,
                    make_uscc("92" if shop else "91", place, serial),
                    representative,
                    region,
                    trade,
                )
            )
    return subjects
