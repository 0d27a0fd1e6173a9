"""Characters of GBK and GB 18030 that older software keeps as private-use code points, and what they stand for.

GBK (1995) and GB 18030-2000 had places for characters that Unicode did not have yet; software of those years reads
them as U+E76C to U+E864, and so does Python's own codec to this day. GB 18030-2005 and -2022 name the real characters.
The table was worked out from the GB 18030 converter of glibc 2.36, position by position, against the linear order in
which GBK gave private-use code points to its positions. What users of a system invented (U+E000 to U+E765) has no
meaning that could be known, and stays.
"""

import re
from typing import Final

STANDS_FOR: Final[dict[str, str]] = {
    # A2E3; A8BC and A8BF
    "\ue76c": "€",
    "\ue7c7": "ḿ",
    "\ue7c8": "ǹ",
    # A6D9 to A6DF, A6EC, A6ED, A6F3: punctuation of vertical text
    **dict(zip(map(chr, range(0xE78D, 0xE797)), "︐︒︑︓︔︕︖︗︘︙", strict=True)),
    # A989 to A995
    **dict(zip(map(chr, range(0xE7E7, 0xE7F4)), "〾⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻", strict=True)),
    # FE50 to FEA0
    **dict(
        zip(
            map(chr, range(0xE815, 0xE865)),
            "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
            "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
            strict=True,
        )
    ),
}
_STANDING = re.compile(f"[{''.join(STANDS_FOR)}]")


def real_characters(text: str) -> str:
    """The text with what its private-use characters of GBK and GB 18030 stand for."""
    return _STANDING.sub(lambda found: STANDS_FOR[found.group()], text)
