"""verify/verify.py as a module, and what it is given: what the portal publishes, as JSON that somebody has kept."""

import importlib.util
import json
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType

from django.test import Client
from django.urls import reverse

VERIFY = Path(__file__).resolve().parents[2] / "verify"
DAY = date(2026, 12, 2)


@cache
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stand_alone_verifier", VERIFY / "verify.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def published(client: Client, name: str, *args: object) -> dict:
    response = client.get(reverse(f"documents:{name}", args=args))
    assert response.status_code == 200
    return json.loads(response.content)


def keys(client: Client) -> dict:
    return published(client, "keys")


def status(client: Client, day: date = DAY, part: int = 1) -> dict:
    return published(client, "status_list", day, part)
