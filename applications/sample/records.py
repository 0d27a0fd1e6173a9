"""Penalty decisions in every state, as rows of a record file: heading → text."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from applications.organs import regions
from applications.sample.organs import SampleOrgan
from applications.sample.penalties import TEMPLATES, Template, confiscation
from applications.sample.subjects import NATURAL_PERSON, SampleSubject, make_subjects

Row = dict[str, str]
SEED = 20200926
SUBJECTS_A_UNIT, RECORDS_A_UNIT = 7, 14
# The unit whose desk the demonstration shows has enough for an application in every state.
BUSY_UNIT, ITS_SUBJECTS, ITS_RECORDS = "nj-scjg", 60, 120
# Days ago of the decision: too early, repairable, expired, as seen on the day of the sample. The margins leave
# some of each for months to come.
AGES = {
    "一般": ((2, 80), (100, 350), (380, 700)),
    "严重": ((5, 170), (200, 1050), (1110, 1300)),
}
STATES_IN_TURN = (0, 1, 1, 0, 1, 2, 1)
FULFILMENT_IN_TURN = ("all", "all", "none", "all", "part", "all")
WITHOUT_DUTY = {"警告"}
GRAVE = ("责令停产停业", "吊销许可证件", "吊销营业执照")
FOR_PERSONS = ("market", "transport", "safety", "fire", "ecology")


class Sample:
    """The subjects and the rows of every unit, by the unit's code."""

    def __init__(self, organs: Sequence[SampleOrgan], today: date) -> None:
        self.random = Random(SEED)
        self.today = today
        self.serials: dict[tuple[str, int], int] = defaultdict(int)
        self.rows: dict[str, list[Row]] = {}
        units = [organ for organ in organs if organ.kind == "identifying_unit"]
        wanted: dict[tuple[str, str], int] = defaultdict(int)
        for unit in units:
            subjects = ITS_SUBJECTS if unit.code == BUSY_UNIT else SUBJECTS_A_UNIT
            wanted[regions.city_of(unit.region), unit.trade] += subjects
        self.subjects = make_subjects(self.random, today, wanted)
        by_place: dict[tuple[str, str], list[SampleSubject]] = defaultdict(list)
        for subject in self.subjects:
            by_place[subject.region, subject.trade].append(subject)
        for unit in units:
            mine = by_place[regions.city_of(unit.region), unit.trade]
            count = ITS_RECORDS if unit.code == BUSY_UNIT else RECORDS_A_UNIT
            self.rows[unit.code] = [self._row(unit, mine[index % len(mine)], index) for index in range(count)]

    def _row(self, unit: SampleOrgan, subject: SampleSubject, index: int) -> Row:
        templates = TEMPLATES[unit.trade]
        template = templates[index % len(templates)]
        if subject.kind == NATURAL_PERSON:
            template = next(each for each in templates if each.severity == "一般" and not each.confiscated)
        low, high = AGES[template.severity][STATES_IN_TURN[index % len(STATES_IN_TURN)]]
        decided_on = self.today - timedelta(days=self.random.randint(low, high))
        return self.make_row(
            unit,
            subject,
            template,
            decided_on,
            FULFILMENT_IN_TURN[(index + len(unit.code)) % len(FULFILMENT_IN_TURN)],
        )

    def make_row(
        self, unit: SampleOrgan, subject: SampleSubject, template: Template, decided_on: date, fulfilment: str
    ) -> Row:
        """One decision. ``fulfilment``: "all", "part" or "none" of the duties are fulfilled."""
        self.serials[unit.code, decided_on.year] += 1
        serial = self.serials[unit.code, decided_on.year]
        number = f"{unit.document_prefix}罚〔{decided_on.year}〕{serial}号"
        fine, confiscated = self._amount(template.fine), self._amount(template.confiscated)
        is_person = subject.kind == NATURAL_PERSON
        content = "；".join(
            part
            for part in (
                f"罚款{fine}万元" if fine else "",
                *confiscation(template, confiscated),
                *(
                    penalty
                    for penalty in template.penalties.split("；")
                    if penalty in (*GRAVE, *WITHOUT_DUTY)
                ),
                "降低资质等级" if "降低资质等级" in template.penalties else "",
            )
            if part
        )
        return {
            "行政相对人名称": subject.name,
            "行政相对人类别": subject.kind,
            "行政相对人代码_1（统一社会信用代码）": "" if is_person else subject.code,
            "法定代表人": subject.representative,
            "证件类型": "身份证" if is_person else "",
            "证件号码": subject.code if is_person else "",
            "行政处罚决定书文号": number,
            "违法行为类型": template.violation,
            "违法事实": template.facts,
            "处罚依据": template.basis,
            "处罚类别": template.penalties,
            "处罚内容": content,
            "罚款金额（万元）": fine,
            "没收违法所得、没收非法财物的金额（万元）": confiscated,
            "暂扣或吊销证照名称及编号": template.permit,
            "处罚决定日期": decided_on.isoformat(),
            "处罚有效期": "2099-12-31",
            "处罚机关": unit.name,
            "处罚机关统一社会信用代码": unit.uscc,
            "数据来源单位": unit.name,
            "数据来源单位统一社会信用代码": unit.uscc,
            "备注": "示例数据",
            "失信严重程度": template.severity,
            "失信领域": template.domains,
            "失信行为": template.conducts,
            "履行状态": self._fulfilment(template, decided_on, fulfilment),
        }

    def _amount(self, between: tuple[float, float] | None) -> str:
        return f"{self.random.uniform(*between):.2f}" if between else ""

    def _fulfilment(self, template: Template, decided_on: date, fulfilment: str) -> str:
        duties = [each for each in template.penalties.split("；") if each not in WITHOUT_DUTY]
        if not duties:
            return "无"
        paid_on = min(decided_on + timedelta(days=self.random.randint(1, 30)), self.today)
        if fulfilment == "none":
            return "未履行"
        if fulfilment == "all":
            return f"已履行完毕({paid_on})"
        states = [f"{duties[0]}:{paid_on}", *(f"{duty}:未履行" for duty in duties[1:])]
        return "；".join([*states, "责令改正:未履行"])
