"""Where a message leads: to what it is about, whatever address the page about it has by then."""


def link_to(kind: str, key: object = "") -> str:
    """The lasting address of a thing, or without a key of the list of all; kinds are in credit_repair/lasting.py."""
    return f"/to/{kind}/{key}/" if key != "" else f"/to/{kind}/"
