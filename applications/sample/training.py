"""The training of the sample: one course on line, whose text is that of the Notice in plain words, and a meeting; an organiser
whose certificates are taken. Published by the real services (Article 16)."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from applications.accounts.models import User
from applications.organs.models import Organ
from applications.reports.models import Institution
from applications.sample.people import DOMAIN
from applications.training.models import Course, Meeting, Organiser
from applications.training.services.publishing import publish_course, publish_meeting

DEPARTMENT, BUREAU = "nj-fgw", "nj-xyzx"
TITLE = "信用修复怎样办：条件、材料、程序和权利"
SUMMARY = (
    "依据《关于完善信用修复机制保障信用主体权益的通知》（苏信用发〔2020〕4号，以下简称《通知》），讲信用修复是什么、"
    "谁可以申请、要交什么、多少天有结果，以及不同意结果时怎么办。适合信用主体的法定代表人和经办人。"
)
CHAPTERS = (
    (
        "一、什么是信用修复",
        "信用修复，是信用主体主动纠正失信行为，积极履行法定责任和义务，主动改善信用状况，按照规定条件和程序提出失信行为信息修复申请，"
        "并被确认的活动（《通知》第一条）。申请向国家机关、法律法规授权组织等认定单位，或者向公共信用信息工作机构提出。\n\n"
        "《通知》适用于在江苏省行政区域内被认定、并且记入信用档案的失信行为信息。信用修复遵循自愿申请、规范实施，公正公开、保障权益，"
        "分类管理、协同推进的原则（第二条）。\n\n"
        "各有分工（第三条）：社会信用管理部门统筹指导和监督管理，组织开展信用修复培训；认定单位受理、审核、确认，归集共享修复信息；"
        "公共信用信息工作机构受理、审核、确认，标注和共享修复信息，并出具适用信用修复的信用报告。\n\n"
        "准予修复意味着什么：相应信息和信用档案中予以标注，在相关平台和网站上撤销公示，不再作为信用惩戒的依据（第九条）。"
        "原来的处罚决定并不因此撤销。",
    ),
    (
        "二、申请的条件",
        "一般失信行为信息（第四条），应当同时具备：自一般失信行为认定之日起不少于3个月；已纠正失信行为；已履行完毕行政处理决定和"
        "司法裁判等明确的法定责任和义务；作出信用承诺并同意向社会公开。\n\n"
        "严重失信行为信息（第五条），除纠正、履行、承诺以外，还要：自严重失信行为认定之日起不少于6个月；参加信用修复培训；提供信用报告。\n\n"
        "严重程度由认定单位在认定时标注（第十八条）。不清楚属于哪一种的，可以查看公示的信息，或者问认定单位。",
    ),
    (
        "三、不予信用修复的情形",
        "第六条列出三类不予信用修复的情形。\n\n"
        "一是特定严重失信行为的行政处罚信息，未满最长公示期限。它要同时看两点：属于食品药品、生态环境、工程质量、安全生产、消防安全、"
        "强制性产品认证等领域，或者贿赂、逃税骗税、恶意欠薪、非法集资、合同欺诈、传销、围标串标、虚假广告等列举的行为；并且被处以责令停产停业，"
        "或者吊销许可证、吊销执照的行政处罚。\n\n"
        "二是提交虚假材料等不实申请。凭证、证书、报告都要真实。\n\n"
        "三是法律、法规、规章所明确规定不予修复的其他情形。",
    ),
    (
        "四、提交哪些材料",
        "第七条规定的材料：信用修复承诺书；信用主体证照材料复印件并加盖公章；法定责任和义务已履行完毕的相关材料，或者认定单位出具的"
        "“信用修复表”等。涉及严重失信行为信息的，还应当提交信用修复培训证书，并提交信用报告。\n\n"
        "履行完毕的材料常见的有缴款凭证、整改验收意见。扫描前看一看：文书编号、金额、日期是否清楚，公章是否完整。\n\n"
        "信用报告可以是公共信用信息工作机构出具的公共信用信息查询报告，也可以是信用服务机构出具的信用报告（第十七条）。",
    ),
    (
        "五、多少天有结果",
        "认定单位和公共信用信息工作机构收到申请后审核材料。材料齐全且符合要求的，予以受理；不齐全或者不符合要求的，应当在3个工作日内"
        "一次性告知补正，补正后符合要求的，予以受理（第八条）。\n\n"
        "自受理之日起7个工作日内，作出是否予以信用修复的决定。不符合条件的，应当告知不予修复的理由（第九条）。\n\n"
        "认定单位在作出决定之日起2个工作日内，将决定共享至同级公共信用信息共享平台；各级平台及时共享至相关平台和网站（第十一条）。",
    ),
    (
        "六、您的权利，和以后怎样守信",
        "您有权查阅、知晓自身的信用记录和状况，有权了解信用修复的条件、程序及结果（第十二条）。\n\n"
        "对不予信用修复有异议的，可以向认定单位或者公共信用信息工作机构提出异议申请；收到的单位应当自收到之日起5个工作日内"
        "核实并作出处理（第十三条）。\n\n"
        "鼓励主动作出信用承诺并公示（第十五条）。参与社会公益活动或者志愿服务、法定代表人参加信用修复培训等积极改善自身信用状况的行为，"
        "可以作为信用修复的重要参考（第十六条）。它们是参考，不能代替第四条、第五条的条件。\n\n"
        "修复以后仍要守信：建立合同和许可期限的台账，收到责令改正通知及时整改并保留凭证，承诺过的事情有人负责。",
    ),
)
# Text, options, the right one, why.
QUESTIONS = (
    (
        "一般失信行为信息，自认定之日起不少于多久可以申请修复？",
        ("1个月", "3个月", "6个月", "12个月"),
        2,
        "第四条：自一般失信行为认定之日起不少于3个月。",
    ),
    (
        "下列哪一项只有严重失信行为信息的修复才要求？",
        (
            "纠正失信行为",
            "作出信用承诺并同意向社会公开",
            "参加信用修复培训，并提供信用报告",
            "履行完毕法定责任和义务",
        ),
        3,
        "第五条在第四条各项之外，要求参加信用修复培训，并提供信用报告。",
    ),
    (
        "材料不齐全的，应当在几个工作日内一次性告知补正？",
        ("3个", "5个", "7个", "10个"),
        1,
        "第八条：应当在3个工作日内一次性告知信用主体予以补正。",
    ),
    (
        "是否予以信用修复的决定，自受理之日起多少个工作日内作出？",
        ("2个", "3个", "5个", "7个"),
        4,
        "第九条：自受理之日起7个工作日内作出决定。",
    ),
    (
        "提交伪造的缴款凭证申请修复，会怎样？",
        ("补交真的就可以", "不予信用修复", "延长办理时间", "改为一般失信行为"),
        2,
        "第六条：提交虚假材料等不实申请的，不予信用修复。",
    ),
    (
        "收到不予修复的决定，有异议，可以怎样做？",
        (
            "只能等公示期满",
            "向认定单位或者公共信用信息工作机构提出异议申请",
            "付费请中介办理",
            "重新注册一家公司",
        ),
        2,
        "第十三条：可以提出异议申请，收到之日起5个工作日内核实并作出处理。",
    ),
    (
        "参加志愿服务，对信用修复有什么作用？",
        ("可以代替履行完毕的证明", "可以缩短3个月的期限", "可以作为信用修复的重要参考", "没有任何作用"),
        3,
        "第十六条：可以作为信用修复的重要参考；不能代替第四条、第五条的条件。",
    ),
)


def load_training(at: datetime) -> int:
    """The course, the meeting, the organiser, and an institution that issues reports; returns how many courses and meetings are new."""
    if Course.objects.filter(title=TITLE).exists():
        return 0
    department, bureau = (Organ.objects.get(code=code) for code in (DEPARTMENT, BUREAU))
    officer = User.objects.get(email=f"supervisor.{DEPARTMENT}@{DOMAIN}")
    course = Course.objects.create(
        organ=department, title=TITLE, summary=SUMMARY, made_by=officer, made_at=at
    )
    for position, (title, text) in enumerate(CHAPTERS, 1):
        course.chapters.create(position=position, title=title, text=text)
    for position, (text, options, right, why) in enumerate(QUESTIONS, 1):
        course.questions.create(
            position=position, text=text, options="\n".join(options), right=right, why=why
        )
    publish_course(course=course, actor=officer, at=at)
    _load_meeting(department, officer, at)
    Organiser.objects.create(organ=bureau, name="江苏示例信用服务协会")
    Institution.objects.create(organ=department, name="江苏示例征信有限公司")
    return 2


def _load_meeting(department: Organ, officer: User, at: datetime) -> None:
    day = timezone.localdate(at) + timedelta(days=10)
    starts = timezone.make_aware(datetime.combine(day, time(14)))
    meeting = Meeting.objects.create(
        organ=department,
        title="信用修复现场培训：材料怎样准备",
        summary="逐项讲解第七条规定的材料，现场查看样本，解答提问。适合第一次申请的单位的法定代表人和经办人。",
        place="南京市玄武区示例路1号政务服务中心三楼会议室",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2, minutes=30),
        enrol_until=starts - timedelta(days=1),
        places=40,
        made_by=officer,
        made_at=at,
    )
    publish_meeting(meeting=meeting, actor=officer, at=at)
