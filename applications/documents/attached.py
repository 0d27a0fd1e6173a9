"""What a document says, as data: content.json in its PDF (ADR 0053), for those who would otherwise type it off.

It is the content that the letter is printed from, without what the letter does not say. What it says of each kind, and when
not, stands in content.schema.json alone: this module keeps what that names and no rule of it forbids.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from jsonschema import Draft202012Validator

from applications.documents.digest import content_sha256
from applications.documents.models import Document

FORMAT, NAME = "credit-repair-document-1", "content.json"
SCHEMA = Path(__file__).with_name("content.schema.json")
# So much of the digest is printed at the foot of each page.
_PRINTED = 16

Schema = Mapping[str, Any]


@cache
def schema() -> dict[str, Any]:
    """What is published at /v/content.schema.json."""
    told: dict[str, Any] = json.loads(SCHEMA.read_bytes())
    return told


def attached(document: Document, content: Mapping[str, Any], *, title: str, address: str) -> str:
    """The JSON of a document, the same bytes of the same content. ``content``: what its template is given; ``title`` and
    ``address`` of verification as they are printed."""
    head = {
        "format": FORMAT,
        "schema": f"{settings.SITE_URL}/v/content.schema.json",
        "kind": document.kind,
        "title": title,
        "number": document.number,
        "organ": document.organ.name,
        "addressee": document.addressee,
        "issued_on": localdate(document.issued_at).isoformat(),
        "valid_until": document.valid_until.isoformat() if document.valid_until else "",
        "address": address,
        "digest": content_sha256(document)[:_PRINTED],
    }
    said = _said(head, schema()) | {"content": _said(content, schema()["$defs"][document.kind])}
    return json.dumps(said, ensure_ascii=False, indent=1)


def _said(value: Any, of: Schema) -> Any:
    """What a schema names of a value. Empty parts are left out; a moment is the day in Shanghai where a day is named."""
    if reference := of.get("$ref"):
        of = schema()["$defs"][reference.rpartition("/")[2]]
    if "properties" in of:
        return _named(value, of) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return [_said(each, of.get("items", {})) for each in value]
    if isinstance(value, str):
        if of.get("format") == "date" and "T" in value:
            return localdate(datetime.fromisoformat(value)).isoformat()
        return value[: of.get("maxLength")]
    # What a part is that is named as a word, a number or a list of them, is not looked into.
    return None if isinstance(value, Mapping) else value


def _named(value: Mapping[str, Any], of: Schema) -> dict[str, Any]:
    said = {name: _said(value.get(name), each) for name, each in of["properties"].items()}
    said = {name: each for name, each in said.items() if each is not None and each not in ("", [], {})}
    for rule in of.get("allOf", ()):
        if Draft202012Validator(rule["if"]).is_valid(said):
            for name in rule["then"]["properties"]:
                said.pop(name, None)
    return said
