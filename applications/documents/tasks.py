import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from applications.documents import services
from applications.documents.models import Document
from applications.foreign_text import trace

logger = logging.getLogger(__name__)


@shared_task
def render_document(document_id: str) -> None:
    services.render_document(document_id, at=timezone.now())


@shared_task
def render_documents() -> int:
    """Every document that has no PDF yet; fresh ones before those that failed. Returns how many got theirs."""
    waiting = Document.objects.filter(pdf=None).order_by("render_attempts", "issued_at")
    done = 0
    for document_id in list(waiting.values_list("pk", flat=True)):
        try:
            services.render_document(document_id, at=timezone.now())
            done += 1
        except SoftTimeLimitExceeded:
            # Celery ends this task; the next one takes the fresh ones first.
            raise
        except Exception as error:
            # The service has noted it in the row; the others must not wait for this one.
            logger.error("document %s was not rendered\n%s", document_id, trace(error))
    return done
