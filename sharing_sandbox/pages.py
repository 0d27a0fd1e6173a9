"""The pages that show what was received: plain HTML, no script, readable on a phone."""

import json
from datetime import datetime
from html import escape
from typing import Any

from sharing_sandbox.store import Message, Record

PAGE_SIZE = 20

STYLE = """
body { margin: 0; font: 1rem/1.7 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
  "WenQuanYi Micro Hei", sans-serif; color: #16202a; overflow-wrap: anywhere; }
header { background: #4a3b76; color: #fff; padding: .6rem 1rem; font-weight: 700; }
header a { color: inherit; text-decoration: none; }
main { max-width: 72rem; margin: auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
a { color: #4a3b76; }
:focus-visible { outline: 3px solid #ffb703; outline-offset: 2px; }
.note { background: #f3f1f8; border-inline-start: .4rem solid #4a3b76; padding: .5rem 1rem; }
.granted, .refused, .grant_revoked, .revoked, .reinstated, .corrected, .objected, .kept { padding: 0 .5rem; border-radius: .2rem; font-weight: 600; white-space: nowrap; }
.granted, .revoked { background: #d7f0e2; color: #06502d; }
.refused, .grant_revoked, .reinstated, .corrected, .objected, .kept { background: #fdebd0; color: #6b3a00; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .5rem; border-bottom: 1px solid #c9d1d9; text-align: start; vertical-align: top; }
thead th { background: #f3f1f8; }
tbody th { width: 14rem; }
pre { white-space: pre-wrap; background: #f6f8fa; padding: 1rem; }
nav ul { display: flex; gap: 1.5rem; list-style: none; padding: 0; }
@media (max-width: 48rem) {
  .list thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .list tr { display: block; padding: .5rem 0; border-bottom: 2px solid #c9d1d9; }
  .list td { display: grid; grid-template-columns: 6rem 1fr; gap: .5rem; border: 0; padding: .2rem 0; }
  .list td::before { content: attr(data-label); font-weight: 600; }
  .facts tr, .facts th, .facts td { display: block; width: auto; border: 0; padding: .1rem 0; }
  .facts tr { border-bottom: 1px solid #c9d1d9; padding: .4rem 0; }
}
"""

WORDS = {
    "granted": "准予信用修复",
    "refused": "不予信用修复",
    "grant_revoked": "撤销信用修复",
    "revoked": "处罚被撤销，信息撤回",
    "reinstated": "撤销登记有误，处罚恢复",
    "corrected": "信息更正",
    "objected": "异议处理中",
    "kept": "异议不成立，维持原信息",
    "published": "公示中",
    "withdrawn": "已撤销公示",
    "expired": "公示期满",
    "withheld": "依法不公示",
    "general": "一般",
    "serious": "严重",
    "new": "新增",
    "update": "更新",
    "identifying_unit": "认定单位",
    "credit_bureau": "公共信用信息工作机构",
    "organisation": "法人及非法人组织",
    "individual_business": "个体工商户",
    "natural_person": "自然人",
    "annotate_and_withdraw": "标注并撤销公示",
    "cancel_and_publish": "取消标注并恢复公示",
    "cancel_annotation": "取消标注，不恢复公示",
}


def _page(title: str, content: str) -> bytes:
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - 共享平台沙箱</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">公共信用信息共享平台（沙箱）</a></header>
<main>
{content}
</main>
</body>
</html>
""".encode()


def _moment(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}"


def _day(text: str) -> str:
    year, month, day = (int(part) for part in text.split("-"))
    return f"{year}年{month}月{day}日"


def _decision(payload: dict[str, Any]) -> str:
    decision = payload.get("decision") or payload["event"]
    return f'<span class="{decision}">{WORDS[decision]}</span>'


def received_page(messages: list[Message], *, number: int, total: int) -> bytes:
    """The list of what was received, newest first; ``number`` is the page, from 1 on."""
    pages = max(1, -(-total // PAGE_SIZE))
    parts = [
        "<h1>收到的消息</h1>",
        '<p class="note">这里是共享平台的沙箱，用于试用和测试，不是真实的共享平台。</p>',
    ]
    if not total:
        parts.append("<p>还没有收到任何消息。门户作出修复决定后，推送的内容会显示在这里。</p>")
        return _page("收到的消息", "\n".join(parts))
    parts.append(f"<p>共 {total} 条" + (f"，第 {number} 页，共 {pages} 页" if pages > 1 else "") + "。</p>")
    rows = []
    for message in messages:
        payload = message.payload
        cells = {
            "收到时间": escape(_moment(message.received_at)),
            "办件编号": f'<a href="/messages/{message.message_id}">{escape(message.case_number)}</a>',
            "序号": str(message.sequence),
            "决定": _decision(payload),
            "决定文号": escape(payload.get("decision_number") or payload["record"]["document_number"]),
            "信用主体": escape(payload["subject"]["name"]),
            "决定单位": escape(payload["deciding_organ"]["name"]),
            "回执编号": escape(message.receipt_number),
        }
        rows.append(
            "<tr>"
            + "".join(f'<td data-label="{label}"><span>{cell}</span></td>' for label, cell in cells.items())
            + "</tr>"
        )
    head = "".join(f'<th scope="col">{label}</th>' for label in cells)
    parts.append(
        f'<table class="list"><thead><tr>{head}</tr></thead><tbody>\n'
        + "\n".join(rows)
        + "\n</tbody></table>"
    )
    if pages > 1:
        links = []
        if number > 1:
            links.append(f'<li><a href="/?page={number - 1}" rel="prev">上一页</a></li>')
        if number < pages:
            links.append(f'<li><a href="/?page={number + 1}" rel="next">下一页</a></li>')
        parts.append(f'<nav aria-label="分页"><ul>{"".join(links)}</ul></nav>')
    return _page("收到的消息", "\n".join(parts))


def message_page(message: Message, standing: Record | None) -> bytes:
    """All of one message, field by field and as it came, and how its record stands here now."""
    payload = message.payload
    record, subject, organ = payload["record"], payload["subject"], payload["deciding_organ"]
    unit, ended = record["identifying_unit"], payload["publicity_ended_at"]
    facts = {
        **(_of_decision(payload) if "decision" in payload else _of_change(payload)),
        "决定单位": escape(f"{organ['name']}（{organ['uscc']}，{WORDS[organ['kind']]}）"),
        "行政区划": escape(payload["region"]),
        "信用主体": escape(f"{subject['name']}（{WORDS[subject['kind']]}）"),
        "主体代码": escape(subject["code"]),
        "失信信息标识": escape(record["reference"]),
        "处罚决定书文号": escape(record["document_number"]),
        "处罚决定日期": _day(record["decided_on"]),
        "失信严重程度": WORDS[record["severity"]],
        "认定单位": escape(f"{unit['name']}（{unit['uscc']}）"),
        "撤销公示时间": _moment(datetime.fromisoformat(ended)) if ended else "无",
        "本平台公示": _publicity(standing),
        "回执编号": escape(message.receipt_number),
        "收到时间": _moment(message.received_at),
        "消息标识": escape(message.message_id),
    }
    rows = "\n".join(f'<tr><th scope="row">{label}</th><td>{cell}</td></tr>' for label, cell in facts.items())
    text = escape(json.dumps(payload, ensure_ascii=False, indent=2))
    return _page(
        f"{message.case_number} 第 {message.sequence} 条",
        f"""<p><a href="/">返回列表</a></p>
<h1>{escape(message.case_number)} 第 {message.sequence} 条消息</h1>
<table class="facts"><tbody>
{rows}
</tbody></table>
<h2>原文</h2>
<pre>{text}</pre>""",
    )


def _publicity(record: Record | None) -> str:
    if record is None:
        # Received by a sandbox that did not apply anything yet.
        return "未知"
    state = "公示中" if record.published else "已标注并撤销公示" if record.annotated else "不公示"
    by = record.by.payload.get("decision_number") or f"{record.reference} 第 {record.by.sequence} 条变化"
    return f"{state}（{_moment(record.applied_at)}起，依据 {escape(by)}）"


def error_page(message: str) -> bytes:
    return _page("没有找到", f'<h1>没有找到</h1>\n<p>{escape(message)}</p>\n<p><a href="/">返回列表</a></p>')


def _of_decision(payload: dict[str, Any]) -> dict[str, str]:
    commitment = payload["commitment"]
    return {
        "办件编号": escape(payload["case_number"]),
        "该办件第几条消息": f"{payload['sequence']}（{WORDS[payload['data_state']]}）",
        "决定": _decision(payload),
        "决定文号": escape(payload["decision_number"]),
        "受理日期": _day(payload["accepted_on"]),
        "决定日期": _day(payload["decided_on"]),
        "修复方式": WORDS[payload["method"]] if payload["method"] else "无",
        "承诺书": escape(f"{commitment['number']}（SHA-256 {commitment['sha256']}）") if commitment else "无",
    }


def _of_change(payload: dict[str, Any]) -> dict[str, str]:
    return {
        "该信息第几条消息": str(payload["sequence"]),
        "变化": _decision(payload),
        "撤销、变更之日": _day(payload["happened_on"]),
        "理由": escape(payload["reason"]),
        "公示状态": WORDS[payload["publicity"]],
    }
