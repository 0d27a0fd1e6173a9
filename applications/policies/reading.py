"""From text that somebody handed in, or that was kept, to the rules' own objects."""

import json
from typing import Any

from django.utils.translation import gettext as _

from rules.decoding import Undecodable, decode_toml
from rules.errors import PolicyFileError
from rules.policy import Overlay, Policy, load_overlay, parse_policy

# Longer than any instrument by far; a wrong file is caught before it is read.
LONGEST_TEXT = 50_000


def read_overlay(text: str) -> Overlay:
    """Implementing rules written as TOML.

    Raises PolicyFileError with line or key, OverlayRefused for what no implementing rules may touch.
    """
    return load_overlay(_decode(text, _("细则条件")))


def read_policy(text: str) -> Policy:
    """A policy written as TOML. Raises PolicyFileError with line or key."""
    return parse_policy(_decode(text, _("政策文本")), _("政策文本"))


def _decode(text: str, where: str) -> dict[str, Any]:
    if len(text) > LONGEST_TEXT:
        raise PolicyFileError(where, "", _("超过%(most)s字，请核对是否贴错") % {"most": LONGEST_TEXT})
    try:
        return decode_toml(text)
    except Undecodable as error:
        raise PolicyFileError(where, "", str(error)) from None


def restore(content: str) -> Policy:
    """The policy, overlays included, that ``json.dumps(policy.to_json())`` was made from."""
    told = json.loads(content)
    overlays = told.pop("overlays")
    policy = parse_policy(told, str(told["id"]))
    for overlay in overlays:
        policy = policy.overlay(load_overlay(overlay))
    return policy
