from django import template

from applications.commitments import signing
from applications.commitments.models import Commitment, SigningWay
from applications.documents.templatetags.dates import zh_day, zh_moment

register = template.Library()
register.filter("signing_of", signing.signing_of)


@register.filter
def signed_when(commitment: Commitment) -> str:
    """The moment of the signature; of one on paper the day, which is all that stands there."""
    return (zh_day if commitment.way == SigningWay.PAPER else zh_moment)(commitment.signed_at)


@register.filter
def how_signed(commitment: Commitment) -> str:
    """The way of signing, without a name: for the public."""
    return signing.how_signed(commitment.way, person=commitment.subject.is_person)
