"""PDFs, examined in the child process (see bounded_child); nothing here imports Django.

What a paper is refused for: what runs, starts or sends something by itself, what hides other files, and what makes
the reader fetch something from elsewhere. A link that a person has to click may lead to a web page or a mail
address, as letters of offices and banks do; it may not lead to a file, a share or a program.
"""

import io
import re

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from applications.files.bounded_child import Refused

# Bytes that one packed part may unpack to while a paper is examined.
MAX_UNPACKED = 100 * 1024 * 1024
# A paper of 10 MB has far fewer of either; more is made to keep us busy.
MAX_OBJECTS = 100_000
MAX_NODES = 200_000


def _(sentence: str) -> str:
    """Marks a sentence that the parent translates."""
    return sentence


REASONS = {
    "script": _("含有脚本（JavaScript），不能接收。请用“打印为 PDF”另存一份后重新上传。"),
    "launch": _("含有会启动程序或发送数据的动作，不能接收。请用“打印为 PDF”另存一份后重新上传。"),
    "outside": _("会打开或读取文件以外的内容（网址、共享文件夹或其他文件），不能接收。请用“打印为 PDF”另存一份后重新上传。"),
    "attachment": _(
        "内嵌了其他文件，不能接收。请去掉附件，或用“打印为 PDF”另存一份后重新上传；是本网站签发的文书的，请上传下载到的原文件。"
    ),
    "media": _("含有音视频或三维内容，不能接收。请用“打印为 PDF”另存一份后重新上传。"),
    "complex": _("结构过于复杂，无法检查。请用“打印为 PDF”另存一份后重新上传。"),
    "unreadable": _("有一部分无法读取，不能确认是否安全。请用“打印为 PDF”另存一份后重新上传。"),
    "damaged": _("已损坏，无法读取。请重新扫描或另存为 PDF 后上传。"),
    "password": _(
        "设有打开密码，工作人员打不开。请换成没有密码的：①用密码打开它，点“打印”；②打印机选“Microsoft Print to PDF”"
        "（苹果电脑选“存储为 PDF”），保存后上传新的文件。只有手机的，可以打开后逐页截屏，上传截屏。"
    ),
    "restricted": _("设有权限密码（限制打印、复制或修改），不能接收。请去掉密码，或用“打印为 PDF”另存一份后重新上传。"),
    "cut": _("不完整，可能没有下载或传输完。请重新取得原文件后上传。"),
    "tail": _("的末尾附有 PDF 以外的内容。请用“打印为 PDF”另存一份后重新上传。"),
    "empty": _("没有任何页面（0页）。请检查原文件后重新上传。"),
}  # fmt: skip

# Actions that run code, start programs, or send and fetch data when the reader merely opens or clicks.
ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/GoToE": "attachment",
    "/GoToR": "outside",
    "/RichMediaExecute": "media",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
}
KEYS = {
    "/JavaScript": "script",
    "/XFA": "script",
    "/EmbeddedFiles": "attachment",
    "/EF": "attachment",
    "/Collection": "attachment",
    # Instructions of print shops to put another file in this place.
    "/OPI": "outside",
}
SUBTYPES = {
    **dict.fromkeys(["/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"], "media"),
    "/FileAttachment": "attachment",
    # A program for the printer.
    "/PS": "script",
}
# By these a document of ours carries its own data.
DATA = frozenset({"/EmbeddedFiles", "/EF", "/EmbeddedFile", "/Filespec"})
TYPES = {"/EmbeddedFile": "attachment", "/Filespec": "outside", "/F": "outside"}
# Of a stream: its data lie in another file, or it stands for a page of another file.
STREAM_KEYS = {"/F", "/FFilter", "/FDecodeParms", "/Ref"}
# What is done without a click: when the paper, a page or a field is opened, entered, printed, closed.
BY_ITSELF = ("/OpenAction", "/AA")
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
HARMLESS_SCHEMES = {"http", "https", "mailto", "tel"}
BLANK = b"\0\t\n\f\r \x1a"
# What programs that pass files on leave behind one, as the boundary of a form: a little text, and no part of a PDF.
LEFT_BEHIND = re.compile(rb"(?!.*(?:obj|xref|trailer))[\t\n\f\r -~]{0,1024}", re.DOTALL)


def without_tail(content: bytes) -> bytes:
    """The paper without a little text behind its end. Where more follows, or what may be its own, it stays as it is."""
    end = content.rfind(b"%%EOF") + len(b"%%EOF")
    tail = content[end:].strip(BLANK)
    return content[:end] if end >= len(b"%%EOF") and tail and LEFT_BEHIND.fullmatch(tail) else content


def check_pdf(content: bytes, *, ours: bool = False) -> int:
    """The number of pages of a harmless PDF; raises Refused. ``ours``: it is, to the byte, a document that the portal has
    issued, so the file in it is that document's own data."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise Refused(REASONS["cut"])
    if content[end + len(b"%%EOF") :].strip(BLANK):
        raise Refused(REASONS["tail"])
    # Before the parser sees it: each costs it about a kilobyte and ten microseconds.
    if content.count(b"obj") > 2 * MAX_OBJECTS:
        raise Refused(REASONS["complex"])
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_UNPACKED,
        png_max_memory=MAX_UNPACKED,
        tiff_max_memory=MAX_UNPACKED,
        run_length_max_memory=MAX_UNPACKED,
        dct_max_memory=MAX_UNPACKED,
    )
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise Refused(REASONS["restricted"])
            found = _find_danger(pdf, DATA if ours else frozenset())
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused(REASONS["password"]) from None
    except (Refused, MemoryError):
        raise
    except Exception:
        # A damaged file makes the parser fail in more ways than its own exceptions.
        raise Refused(REASONS["damaged"]) from None
    if found or not pages:
        raise Refused(REASONS[found or "empty"])
    return pages


def _find_danger(pdf: Pdf, known: frozenset[str]) -> str | None:
    """The first active, hidden or outside content anywhere in the file, reachable from a page or not. ``known``: keys and
    types that are none."""
    visited = 0
    objects = list(pdf.objects)
    # The parser gives up on a part that is too large or too deep, and calls it null. Another reader may not.
    if pdf.get_warnings() and any(top is None for top in objects):
        return "unreadable"
    for count, top in enumerate(objects):
        # Indirect objects are all visited as such, so only what they hold directly is followed from here.
        stack = [top]
        while stack:
            visited += 1
            if visited > MAX_NODES or count > MAX_OBJECTS:
                return "complex"
            node = stack.pop()
            if isinstance(node, Array):
                children = list(node)
            elif isinstance(node, (Dictionary, Stream)):
                held = dict(node.items())
                found = _found_in(node, held, known)
                if found:
                    return found
                children = list(held.values())
            else:
                continue
            stack += [
                child
                for child in children
                if isinstance(child, (Array, Dictionary)) and not child.is_indirect
            ]
    return None


def _found_in(node: Object, held: dict[str, Object], known: frozenset[str]) -> str | None:
    for key in (held.keys() & KEYS.keys()) - known:
        return KEYS[key]
    if "/S" in held:
        action = _name(held["/S"])
        if action in ACTIONS:
            return ACTIONS[action]
        if "/JS" in held:
            return "script"
        if action == "/URI" and "/URI" in held:
            found = _danger_of_address(held["/URI"])
            if found:
                return found
        if action == "/Thread" and "/F" in held:
            return "outside"
    if isinstance(held.get("/URI"), Dictionary) and "/Base" in held["/URI"]:
        found = _danger_of_address(held["/URI"]["/Base"])
        if found:
            return found
    subtype, kind = _name(held.get("/Subtype")), _name(held.get("/Type"))
    if subtype in SUBTYPES:
        return SUBTYPES[subtype]
    if kind in TYPES and kind not in known:
        return TYPES[kind]
    if _name(held.get("/FS")) == "/URL":
        return "outside"
    if isinstance(node, Stream) and STREAM_KEYS & held.keys():
        return "outside"
    return "outside" if any(_leads_outside(held[key]) for key in BY_ITSELF if key in held) else None


def _name(node: object) -> str:
    return str(node) if isinstance(node, Name) else ""


def _danger_of_address(address: Object) -> str | None:
    """Of the address of a link: None where it is a web page, a mail address, or relative to one."""
    text = re.sub(r"[\x00-\x20]", "", str(address))
    scheme = SCHEME.match(text)
    if scheme is None:
        return "outside" if text.startswith(("\\", "//")) else None
    if scheme[1].lower() in {"javascript", "vbscript", "data"}:
        return "script"
    return None if scheme[1].lower() in HARMLESS_SCHEMES else "outside"


def _leads_outside(trigger: Object) -> bool:
    """Whether what is done without a click opens an address. ``trigger``: an action, or actions by occasion.

    The other actions that are refused are found wherever they stand.
    """
    if not isinstance(trigger, Dictionary):
        return False
    waiting: list[Object] = [trigger] if "/S" in trigger else [each for _key, each in trigger.items()]
    # A chain may be a ring; no honest one is as long.
    for _step in range(100):
        if not waiting:
            return False
        action = waiting.pop()
        if isinstance(action, Array):
            waiting += list(action)
        elif isinstance(action, Dictionary):
            if _name(action.get("/S")) == "/URI":
                return True
            if "/Next" in action:
                waiting.append(action["/Next"])
    return True
