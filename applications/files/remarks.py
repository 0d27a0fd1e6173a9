"""What was found on the pages of a file when it came (see looking.look), in words. Each says what is seen, and what follows for
whom: nothing here says that a file is wrong, and nothing is refused for it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _

from applications.files.examining import A4_INCHES, ASKED_DPI
from applications.files.models import StoredFile
from applications.language import is_english


@dataclass(frozen=True, slots=True)
class PageRemark:
    """All that is remarked on a page: of each what was seen, and what whoever brought it can do. ``has_picture``: whether there
    is a small picture of it."""

    page: int
    found: tuple[tuple[str, str], ...]
    has_picture: bool

    @property
    def sentences(self) -> list[str]:
        """For whoever brought it."""
        between = " " if is_english() else ""
        return [between.join(said) for said in self.found]

    @property
    def words(self) -> str:
        """For whoever reads it."""
        return "".join(seen for seen, _remedy in self.found)


def remarks_on(file: StoredFile, *, sealed: bool) -> list[PageRemark]:
    """``sealed``: whether such a paper bears the seal of whoever made it."""
    if not file.upload_sha256:
        # The portal made it itself, or it came before there was this check.
        return []
    if file.findings is None:
        nobody = (_("系统没能自动查看这个文件的页面。"), _("请您打开核对是否清楚、完整。"))
        return [PageRemark(1, (nobody,), False)]
    pages: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for page, seen, remedy in _found(file, sealed):
        pages[page].append((seen, remedy))
    pictures = file.findings["pictures"]
    return [PageRemark(page, tuple(pages[page]), page in pictures) for page in sorted(pages)]


def _found(file: StoredFile, sealed: bool) -> Iterator[tuple[int, str, str]]:
    found, seen = file.findings or {}, (file.findings or {})["seen"]
    for page in found["blank"]:
        words = _("第%(page)d页看起来是空白的。") % {"page": page}
        yield page, words, _("原件不是空白的，请重新拍照或扫描。")
    for page in found["sideways"]:
        words = _("第%(page)d页的文字好像是横着的。") % {"page": page}
        yield page, words, _("确实横着的，请转正后重新上传。")
    for page, width, height, dpi in found["coarse"]:
        words = _(
            "第%(page)d页是%(width)d×%(height)d像素，按A4纸算约%(dpi)d DPI，低于%(asked)d DPI（长边%(pixels)d像素），小字可能看不清。"
        ) % {
            "page": page,
            "width": width,
            "height": height,
            "dpi": dpi,
            "asked": ASKED_DPI,
            "pixels": ceil(ASKED_DPI * A4_INCHES),
        }
        yield page, words, _("看不清的，请重新拍照或扫描；证件、小票等比A4小、看得清的，不用换。")
    if sealed and not found["red"]:
        whole = _("没有看到红色印章。")
        part = _("前%(seen)d页没有看到红色印章。") % {"seen": seen}
        yield (
            1,
            whole if seen == file.pages else part,
            _(
                "这份材料要加盖公章：还没有盖的，请盖章后重新上传；已经盖了的，请用彩色拍照或扫描；印章不是红色的，不用换。"
            ),
        )
    if seen < file.pages:
        words = _("系统只自动查看了前%(seen)d页。") % {"seen": seen}
        yield seen + 1, words, _("其余的请您打开核对是否清楚、完整。")
