"""Four eyes, said at once: which of the roles that a person holds are spent on a case, or will be by the next step."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from applications.accounts.access import roles_of
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.repairs.access import took_part
from applications.repairs.models import RepairCase
from rules.procedure import Role, State


def spent_roles(user: User, case: RepairCase) -> list[str]:
    """Sentences for a person of the organ that handles the case; none where nothing is spent."""
    if user.organ_id != case.organ_id or Role.APPROVER not in (held := roles_of(user)):
        return []
    review = case.reviews.last()
    reviewed = review is not None and review.reviewer_id == user.pk
    approvers = staff_of(case.organ, Role.APPROVER).exclude(pk=user.pk).order_by("name", "pk")
    if case.status == State.ACCEPTED and Role.REVIEWER in held:
        words = _("您兼任审查岗和审批岗。由您提出审查意见的，这件申请要由别人审批。")
        return [words + _who_is_left(approvers)]
    if case.status == State.UNDER_REVIEW and reviewed:
        words = _("这件申请的审查意见是您提出的，您的审批岗不能再用于这件申请。")
        return [words + _who_is_left(approvers)]
    if case.status in (State.REFUSED, State.OBJECTING) and took_part(user, case):
        words = (
            _("这件申请的审查意见是您提出的，对原决定的异议不能由您处理。")
            if reviewed
            else _("原决定是您作出的，对它的异议不能由您处理。")
        )
        return [words + _who_is_left(person for person in approvers if not took_part(person, case))]
    return []


def _who_is_left(people: Iterable[User]) -> str:
    names = "、".join(person.name for person in people)
    if not names:
        return _("本单位现在没有其他可以办理的审批人员，请安全管理员设置。")
    return _("可以办理的审批人员：%(names)s。") % {"names": names}
