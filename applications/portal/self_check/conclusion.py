"""The result of a self-check in words: one headline, what follows from it, and each fact that was used."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from applications.documents.templatetags.dates import zh_date
from rules.eligibility import Assessment, publicity_ends_on


@dataclass(frozen=True)
class Conclusion:
    """``tone``: "good", "warn" or "closed". ``remember_on``: the day to put into a calendar, if one is to come."""

    tone: str
    headline: str
    sentence: str
    remember_on: date | None = None


def conclude(assessment: Assessment) -> Conclusion:
    match assessment.outcome:
        case "eligible":
            return Conclusion("good", _("可以申请信用修复"), _("按您的回答，条件都已具备，现在就可以申请。"))
        case "barred":
            return Conclusion("closed", _("不可修复"), _barred(assessment))
        case "not_needed":
            return Conclusion(
                "closed", _("公示期已满，不需要修复"), _("最长公示期限已经届满，信息不再公示，不用申请。")
            )
        case "out_of_scope":
            return Conclusion(
                "closed",
                _("不适用江苏省的规定"),
                _("失信行为在其他省份认定，请按认定地的规定，向认定地的机构申请。"),
            )
    return _not_yet(assessment)


def _barred(assessment: Assessment) -> str:
    end = assessment.bar_ends_on
    if end is None:
        return _("属于第六条规定的不予信用修复情形。")
    return _("属于第六条规定的特定严重失信行为。最长公示期限至%(day)s届满，届满后停止公示，不用申请。") % {
        "day": zh_date(end)
    }


def _not_yet(assessment: Assessment) -> Conclusion:
    unmet = [each for each in assessment.open_findings if each.met is False]
    to_do = [each for each in unmet if each.earliest_on is None]
    unknown = [each for each in assessment.open_findings if each.met is None]
    day = assessment.earliest_on
    if day is not None and day > assessment.on:
        headline = _("还不能申请，%(day)s起可以申请") % {"day": zh_date(day)}
        if not to_do and not unknown:
            return Conclusion("warn", headline, _("到这一天，下面的条件就都具备了。"), day)
        headline = _("还不能申请，最早%(day)s起可以申请") % {"day": zh_date(day)}
        sentence = _("在这一天以前，还要办好、查清下面的各项。")
        return Conclusion("warn", headline, sentence, day)
    end = publicity_ends_on(assessment.facts, assessment.policy)
    if any(each.earliest_on and end and each.earliest_on > end for each in unmet):
        sentence = _("最长公示期限到%(day)s就届满，早于可以申请的日期。届满后停止公示，不用申请。")
        return Conclusion("warn", _("还不能申请，也不用申请"), sentence % {"day": zh_date(end)})
    if unmet:
        return Conclusion("warn", _("还不能申请"), _("办好、查清下面的各项以后，就可以申请。"))
    return Conclusion(
        "warn", _("还不能判断是否可以申请"), _("有些情况没有说明。查清下面的各项以后，可以再查一次。")
    )
