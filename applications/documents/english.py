"""What stands in a letter in Chinese words, said in English: for the reading copy, and for the page that quotes the letter.

A letter keeps its words, not what they were made of. So they are looked up: as a label of the catalogue, as a sentence of a
finding (rules/sentences.py), as a sentence of SENTENCES. What is found nowhere are somebody's own words, and stays Chinese.
"""

import re
from functools import cache

from django.utils import translation

from applications.language import article_in_words
from rules.sentences import english_of, pattern_of, sentence_in_english, value_in_english

# Each sentence that a letter is given as words, and its English. Places are names, days and periods.
SENTENCES = (
    # How to apply again (repairs/letters.py, steps/revoke.py), and where to go instead (steps/decline.py).
    ("请向认定地的认定单位或者信用工作机构申请。", "Apply to the identifying unit or credit bureau of the place of identification."),
    ("最长公示期已满，无需再次申请。", "The longest publicity period is over; there is no need to apply again."),
    ("该失信行为信息的最长公示期至{0}届满，届满以前不予修复，届满后无需申请。", "The longest publicity period of the record ends with {0}. It is not repaired before, and afterwards there is no need to apply."),
    # As earlier letters say it.
    ("最长公示期已满，该失信行为信息已停止公示，无需再次申请。", "The longest publicity period is over and the record is no longer publicised; there is no need to apply again."),
    ("该失信行为信息公示至{0}，期满后自动停止公示，公示期内不予修复。", "The record is publicised until {0}; publicity then ends by itself. It is not repaired before."),
    ("上述不予修复的情形不再存在、其他条件也都具备的，可以重新提出申请，不限次数。", "Once the grounds against a repair no longer exist and all other conditions are met, one may apply again, as often as one likes."),
    ("具备上述条件后，可以自{0}起重新提出申请，不限次数。", "Once the conditions above are met, one may apply again from {0}, as often as one likes."),
    ("具备上述条件后，可以重新提出申请，不限次数。", "Once the conditions above are met, one may apply again, as often as one likes."),
    ("该失信行为信息的公示期已满，无需再次申请。", "The publicity period of the record is over; there is no need to apply again."),
    ("提交真实的材料、具备规定的条件的，可以重新提出申请。", "With true materials, and where the conditions are met, one may apply again."),
    ("提交真实的材料、具备规定的条件的，可以自{0}起重新提出申请。", "With true materials, and where the conditions are met, one may apply again from {0}."),
    ("不需要再次提出申请。", "There is no need to apply again."),
    ("本事项由{0}办理，请向该单位提出申请。", "This matter is handled by {0}; please apply there."),
    ("该单位的联系电话：{0}。", "Its telephone: {0}."),
    ("自{0}起，可以再次提出申请。", "One may apply again from {0}."),
    ("上述情形消除后，可以随时再次提出申请，不限次数。", "Once this no longer is so, one may apply again at any time, as often as one likes."),
    # Why an application is not accepted (steps/decline.py).
    ("根据《通知》第三条、第七条，该失信行为信息的信用修复不由我单位办理。", "Under Articles 3 and 7 of the Notice the repair of this record is not handled by us."),
    ("该失信行为信息不是在本省行政区域内认定，根据《通知》第二条，不适用《通知》。", "The record was not identified in this province; under its Article 2 the Notice does not apply."),
    ("该失信行为信息的最长公示期已满，不需要修复。", "The longest publicity period of the record is over; no repair is needed."),
    # As earlier letters say it.
    ("该失信行为信息的最长公示期已满，信息已停止公示，不需要修复。", "The longest publicity period of the record is over and it is no longer publicised; no repair is needed."),
    # What a decision means (steps/grant.py, steps/revoke.py), and who gets a copy.
    ("在上述失信行为信息及信用档案中予以标注；", "the repair is annotated with the record above and in the credit file;"),
    ("在相关平台和网站上撤销公示；", "the record is withdrawn from publicity on the platforms and websites concerned;"),
    ("上述失信行为信息不再作为信用惩戒的依据。", "the record above is no longer a ground for credit sanctions."),
    ("上述失信行为信息的修复标注予以取消；", "the annotation of the repair with the record above is cancelled;"),
    ("该信息自本决定作出之日起恢复公示，公示至{0}；", "the record is publicised again from the day of this decision until {0};"),
    ("该信息依法不公示，不因本决定公示；", "the record is by law not publicised, and does not become so by this decision;"),
    ("该信息的公示期已于{0}届满，不再恢复公示；", "the publicity period of the record ended on {0}, and it is not publicised again;"),
    ("你（单位）作出的《信用修复承诺书》（{0}）记录为违背承诺；", "your credit repair commitment ({0}) is recorded as broken;"),
    ("本决定推送公共信用信息共享平台。", "this decision is sent to the platform for sharing public credit information."),
    ("公共信用信息共享平台", "the platform for sharing public credit information"),
    ("同级公共信用信息共享平台", "the platform for sharing public credit information of the same level"),
    # Reconsideration and suit (rules/remedies.py).
    ("不服上述决定或者答复的，可以自知道或者应当知道之日起{0}内依法申请行政复议，也可以自知道或者应当知道之日起{1}内依法向人民法院提起行政诉讼。", "Whoever does not accept the above may, as the law provides, apply for administrative reconsideration within {0}, or file an administrative suit with a people's court within {1}, both counted from the day on which it was known or should have been known."),
    ("不服上述决定或者答复的，可以自知道或者应当知道之日起{0}内依法向{1}申请行政复议，也可以自知道或者应当知道之日起{2}内依法向{3}提起行政诉讼。", "Whoever does not accept the above may, as the law provides, apply to {1} for administrative reconsideration within {0}, or file an administrative suit with {3} within {2}, both counted from the day on which it was known or should have been known."),
    ("不服上述决定或者答复的，可以自知道或者应当知道之日起{0}内依法申请行政复议，也可以自知道或者应当知道之日起{1}内依法向{2}提起行政诉讼。", "Whoever does not accept the above may, as the law provides, apply for administrative reconsideration within {0}, or file an administrative suit with {2} within {1}, both counted from the day on which it was known or should have been known."),
    ("不服上述决定或者答复的，可以自知道或者应当知道之日起{0}内依法向{1}申请行政复议，也可以自知道或者应当知道之日起{2}内依法向人民法院提起行政诉讼。", "Whoever does not accept the above may, as the law provides, apply to {1} for administrative reconsideration within {0}, or file an administrative suit with a people's court within {2}, both counted from the day on which it was known or should have been known."),
)  # fmt: skip
ARTICLE = re.compile(r"第([一二三四五六七八九十]+)条")
# What stands between the parts of a value.
JOINTS = (("、", ", "), ("或", " or "), ("；", "; "))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((pattern_of(chinese), english) for chinese, english in SENTENCES)


def in_english(text: str) -> str | None:
    """The English of words that the portal itself put into a letter; None of what is nobody's but a person's own."""
    with translation.override("en"):
        return _said(text)


def _said(text: str) -> str | None:
    if (label := translation.gettext(text)) != text:
        return label
    if "、" not in text and (value := value_in_english(text)) != text:
        return value
    if article := ARTICLE.fullmatch(text):
        return f"Article {article_in_words(article[1])}"
    return sentence_in_english(text) or _sentence(text) or _parts(text)


def _sentence(text: str) -> str | None:
    for pattern, english in _patterns():
        if found := pattern.fullmatch(text):
            return english_of(found, english)
    return None


def _parts(text: str) -> str | None:
    """Of several labels each, and of several sentences each; None where one of them is not known."""
    sentences = [f"{each}。" for each in text.removesuffix("。").split("。")]
    cuts = [(text.split(joint), between) for joint, between in JOINTS]
    for parts, between in [*cuts, (sentences, " ")]:
        if len(parts) > 1:
            said = [_said(part) for part in parts]
            if all(said):
                return between.join(each for each in said if each)
    return None
