"""What all that is handed to others has in common: deliveries to platforms, mail, and what follows (SMS, webhooks).

The row that waits is the guarantee: it is written in the transaction of what it follows from, and a sweep finds it.
A nudge over the broker only makes it quicker (``nudging``). Handing over is three steps (``sending``): claim the row
with a lease (the try is counted before it is made, so that one which ends the process counts too), speak to the other
outside any transaction, record what came of it. What a row needs for that is in ``models``, how long one waits and how
long a sweep may take in ``timing``.
"""
