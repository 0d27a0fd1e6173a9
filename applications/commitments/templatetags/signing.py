from django import template

from applications.commitments import signing
from applications.commitments.models import Commitment

register = template.Library()
register.filter("signing_of", signing.signing_of)


@register.filter
def how_signed(commitment: Commitment) -> str:
    """The way of signing, without a name: for the public."""
    return signing.how_signed(commitment.way, person=commitment.subject.is_person)
