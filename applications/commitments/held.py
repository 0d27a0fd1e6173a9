"""What is held about the commitments of a credit subject (accounts.holdings)."""

from applications.accounts.holdings import Holding, register
from applications.commitments.models import BreachFinding, Commitment

register(
    Holding(
        Commitment,
        [
            "kind",
            "organ",
            "text",
            "signatory",
            "signed_at",
            "way",
            "publication_consent",
            "published_at",
            "withdrawn_at",
            "broken_at",
        ],
        of_subject=lambda subject, _person: subject.commitments.select_related(
            "organ", "paper__scan"
        ).order_by("pk"),
        files=lambda row: [row.paper],
    ),
    Holding(
        BreachFinding,
        ["kind", "facts", "consequences", "decided_at"],
        # One that waits for the second officer is no finding yet.
        of_subject=lambda subject, _person: BreachFinding.objects.filter(
            commitment__subject=subject, state="approved"
        ).order_by("pk"),
    ),
)
