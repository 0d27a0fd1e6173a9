"""What was found on the pages of a file when it came (see looking.look), in words. Each says what is seen, and what follows for
whom: nothing here says that a file is wrong, and nothing is refused for it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _

from applications.files.examining import A4_INCHES, ASKED_DPI
from applications.files.models import StoredFile


@dataclass(frozen=True, slots=True)
class PageRemark:
    """All that is remarked on a page, a sentence for each. ``has_picture``: whether there is a small picture of it."""

    page: int
    sentences: tuple[str, ...]
    has_picture: bool

    @property
    def words(self) -> str:
        return "".join(self.sentences)


def remarks_on(file: StoredFile, *, sealed: bool) -> list[PageRemark]:
    """``sealed``: whether such a paper bears the seal of whoever made it."""
    if not file.upload_sha256:
        # The portal made it itself, or it came before there was this check.
        return []
    if file.findings is None:
        return [PageRemark(1, (_("系统没能自动查看这个文件的页面，请您打开核对是否清楚、完整。"),), False)]
    pages: dict[int, list[str]] = defaultdict(list)
    for page, sentence in _found(file, sealed):
        pages[page].append(sentence)
    pictures = file.findings["pictures"]
    return [PageRemark(page, tuple(pages[page]), page in pictures) for page in sorted(pages)]


def _found(file: StoredFile, sealed: bool) -> Iterator[tuple[int, str]]:
    found, seen = file.findings or {}, (file.findings or {})["seen"]
    for page in found["blank"]:
        yield page, _("第%(page)d页看起来是空白的。原件不是空白的，请重新拍照或扫描。") % {"page": page}
    for page in found["sideways"]:
        yield page, _("第%(page)d页的文字好像是横着的。确实横着的，请转正后重新上传。") % {"page": page}
    for page, width, height, dpi in found["coarse"]:
        yield (
            page,
            _(
                "第%(page)d页是%(width)d×%(height)d像素，按A4纸算约%(dpi)d DPI，低于%(asked)d DPI（长边%(pixels)d像素），小字可能看不清。"
                "看不清的，请重新拍照或扫描；证件、小票等比A4小、看得清的，不用换。"
            )
            % {
                "page": page,
                "width": width,
                "height": height,
                "dpi": dpi,
                "asked": ASKED_DPI,
                "pixels": ceil(ASKED_DPI * A4_INCHES),
            },
        )
    if sealed and not found["red"]:
        yield (
            1,
            (
                _("没有看到红色印章。")
                if seen == file.pages
                else _("前%(seen)d页没有看到红色印章。") % {"seen": seen}
            )
            + _(
                "这份材料要加盖公章：还没有盖的，请盖章后重新上传；已经盖了的，请用彩色拍照或扫描；印章不是红色的，不用换。"
            ),
        )
    if seen < file.pages:
        yield (
            seen + 1,
            _("系统只自动查看了前%(seen)d页，其余的请您打开核对是否清楚、完整。") % {"seen": seen},
        )
