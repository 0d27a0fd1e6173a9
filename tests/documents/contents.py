"""The contents of documents of every kind, as the apps above hand them over."""

from copy import deepcopy
from typing import Any

COMMON: dict[str, Any] = {
    "case_number": "XF-320100-2026-004217-7",
    "subject": {
        "name": "南京示例食品有限公司",
        "code": "91350100M000100Y43",
        "kind": "organisation",
    },
    "record": {
        "document_number": "宁市监处罚〔2026〕15号",
        "decided_on": "2026-05-01",
        "identified_on": "2026-05-01",
        "identifying_unit": "南京市市场监督管理局",
        "severity": "general",
        "violation": "违反食品标签管理规定：标签未标明生产日期。",
        "penalties": ["fine", "warning"],
    },
    "organ": {
        "name": "南京市市场监督管理局",
        "phone": "025-00000001",
        "address": "南京市建邺区示例路10号",
    },
    "date": "2026-12-02",
}
POLICY = {
    "id": "jiangsu-2020-4",
    "title": "关于完善信用修复机制保障信用主体权益的通知",
    "document": "苏信用发〔2020〕4号",
}
REMEDIES = "不服本决定的，可以自知道之日起60日内向南京市人民政府申请行政复议，也可以在6个月内向人民法院提起行政诉讼。"
OWN: dict[str, dict[str, Any]] = {
    "objection_receipt": {
        "policy": POLICY,
        "objection": {
            "filed_at": "2026-11-27T09:30:15+08:00",
            "decision_number": "宁市监信修不〔2026〕3号",
            "disputed": ["行政处理决定和司法裁判明确的法定责任和义务已经履行完毕"],
            "grounds": "罚款已于2026年6月2日缴清，凭证附后。",
        },
        "answer_by": {"date": "2026-12-04", "working_days": 5, "basis": "第十三条", "provisional": False},
        "evidence": [{"name": "缴款凭证（补打）.pdf", "pages": 1, "sha256": "c3" * 32}],
    },
    "repair_certificate": {
        "policy": POLICY,
        "decision": {
            "number": "宁市监信修准〔2026〕8号",
            "organ": "南京市市场监督管理局",
            "decided_on": "2026-11-25",
        },
        "stated_at": "2026-12-02T10:00:00+08:00",
    },
    "training_certificate": {
        "person": "陈示例",
        "way": "online",
        "course": "信用修复怎样办：条件、材料、程序和权利",
        "public_interest": True,
        "begun_on": "2026-11-20",
        "completed_on": "2026-12-02",
        "chapters": 6,
        "questions": 7,
        "needed": 6,
        "right": 7,
    },
    "receipt": {
        "submitted_at": "2026-11-23T09:30:15+08:00",
        "answer_by": {"date": "2026-11-26", "working_days": 3, "provisional": False},
        "materials": [
            {
                "kind": "证照材料复印件（加盖公章）",
                "name": "营业执照（副本）.pdf",
                "pages": 2,
                "sha256": "a1" * 32,
            },
            {"kind": "履行完毕证明", "name": "罚款缴款收据.jpg", "pages": 1, "sha256": "b2" * 32},
        ],
        "tracking_code": "482913",
    },
    "repair_notice": {
        "policy": POLICY,
        "article": "四",
        "shortest": "3个月",
        "longest": "1年",
        "public_until": "2027-05-01",
        "public": True,
        "earliest_on": "2026-08-02",
        "barred_until": "",
        "conditions": ["已纠正失信行为"],
        "materials": ["信用修复承诺书", "证照材料复印件（加盖公章）"],
        "contacts": [{"name": "南京市公共信用信息中心", "phone": "025-00000002", "address": ""}],
    },
    "repair_form": {
        "policy": POLICY,
        "inquiry": {
            "number": "HS-320100-2026-000001",
            "organ": "南京市公共信用信息中心",
            "asked_on": "2026-11-24",
        },
        "penalty": "罚款人民币叁仟元整。",
        "representative": "陈示例",
        "contact": "陈经办",
        "items": [
            {"name": "失信行为已经纠正", "done": True, "on": "2026-06-01"},
            {"name": "缴纳罚款", "done": False, "on": ""},
        ],
        "confirms": False,
        "note": "罚款尚有2000元未缴。",
    },
    "revocation_decision": {
        "policy": POLICY,
        "grant": {"number": "宁市监信修准〔2026〕12号", "issued_on": "2026-11-25"},
        "facts": "申请人提交的缴款凭证经开户银行核实系伪造，罚款至今未缴。",
        "statement": "2026年11月26日当面告知，申请人没有提出意见。",
        "effects": [
            "上述失信行为信息的修复标注予以取消；",
            "该信息自本决定作出之日起恢复公示，公示至2027年5月1日；",
            "你（单位）作出的《信用修复承诺书》（宁市监信修承〔2026〕12号）记录为违背承诺；",
            "本决定推送公共信用信息共享平台。",
        ],
        "reapply": "提交真实的材料、具备规定的条件的，可以重新提出申请。",
        "copies": ["公共信用信息共享平台"],
        "remedies": REMEDIES,
    },
    "termination_notice": {
        "received_on": "2026-11-23",
        "reason": "南京市人民政府行政复议决定撤销原行政处罚。",
        "withdrawn_on": "2026-12-02",
        "remedies": REMEDIES,
    },
    "commitment": {
        "paragraphs": [
            "南京市市场监督管理局于2026年5月1日作出宁市监处罚〔2026〕15号决定。我方申请信用修复，并作出以下承诺：",
            "一、所提交的材料合法、真实、准确、有效。",
            "二、已经纠正失信行为，履行完毕法定责任和义务，今后在生产经营中遵守法律法规，诚实守信。",
            "三、自愿接受政府、行业组织、社会公众和新闻媒体的监督；违背承诺的，自愿承担相应责任。",
        ],
        "signatory": "陈示例",
        "signed_at": "2026-11-23T09:20:05+08:00",
        "consent": True,
    },
    "acceptance_notice": {
        "received_on": "2026-11-23",
        "accepted_on": "2026-11-24",
        "decide_by": {"date": "2026-12-03", "working_days": 7, "provisional": False},
        "officer": "王受理",
    },
    "correction_notice": {
        "received_on": "2026-11-23",
        "items": [
            {
                "material": "证照材料复印件（加盖公章）",
                "defect": "复印件没有加盖公章。",
                "requirement": "请在营业执照副本复印件上加盖公章后重新扫描上传。",
            },
            {
                "material": "履行完毕证明",
                "defect": "收据上看不清处罚决定书文号。",
                "requirement": "请上传写明“宁市监处罚〔2026〕15号”的缴款收据，分辨率不低于150dpi。",
            },
        ],
        "officer": "王受理",
    },
    "non_acceptance_notice": {
        "received_on": "2026-11-23",
        "ground": "根据《通知》第三条、第七条，该失信行为信息的信用修复不由我单位办理。",
        "reason": "该失信行为信息由苏州市生态环境局认定，不在我单位职责范围内。",
        "whereto": "本事项由苏州市生态环境局办理，请向该单位提出申请。",
    },
    "grant_decision": {
        "copies": ["公共信用信息共享平台", "南京市市场监督管理局"],
        "accepted_on": "2026-11-24",
        "policy": POLICY,
        "findings": [
            {
                "code": "minimum_period",
                "article": "四",
                "label": "不少于3个月",
                "reason": "自2026年5月1日认定起已满3个月。",
            },
            {
                "code": "corrected",
                "article": "四",
                "label": "已纠正失信行为",
                "reason": "标签已于2026年6月1日全部更换。",
            },
            {
                "code": "obligations_fulfilled",
                "article": "四",
                "label": "履行完毕法定责任和义务",
                "reason": "罚款已于2026年6月1日缴清。",
            },
            {
                "code": "commitment_signed",
                "article": "四",
                "label": "作出信用承诺",
                "reason": "承诺书于2026年11月23日签署。",
            },
            {
                "code": "publication_consent",
                "article": "四",
                "label": "同意向社会公开",
                "reason": "签署时同意公开。",
            },
        ],
        "effects": [
            "在该失信行为信息及信用档案中予以标注。",
            "在相关平台和网站上撤销公示。",
            "不再作为信用惩戒的依据。",
        ],
        "publicity_withdrawn_at": "2026-12-02T14:03:09+08:00",
    },
    "refusal_decision": {
        "accepted_on": "2026-11-24",
        "policy": POLICY,
        "findings": [
            {
                "code": "obligations_fulfilled",
                "article": "四",
                "label": "履行完毕法定责任和义务",
                "reason": "罚款尚有3000元未缴清。",
                "note": "收据只载明2000元。",
                "remedy": "缴清全部罚款后提交完整收据。",
                "earliest_on": None,
            },
            {
                "code": "minimum_period",
                "article": "四",
                "label": "不少于3个月",
                "reason": "自认定之日起尚不足3个月。",
                "note": "",
                "remedy": "",
                "earliest_on": "2027-02-02",
            },
        ],
        "reapply": "缴清罚款后，自2027年2月2日起可以再次提出申请，不限次数。",
        "objection": {"organ": "南京市市场监督管理局", "working_days": 5, "article": "十三"},
        "remedies": REMEDIES,
    },
    "objection_result": {
        "objection": {
            "filed_on": "2026-12-07",
            "decision_number": "宁市监信修不〔2026〕3号",
            "grounds": "罚款已于2026年6月1日缴清，收据在第二页。",
        },
        "outcome": "overturned",
        "reasons": "经核实，缴款收据共两页，第二页载明其余3000元已经缴清。",
        "remedies": "",
        "new_decision": "宁市监信修准〔2026〕8号",
    },
    "information_result": {
        "objection_number": "YY-320100-2026-000003",
        "filed_on": "2026-11-25",
        "grounds": "决定书写的是3000元，标签有生产日期。",
        "outcome": "partly",
        "items": [
            {
                "label": "罚款金额（万元）",
                "stated": "0.5",
                "wanted": "0.3",
                "accepted": True,
                "corrected": "0.3",
            },
            {
                "label": "违法事实",
                "stated": "标签未标明生产日期。",
                "wanted": "没有这回事。",
                "accepted": False,
                "corrected": "",
            },
        ],
        "reasons": "决定书载明罚款3000元；现场照片上没有生产日期。",
        "remedies": REMEDIES,
    },
}


def content_of(kind: str, **changes: Any) -> dict[str, Any]:
    return deepcopy({**COMMON, **OWN[kind], **changes})
