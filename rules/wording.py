"""The words of the findings: clause, plain sentence and remedy, in Chinese and English, one entry a state.

A sentence is filled with the values of its finding, by position (sentences.py). Conclusions that only some states share are
not factored out: a lawyer reads and corrects this file line by line.
"""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """What is said of one state of one finding: the sentence, and what to do (empty where nothing is)."""

    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


WORDS: Final[dict[tuple[str, str], Words]] = {
    ("in_scope", "met"): Words(
        "失信行为在本省行政区域内认定（行政区划代码{0}）",
        "The conduct was identified inside the region (code {0})",
    ),
    ("in_scope", "elsewhere"): Words(
        "失信行为不是在本省行政区域内认定（行政区划代码{0}），不适用本规定",
        "The conduct was identified outside the region (code {0}), so these rules do not apply",
        "请向认定地的认定单位或者信用工作机构申请",
        "Apply to the identifying unit or credit bureau of the place of identification",
    ),
    ("in_scope", "unknown"): Words(
        "没有写明认定失信行为的行政区域，无法判断是否适用",
        "The region of identification is not stated, so it cannot be said whether these rules apply",
        "请补充认定单位所在地的行政区划代码",
        "State the region code of the identifying unit",
    ),
    ("specific_serious", "absent"): Words(
        "不属于特定严重失信行为",
        "The conduct is not specific serious conduct",
    ),
    ("specific_serious", "barred"): Words(
        "属于特定严重失信行为，最长公示期限至{0}届满，期满前不予信用修复",
        "Specific serious conduct: no repair until its longest publicity period ends on {0}",
        "期满后信息自动停止公示，无需申请",
        "After that day publicity ends by itself; no application is needed",
    ),
    ("specific_serious", "over"): Words(
        "属于或者可能属于特定严重失信行为，但最长公示期限已于{0}届满",
        "The conduct is or may be specific serious conduct, but its longest publicity period ended on {0}",
    ),
    ("specific_serious", "unknown"): Words(
        "处罚种类、领域或者行为没有全部写明，无法判断是否属于特定严重失信行为",
        "Penalties, domains or conduct are not all stated, so specific serious conduct cannot be ruled out",
        "请补充处罚种类、所涉领域和行为",
        "State the penalties, the domains and the conduct",
    ),
    ("specific_serious", "undated"): Words(
        "属于特定严重失信行为，但没有写明处罚决定日期，无法判断最长公示期限是否届满",
        "Specific serious conduct, but the date of the penalty decision is not stated",
        "请补充处罚决定日期",
        "State the date of the penalty decision",
    ),
    ("false_material", "absent"): Words(
        "没有发现提交虚假材料等不实申请的情形",
        "No false materials or other untrue application were found",
    ),
    ("false_material", "barred"): Words(
        "提交虚假材料等不实申请，不予信用修复",
        "False materials or another untrue application: no repair",
        "如认为认定有误，可以提出异议",
        "If this is wrong, file an objection",
    ),
    ("false_material", "unknown"): Words(
        "没有写明申请材料是否真实，尚无法判断",
        "It is not stated whether the materials are true",
        "请核对申请材料的真实性",
        "Check whether the materials are true",
    ),
    ("false_material", "effect_unknown"): Words(
        "提交了虚假材料，{0}对此的规定尚未核实，无法判断",
        "False materials were submitted; what {0} says about this has not been verified",
        "请核对该文件的正式文本",
        "Check the official text of that instrument",
    ),
    ("statutory_bar", "absent"): Words(
        "没有法律、法规、规章明确规定不予修复的其他情形",
        "No law, regulation or rule forbids repair",
    ),
    ("statutory_bar", "barred"): Words(
        "法律、法规、规章明确规定不予修复（依据：{0}）",
        "A law, regulation or rule forbids repair (basis: {0})",
        "如认为适用有误，可以提出异议",
        "If this is wrong, file an objection",
    ),
    ("statutory_bar", "unknown"): Words(
        "没有写明是否有法律、法规、规章规定不予修复，尚无法判断",
        "It is not stated whether a law, regulation or rule forbids repair",
        "请核对是否有法律、法规、规章规定不予修复",
        "Check whether a law, regulation or rule forbids repair",
    ),
    ("minimum_period", "met"): Words(
        "自{0}起不少于{1}的期限已满，{2}起可以申请",
        "The minimum period of {1} from {0} has passed; one may apply from {2}",
    ),
    ("minimum_period", "running"): Words(
        "自{0}起不少于{1}的期限未满，{2}起可以申请",
        "The minimum period of {1} from {0} has not passed; one may apply from {2}",
        "请在{2}或者以后申请",
        "Apply on or after {2}",
    ),
    ("minimum_period", "unknown"): Words(
        "没有写明{0}，无法计算最短期限",
        "The date of {0} is not stated, so the minimum period cannot be counted",
        "请补充{0}",
        "State the date of {0}",
    ),
    ("minimum_period", "unknown_severity"): Words(
        "没有写明失信严重程度，无法确定最短期限",
        "The severity is not stated, so the minimum period is unknown",
        "请向认定单位了解失信严重程度",
        "Ask the identifying unit for the severity",
    ),
    ("minimum_period", "unknown_domains"): Words(
        "没有写明所涉领域，而最短期限因领域而不同，无法确定",
        "The domain is not stated, and the minimum period depends on it",
        "请补充所涉领域",
        "State the domain",
    ),
    ("minimum_period", "unknown_number"): Words(
        "所依据文件的最短期限尚未核实，无法确定",
        "The minimum period of the instrument has not been verified",
        "请核对该文件的正式文本",
        "Check the official text of that instrument",
    ),
    ("corrected", "met"): Words("已于{0}纠正失信行为", "The conduct was corrected on {0}"),
    ("corrected", "missing"): Words(
        "失信行为尚未纠正",
        "The conduct has not been corrected",
        "请先纠正失信行为",
        "Correct the conduct first",
    ),
    ("corrected", "future"): Words(
        "失信行为于{0}才得到纠正",
        "The conduct is corrected only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("corrected", "unknown"): Words(
        "没有写明失信行为是否已经纠正",
        "It is not stated whether the conduct has been corrected",
        "请写明纠正的日期，并提供已纠正失信行为的材料",
        "State the day of the correction and provide proof of it",
    ),
    ("obligations_fulfilled", "met"): Words(
        "法定责任和义务已于{0}全部履行完毕",
        "All duties were fulfilled by {0}",
    ),
    ("obligations_fulfilled", "none_imposed"): Words(
        "行政处理决定和司法裁判没有确定须履行的义务",
        "No duty was imposed by a decision or judgment",
    ),
    ("obligations_fulfilled", "missing"): Words(
        "尚有法定责任和义务没有履行完毕：{0}",
        "Duties not yet fulfilled: {0}",
        "请先履行完毕下列义务，再提供履行完毕的材料：{0}",
        "Fulfil {0} and provide proof",
    ),
    ("obligations_fulfilled", "future"): Words(
        "法定责任和义务于{0}才履行完毕",
        "The duties are fulfilled only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("obligations_fulfilled", "unsaid"): Words(
        "没有写明下列义务是否已经履行：{0}",
        "It is not stated whether these duties are fulfilled: {0}",
        "请写明{0}的履行日期，并提供履行完毕的材料",
        "State the days on which {0} were fulfilled, and provide proof",
    ),
    ("obligations_fulfilled", "unknown"): Words(
        "没有写明有哪些法定责任和义务以及是否履行完毕",
        "It is not stated which duties there are and whether they are fulfilled",
        "请提供法定责任和义务履行完毕的材料",
        "Provide proof that the duties are fulfilled",
    ),
    ("commitment_signed", "met"): Words("已于{0}作出信用承诺", "A credit commitment was made on {0}"),
    ("commitment_signed", "missing"): Words(
        "尚未作出信用承诺",
        "No credit commitment has been made",
        "请签署信用修复承诺书",
        "Sign the commitment",
    ),
    ("commitment_signed", "future"): Words(
        "信用承诺于{0}才作出",
        "The credit commitment is made only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("commitment_signed", "unknown"): Words(
        "没有写明是否作出、何时作出信用承诺",
        "It is not stated whether and when a commitment was made",
        "请签署信用修复承诺书",
        "Sign the commitment",
    ),
    ("publication_consent", "met"): Words(
        "已于{0}同意将信用承诺向社会公开",
        "Consent to publication of the commitment was given on {0}",
    ),
    ("publication_consent", "refused"): Words(
        "没有同意将信用承诺向社会公开",
        "Consent to publication of the commitment was not given",
        "请同意将信用承诺向社会公开",
        "Consent to its publication",
    ),
    ("publication_consent", "no_commitment"): Words(
        "尚未作出信用承诺，也就没有同意向社会公开",
        "No commitment has been made, so none may be published",
        "请签署信用修复承诺书并同意向社会公开",
        "Sign the commitment and consent to its publication",
    ),
    ("publication_consent", "future"): Words(
        "同意公开的信用承诺于{0}才作出",
        "The commitment with consent to publication is made only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("publication_consent", "undated"): Words(
        "同意公开信用承诺，但没有写明承诺日期",
        "Publication is consented to, but the commitment has no date",
        "请补充承诺日期",
        "State the date of the commitment",
    ),
    ("publication_consent", "unknown"): Words(
        "没有写明是否同意将信用承诺向社会公开",
        "It is not stated whether publication of the commitment is consented to",
        "请确认是否同意将信用承诺向社会公开",
        "Say whether you consent to publication",
    ),
    ("training_completed", "met"): Words(
        "已于{0}参加信用修复培训", "Credit-repair training was completed on {0}"
    ),
    ("training_completed", "missing"): Words(
        "尚未参加信用修复培训",
        "Credit-repair training has not been completed",
        "请参加信用修复培训（公益，不收费）",
        "Complete credit-repair training (free of charge)",
    ),
    ("training_completed", "future"): Words(
        "信用修复培训于{0}才完成",
        "The training is completed only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("training_completed", "stale"): Words(
        "信用修复培训完成于{0}，按实施细则{1}内有效，已于{2}到期",
        "Training completed on {0} counts for {1} under the implementing rules and lapsed on {2}",
        "请重新参加信用修复培训",
        "Complete the training again",
    ),
    ("training_completed", "unknown"): Words(
        "没有写明是否参加、何时参加信用修复培训",
        "It is not stated whether and when training was completed",
        "请提供信用修复培训证书",
        "Provide the training certificate",
    ),
    ("training_completed", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须参加信用修复培训",
        "Severity or domain is not stated, so it is unknown whether training is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
    ("corrected", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须纠正失信行为",
        "Severity or domain is not stated, so it is unknown whether correction is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
    ("obligations_fulfilled", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须履行完毕法定责任和义务",
        "Severity or domain is not stated, so it is unknown whether fulfilment of the duties is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
    ("commitment_signed", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须作出信用承诺",
        "Severity or domain is not stated, so it is unknown whether a commitment is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
    ("publication_consent", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须同意公开信用承诺",
        "Severity or domain is not stated, so it is unknown whether consent to publication is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
    ("credit_report_provided", "met"): Words(
        "已提供{0}出具的信用报告", "A credit report issued on {0} was provided"
    ),
    ("credit_report_provided", "missing"): Words(
        "尚未提供信用报告",
        "No credit report has been provided",
        "请提供公共信用信息工作机构或者信用服务机构出具的信用报告",
        "Provide a report of the credit bureau or of a credit service institution",
    ),
    ("credit_report_provided", "future"): Words(
        "信用报告于{0}才出具",
        "The credit report is issued only on {0}",
        "请在{0}或者以后申请",
        "Apply on or after {0}",
    ),
    ("credit_report_provided", "stale"): Words(
        "信用报告出具于{0}，按实施细则{1}内有效，已于{2}到期",
        "A report issued on {0} counts for {1} under the implementing rules and lapsed on {2}",
        "请提供新的信用报告",
        "Provide a new report",
    ),
    ("credit_report_provided", "unknown"): Words(
        "没有写明是否提供信用报告以及何时出具",
        "It is not stated whether a credit report was provided and when it was issued",
        "请提供信用报告",
        "Provide a credit report",
    ),
    ("credit_report_provided", "uncertain"): Words(
        "失信严重程度或者领域没有写明，无法判断是否须提供信用报告",
        "Severity or domain is not stated, so it is unknown whether a credit report is required",
        "请向认定单位了解失信严重程度和领域",
        "Ask the identifying unit for severity and domain",
    ),
}
