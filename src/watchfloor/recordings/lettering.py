"""Letters of five by seven points, for what stands beside a saved picture. Pure; it knows printable ASCII alone.

What has an accent loses it here, and what is none of these is a question mark: the file's own comment has every word whole.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

# A column of seven points in two hexadecimal digits, the top one lowest; five columns a character, from the space on.
_POINTS: Final = bytes.fromhex(
    "000000000000005F00000007000700147F147F14242A7F2A12231308646236495620500005030000001C22410000"
    "41221C0014083E081408083E080800503000000808080808006060000020100804023E5149453E00427F400042615149"
    "462141454B311814127F1027454545393C4A4949300171090503364949493606494929"
    "1E003636000000563600000814"
    "224100141414141400412214080201510906324979413E7E1111117E7F494949363E414141227F4141221C7F4949494"
    "17F090909013E4149497A7F0808087F00417F41002040413F017F081422417F404040407F020C027F7F0408107F3E41"
    "41413E7F090909063E4151215E7F09192946464949493101017F01013F4040403F1F2040201F3F4038403F631408146"
    "307087008076151494543007F4141000204081020004141"
    "7F00040201020440404040400001020400205454547"
    "87F48"
    "4444383844444420384444487F3854545418087E0901020C5252523E7F0804047800447D40002040443D007F102844"
    "0000417F40007C041804787C08040478384444"
    "44387C14141408081414187C7C080404084854545420043F4440203C404"
    "0207C1C2040201C3C4030403C44281028440C5050503C4464544C44000836410000007F00000041360800"
    "1008081008"
)
_FIRST: Final = 32
_LAST: Final = 126
WIDE: Final = 6
HIGH: Final = 9


def plain(text: str) -> str:
    """The text in what these letters can write."""
    taken_apart = unicodedata.normalize("NFKD", text.replace("·", "-").replace("’", "'"))
    letters = "".join(one for one in taken_apart if not unicodedata.combining(one))
    return "".join(one if _FIRST <= ord(one) <= _LAST else "?" for one in letters)


def line(text: str) -> Mask:
    """A line of text, a point for each True, with room around it."""
    written = plain(text)
    shown = np.zeros((HIGH, WIDE * len(written)), np.bool_)
    for place, letter in enumerate(written):
        at = 5 * (ord(letter) - _FIRST)
        for column, points in enumerate(_POINTS[at : at + 5]):
            shown[1:8, WIDE * place + column] = [points >> row & 1 for row in range(7)]
    return shown


def wrapped(words: list[str], most: int) -> list[str]:
    """Parts of a sentence in lines of at most so many letters; a part that is longer alone is broken."""
    lines = [""]
    for word in words:
        for piece in (word[i : i + most] for i in range(0, len(word), most)):
            joined = f"{lines[-1]}   {piece}" if lines[-1] else piece
            lines = [*lines[:-1], joined] if len(joined) <= most else [*lines, piece]
    return lines
