from django.db import connection


def take_number(key: str) -> int:
    """The next number, from 1, of a gap-free series.

    Must run inside the transaction that uses the number: rolling that back gives the number back. The row
    stays locked until then, so two officers cannot get the same one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take_number() outside a transaction would leave gaps in the series")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO organs_series (key, last) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET last = organs_series.last + 1 RETURNING last",
            [key],
        )
        number: int = cursor.fetchone()[0]
    return number
