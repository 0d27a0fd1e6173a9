"""The words of refusal, and how a hostile upload is kept: its file name, how it is made, and its outcome."""

from collections.abc import Callable

COMPLEX, OUTSIDE, PIXELS, SIDE = "结构过于复杂", "文件以外的内容", "像素过多", "过长或过宽"
SCRIPT, LAUNCH, ATTACHED, MEDIA = "脚本", "启动程序", "内嵌了其他文件", "音视频"
DAMAGED, BROKEN = "已损坏，无法读取", "不完整或已损坏"
TOO_LARGE = "太大"
UNREADABLE = "有一部分无法读取"
# Harmless in the end: what was hidden is left out, or nothing of it is ever unpacked.
TAKEN = "taken"

Make = Callable[[], bytes]
HOSTILE: dict[str, tuple[str, Make, str]] = {}


def hostile(name: str, word: str, kind: str = "pdf"):
    def keep(make: Make) -> Make:
        HOSTILE[name] = (f"{name}.{kind}", make, word)
        return make

    return keep
