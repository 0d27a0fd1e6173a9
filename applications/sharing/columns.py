"""Organ, region and case of deliveries that the version before wrote: they stood in the message alone."""

from typing import Any

ROWS = 500


def fill_in(deliveries: Any, organs: Any, *, destination_id: int | None = None) -> int:
    """Fill the columns of the deliveries that lack them from their messages; how many there were.

    ``deliveries`` and ``organs`` are the managers of the two models, in a migration those of its moment;
    ``destination_id`` is the platform to which all of them go or went. An organ is found by the code that the message
    gives; where there is none with it the column stays empty.
    """
    filled = 0
    lacking = deliveries.filter(about="").only("stream", "payload", "about", "organ", "region", "destination")
    while rows := list(lacking.order_by("pk")[:ROWS]):
        codes: dict[str, int] = dict(organs.values_list("uscc", "pk"))
        for row in rows:
            row.about = row.payload.get("case_number") or row.stream
            row.region = row.payload.get("region", "")
            row.organ_id = codes.get(row.payload.get("deciding_organ", {}).get("uscc"))
            row.destination_id = row.destination_id or destination_id
        deliveries.bulk_update(rows, ["about", "region", "organ", "destination"])
        filled += len(rows)
    return filled
