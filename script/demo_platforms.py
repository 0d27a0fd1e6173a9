"""What the sharing platforms of the demonstration say themselves (docs/api/sharing-platform.yaml, and the sandbox's list)."""

from typing import Any, NamedTuple

import requests

_plain = requests.Session()
# No proxy of the environment may stand between this program and the loopback address.
_plain.trust_env = False


class Platforms(NamedTuple):
    """Addresses of the two that are stood in for."""

    city: str
    province: str


def received(address: str, number: str) -> dict[str, Any]:
    """What a platform received about a case: {"count": N, "messages": […]}."""
    return _asked(f"{address}/v1/received", case_number=number)


def destination(platforms: Platforms, number: str, *, named: Any) -> dict[str, object]:
    """Whether the city's platform received the decision of a case, applied it, and shows the record no more.

    ``named`` is the portal's own list of the deliveries of the case, which names the platform.
    """
    messages = received(platforms.city, number)["messages"]
    reference = messages[-1]["payload"]["record"]["reference"] if messages else ""
    standing = _asked(f"{platforms.city}/v1/records/{reference}")
    return {
        "name": "".join(
            named.xpath('//*[@id="result_list"]//td[contains(@class, "field-destination")]//text()')
        ).strip(),
        "received": bool(messages),
        "applied": standing.get("case_number") == number and standing.get("annotated") is True,
        "gone": standing.get("published") is False,
    }


def _asked(address: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = _plain.get(address, params=query, timeout=10).json()
    return answer


def published(http: requests.Session, base: str) -> dict[str, bytes]:
    """What the portal publishes for whoever verifies documents without it: its keys, and the list of the newest day."""
    lists = http.get(f"{base}/v/status.json", timeout=30).json()
    newest = lists["lists"].format(day=lists["last"], part=1)
    addresses = {"keys.json": f"{base}/v/keys.json", "status.json": newest}
    return {name: http.get(address, timeout=30).content for name, address in addresses.items()}
