"""Vietnamese text in the encodings before Unicode: TCVN3 (fonts ".Vn…") and VNI (fonts "VNI-…").

Both were typed with fonts that drew Vietnamese letters in the places of Western ones. A font's name is sure; where
there is none, the words decide: those that become Vietnamese syllables when converted and are none as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from question_bank.formats.syllables import has_marks, is_syllable
from question_bank.messages import N_, Message

TCVN3, VNI, WINDOWS = "tcvn3", "vni", "cp1258"
LABELS = {TCVN3: Message(N_("TCVN3 (phông .VnTime)")), VNI: Message(N_("VNI")), WINDOWS: Message("Windows-1258")}

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT, _ROOF, _BREVE = "\u0300\u0301\u0309\u0303\u0323\u0302\u0306"
_VNI_MARKS = {
    "ø": _GRAVE,
    "ù": _ACUTE,
    "û": _HOOK,
    "õ": _TILDE,
    "ï": _DOT,
    "â": _ROOF,
    "à": _ROOF + _GRAVE,
    "á": _ROOF + _ACUTE,
    "å": _ROOF + _HOOK,
    "ã": _ROOF + _TILDE,
    "ä": _ROOF + _DOT,
    "ê": _BREVE,
    "è": _BREVE + _GRAVE,
    "é": _BREVE + _ACUTE,
    "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}
"""What each mark letter adds to the vowel before it; capitals bear the capital of the mark letter."""
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
_VNI_LETTERS |= {old.upper(): new.upper() for old, new in _VNI_LETTERS.items()}
_VNI_MARKS |= {old.upper(): marks for old, marks in _VNI_MARKS.items()}
_VNI_BASES = frozenset("aeouyAEOUYôöÔÖ")

_EDGES = " \t.,;:!?()[]{}“”\"'‘’/-–—*_|<>=+&%0123456789"
_ENOUGH = 2


def of_font(font: str) -> str | None:
    """The encoding that a font of this name was made for."""
    name = font.strip()
    if re.match(r"\.vn", name, re.IGNORECASE):
        return TCVN3
    return VNI if re.match(r"vni[-\s]", name, re.IGNORECASE) else None


def draws_capitals(font: str) -> bool:
    """The fonts whose names end in H draw small letters as capitals."""
    return font.strip().lower().startswith(".vn") and font.strip().endswith("H")


def to_unicode(text: str, name: str, before: str = "") -> str:
    """``text`` of the named encoding as composed Unicode; ``before`` is the character that it continues, if any."""
    if name == TCVN3:
        return "".join(_TCVN3.get(_western(character), _western(character)) for character in text)
    if name == VNI:
        return unicodedata.normalize("NFC", _from_vni("".join(map(_western, text)), before))
    return unicodedata.normalize("NFC", text)


def _western(character: str) -> str:
    """Symbol fonts are kept in a private area, a page above the Western letters."""
    code = ord(character)
    return chr(code - 0xF000) if 0xF020 <= code <= 0xF0FF else character


def _from_vni(text: str, before: str) -> str:
    converted: list[str] = []
    for character in text:
        if before in _VNI_BASES and character in _VNI_MARKS:
            converted.append(_VNI_MARKS[character])
            before = ""
        else:
            converted.append(_VNI_LETTERS.get(character, character))
            before = character
    return "".join(converted)


_OLD_ONLY = re.compile("[¡-¬®-¾ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ\uf020-\uf0ff]")


def may_be_old(text: str) -> bool:
    """Whether a letter is in it that Vietnamese in Unicode does not have and the old encodings do; a quick look."""
    return not text.isascii() and _OLD_ONLY.search(text) is not None


@dataclass(slots=True)
class _Tally:
    """Words that speak for an encoding and against it."""

    good: int = 0
    bad: int = 0


def detect(text: str) -> str | None:
    """The old encoding that the words of ``text`` are in; ``None`` for Unicode and wherever there is doubt."""
    words = {word for part in text.split() if (word := part.strip(_EDGES)) and not word.isascii()}
    composed = {unicodedata.normalize("NFC", word) for word in words}
    modern = sum(has_marks(word) and is_syllable(word) for word in composed)
    best: tuple[int, str] | None = None
    for name in (TCVN3, VNI):
        tally = _tally(words, name)
        sure = tally.good >= _ENOUGH and tally.good > 2 * tally.bad and tally.good > modern
        if sure and (best is None or tally.good - tally.bad > best[0]):
            best = (tally.good - tally.bad, name)
    return best[1] if best else None


def _tally(words: set[str], name: str) -> _Tally:
    """Words that both readings take for Vietnamese say nothing."""
    good = sum(_speaks_for(word, name) for word in words)
    return _Tally(good, len(words) - good)


@lru_cache(maxsize=8192)
def _speaks_for(word: str, name: str) -> bool:
    """Whether the word becomes Vietnamese when it is read in the named encoding, and only then."""
    converted = to_unicode(word, name).strip(_EDGES)
    return converted != word and has_marks(converted) and is_syllable(converted)


def is_in(text: str, name: str, *, surely: bool = False) -> bool:
    """Whether this part of a text in the named encoding is in it too, and not Unicode among it.

    Where both readings make as many syllables, that is so unless it must be ``surely``.
    """
    words = {word for part in text.split() if (word := part.strip(_EDGES)) and not word.isascii()}
    if not words:
        return False
    modern = sum(has_marks(word) and is_syllable(unicodedata.normalize("NFC", word)) for word in words)
    good = _tally(words, name).good
    return good > modern or (good == modern and not surely)


def of_bytes(data: bytes) -> tuple[str, str] | None:
    """A text that is not Unicode, as its bytes read in the West, with the name of its encoding; ``None`` if unsure.

    Text of the Windows code page for Vietnamese needs no more than composing.
    """
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        western = data.decode("latin-1")
    if name := detect(western):
        return western, name
    windows = data.decode("cp1258", "replace")
    words = [w for part in windows.split() if (w := unicodedata.normalize("NFC", part.strip(_EDGES))) and has_marks(w)]
    right = sum(map(is_syllable, words))
    return (windows, WINDOWS) if right >= _ENOUGH and right * 4 > len(words) * 3 else None
