"""Organs of three kinds and levels. The names are those such bodies have; the numbers are invented."""

from typing import NamedTuple

from applications.organs import regions
from applications.sample.codes import make_uscc


class SampleOrgan(NamedTuple):
    code: str
    name: str
    document_prefix: str
    kind: str
    level: str
    region: str
    uscc: str
    phone: str
    address: str
    # With whom its decisions are challenged; empty of the organs that decide nothing.
    authority: str
    court: str
    # What the unit punishes: a key of penalties.TEMPLATES; empty for the other kinds of organ.
    trade: str


CITIES = {
    "320100": ("nj", "宁"), "320200": ("wx", "锡"), "320300": ("xz", "徐"), "320400": ("cz", "常"),
    "320500": ("sz", "苏州"), "320600": ("nt", "通"), "320700": ("lyg", "连"), "320800": ("ha", "淮"),
    "320900": ("yc", "盐"), "321000": ("yz", "扬"), "321100": ("zj", "镇"), "321200": ("tz", "泰"),
    "321300": ("sq", "宿"),
}  # fmt: skip
UNITS = {
    "scjg": ("市场监督管理局", "市监", "market"),
    "sthj": ("生态环境局", "环", "ecology"),
    "yjgl": ("应急管理局", "应急", "safety"),
    "zjj": ("住房和城乡建设局", "建", "construction"),
    "jtys": ("交通运输局", "交", "transport"),
    "xfjy": ("消防救援支队", "消", "fire"),
    "rsj": ("人力资源和社会保障局", "人社", "labour"),
}
IN_EVERY_CITY = ("scjg", "sthj")
IN_TURN = ("yjgl", "zjj", "jtys", "xfjy", "rsj")
COUNTY_UNITS = (
    ("320102", "nj-xw-scjg", "玄", "scjg"),
    ("320583", "sz-ks-scjg", "昆", "scjg"),
    ("320281", "wx-jy-yjgl", "澄", "yjgl"),
    ("320382", "xz-pz-sthj", "邳", "sthj"),
    ("321182", "zj-yz-zjj", "扬中", "zjj"),
)


# The district where the government of a city, or of the province, has its seat. Real courts may have been given the
# administrative cases of others; the sample keeps to the seat.
SEATS = {
    "320000": "320106", "320100": "320102", "320200": "320211", "320300": "320303", "320400": "320411",
    "320500": "320508", "320600": "320613", "320700": "320706", "320800": "320812", "320900": "320902",
    "321000": "321003", "321100": "321111", "321200": "321202", "321300": "321302",
}  # fmt: skip


def _government(region: str) -> str:
    """Which reviews the decisions of the departments of its own level (Administrative Reconsideration Law, Article 24)."""
    return f"{_place(region)}人民政府"


def _court(region: str) -> str:
    return f"{_place(SEATS.get(region, region))}人民法院"


def _place(region: str) -> str:
    """南京市玄武区, but 昆山市: a city of county level is named without the one that it belongs to."""
    full, city = regions.name(region), regions.name(regions.city_of(region))
    return full if full.endswith("区") else full.removeprefix(city) or full


def make_organs() -> list[SampleOrgan]:
    organs: list[SampleOrgan] = []

    def add(code: str, name: str, prefix: str, kind: str, level: str, region: str, trade: str = "") -> None:
        serial, decides = len(organs) + 1, kind != "credit_management"
        organs.append(
            SampleOrgan(
                code=code,
                name=name,
                document_prefix=prefix,
                kind=kind,
                level=level,
                region=region,
                uscc=make_uscc("12" if kind == "credit_bureau" else "11", region, serial),
                phone=f"0000-0000{serial:04d}",
                address=f"{regions.name(region)}示例路{serial}号",
                authority=_government(region) if decides else "",
                court=_court(region) if decides else "",
                trade=trade,
            )
        )

    province = regions.PROVINCE
    add("js-xyzx", "江苏省公共信用信息中心", "苏信中心", "credit_bureau", "province", province)
    add("js-fgw", "江苏省发展和改革委员会", "苏发改信", "credit_management", "province", province)
    add("js-yjj", "江苏省药品监督管理局", "苏药监", "identifying_unit", "province", province, "drug")
    add("js-jtt", "江苏省交通运输厅", "苏交", "identifying_unit", "province", province, "transport")
    for index, (region, (code, short)) in enumerate(CITIES.items()):
        city = regions.name(region)
        add(f"{code}-xyzx", f"{city}公共信用信息中心", f"{short}信中心", "credit_bureau", "city", region)
        add(f"{code}-fgw", f"{city}发展和改革委员会", f"{short}发改信", "credit_management", "city", region)
        for unit in (*IN_EVERY_CITY, IN_TURN[index % len(IN_TURN)]):
            name, mark, trade = UNITS[unit]
            add(f"{code}-{unit}", city + name, short + mark, "identifying_unit", "city", region, trade)
    for region, code, short, unit in COUNTY_UNITS:
        name, mark, trade = UNITS[unit]
        full = regions.name(region)
        add(code, full + name, short + mark, "identifying_unit", "county", region, trade)
    return organs
