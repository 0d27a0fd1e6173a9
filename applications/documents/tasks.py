import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

from celery import shared_task
from django.utils import timezone

from applications.documents import remedies, services
from applications.documents.models import Document
from applications.documents.offline import publish_key
from applications.foreign_text import trace
from applications.outbox.nudging import nudge
from applications.outbox.timing import each

logger = logging.getLogger(__name__)


@shared_task
def render_document(document_id: str) -> None:
    services.render_document(document_id, at=timezone.now())


# Seconds after which a sweep lets those go first who wait behind it for a letter that was just issued, and goes on behind them.
GIVES_WAY_AFTER = 10


@shared_task
def render_documents() -> int:
    """Documents that have no PDF yet; fresh ones before those that failed. Returns how many got theirs.

    A key that was rolled over is published by now, whether there is a document or not.
    """
    publish_key(at=timezone.now())
    waiting = Document.objects.filter(pdf=None).order_by("render_attempts", "issued_at")
    until = time.monotonic() + GIVES_WAY_AFTER
    done = each(
        _until(until, list(waiting.values_list("pk", flat=True))),
        lambda document_id: services.render_document(document_id, at=timezone.now()),
        # The service has noted it in the row.
        lambda document_id, error: logger.error(
            "document %s was not rendered\n%s", document_id, trace(error)
        ),
    )
    # Where none could be made, the next of the beat is soon enough.
    if done and time.monotonic() >= until:
        nudge("applications.documents.tasks.render_documents")
    return done


def _until(moment: float, keys: Iterable[Any]) -> Iterator[Any]:
    """At least one, and no more after the moment (of time.monotonic)."""
    for key in keys:
        yield key
        if time.monotonic() >= moment:
            return


@shared_task
def check_remedies() -> None:
    remedies.check_remedies(at=timezone.now())
