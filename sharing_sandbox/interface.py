"""The published interface as the judge of messages, and its verdict in Chinese."""

import json
import re
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sharing_sandbox.errors import Rejected

INTERFACE = Path(__file__).resolve().parent.parent / "docs" / "api" / "sharing-platform.yaml"

# What is received, and as what it is described.
RECEIVING = {"/v1/repair-decisions": "RepairDecision", "/v1/record-changes": "RecordChange"}


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value) is not None


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_formats = FormatChecker(formats=())
_formats.checks("date", raises=ValueError)(_is_date)
_formats.checks("date-time", raises=ValueError)(_is_moment)


class Interface:
    """The schemas of one OpenAPI file."""

    def __init__(self, path: Path = INTERFACE) -> None:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        registry: Registry[Any] = Registry().with_resource("interface", DRAFT202012.create_resource(document))
        self._messages = {
            path: Draft202012Validator(
                {"$ref": f"interface#/components/schemas/{schema}"},
                registry=registry,
                format_checker=_formats,
            )
            for path, schema in RECEIVING.items()
        }

    def read_message(self, path: str, body: bytes) -> dict[str, Any]:
        """The message in the body of a request to a path; Rejected names the first field that is not as published."""
        message = read_json(body)
        errors = sorted(self._messages[path].iter_errors(message), key=_rank)
        if errors:
            field, words = explain(errors[0])
            raise Rejected(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_field", words, field or None)
        assert isinstance(message, dict)
        return message


def _rank(error: ValidationError) -> tuple[bool, list[str], bool]:
    """What a field is by itself goes before what another field asks of it; its form before its meaning."""
    conditional = any(step in ("then", "else") for step in error.absolute_schema_path)
    return conditional, [str(part) for part in error.absolute_path], error.validator == "format"


def read_json(body: bytes) -> object:
    """Strict JSON in UTF-8: no NaN, no key twice, no depth beyond reason."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise ValueError("同一字段出现了两次")
        return fields

    def refuse(constant: str) -> object:
        raise ValueError(f"{constant} 不是 JSON 的数值")

    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except UnicodeDecodeError:
        words = "消息体不是 UTF-8 编码。"
    except json.JSONDecodeError as error:
        words = f"消息体不是正确的 JSON：第 {error.lineno} 行第 {error.colno} 个字符处有误。"
    except ValueError as error:
        words = f"消息体不是正确的 JSON：{error}。"
    except RecursionError:
        words = "消息体的 JSON 嵌套过深。"
    raise Rejected(HTTPStatus.BAD_REQUEST, "bad_json", words)


TYPES = {
    "object": "对象",
    "string": "文本",
    "integer": "整数",
    "number": "数值",
    "boolean": "true 或 false",
    "null": "null",
}


def explain(error: ValidationError) -> tuple[str, str]:
    """Path of the field and a sentence that says what was expected there."""
    if error.validator == "oneOf" and error.context:
        # An object or null: what is wrong with the object says more than that it is neither.
        inner = [cause for cause in error.context if cause.validator != "type" or len(error.context) == 1]
        if inner:
            return explain(inner[0])
    path = [str(part) for part in error.absolute_path]
    expected, value = error.validator_value, error.instance
    match error.validator:
        case "required":
            missing = next(name for name in expected if name not in value)
            return ".".join([*path, missing]), f"缺少字段 {missing}。"
        case "additionalProperties":
            allowed = error.schema.get("properties", {})
            extra = next(name for name in value if name not in allowed)
            return ".".join([*path, extra]), f"不认识的字段 {extra}，请去掉。"
    field = ".".join(path)
    name = field or "消息体"
    match error.validator:
        case "enum":
            choices = "、".join(json.dumps(choice, ensure_ascii=False) for choice in expected)
            words = f"{name} 只能是 {choices}。"
        case "const":
            words = f"{name} 应为 {json.dumps(expected, ensure_ascii=False)}。"
        case "type":
            types = [expected] if isinstance(expected, str) else expected
            words = f"{name} 应为{'或'.join(TYPES.get(kind, kind) for kind in types)}。"
        case "oneOf":
            words = f"{name} 的类型不符，应为规定的内容或 null。"
        case "pattern":
            meaning = re.split("[。；]", error.schema.get("description", ""))[0]
            words = f"{name} 的格式不符" + (f"，应为{meaning}。" if meaning else f"，应符合 {expected} 。")
        case "format":
            words = f"{name} 不是存在的{'日期' if expected == 'date' else '时间（须带时区）'}。"
        case "minLength":
            words = f"{name} 不能为空。"
        case "maxLength":
            words = f"{name} 过长，最多 {expected} 个字符。"
        case "minimum" | "maximum":
            words = f"{name} 应{'不小于' if error.validator == 'minimum' else '不大于'} {expected}。"
        case _:
            words = f"{name} 不符合接口规定。"
    return field, words
