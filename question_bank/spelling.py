"""When two Vietnamese texts are the same answer.

Always the same: composed and decomposed letters, one blank or several, curly and straight quotes, long and short
dashes, and the tone on either vowel ("hòa" and "hoà", "thủy" and "thuỷ") – both placements are taught. The tone of a
word is therefore compared apart from its letters. Case and marks count or not, as the examiner says.

Not the same, because it is not sure: "i" and "y" ("kĩ thuật", "kỹ thuật"), "đ" and "d", figures and number words,
a full stop at the end. An examiner who takes both writes both.
"""

from __future__ import annotations

import unicodedata

from question_bank.question import clean_text

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
_TYPED = str.maketrans("“”„«»‘’‚–—−‐‑", '"""""' + "'''" + "-----")
_ANY = "*"
_STAR = "\ue000"
"""Stands for a star that is meant (written ``\\*``) while the text is folded."""


def folded(text: str, *, match_case: bool = False, match_marks: bool = True) -> str:
    """The form in which equal answers are equal; for comparing only."""
    text = " ".join(clean_text(text).translate(_TYPED).split())
    text = text if match_case else text.casefold()
    letters = unicodedata.normalize("NFD", text)
    if match_marks:
        return _tones_last(letters)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.translate({ord("đ"): "d", ord("Đ"): "D"})


def _tones_last(letters: str) -> str:
    """Every tone at the end of its word: where in the word it was written makes no difference."""
    out: list[str] = []
    tones: list[str] = []
    for letter in letters:
        if letter in _TONES:
            tones.append(letter)
            continue
        if tones and not letter.isalpha() and not unicodedata.combining(letter):
            out += tones
            tones = []
        out.append(letter)
    return "".join(out + tones)


def matches(accepted: str, text: str, *, match_case: bool = False, match_marks: bool = True) -> bool:
    """Whether ``text`` is an accepted answer; ``*`` in it stands for anything, also for nothing.

    A star inside a word does not know where the tone of the word will stand: put it at the end of a word.
    """
    pattern = folded(accepted.replace("\\*", _STAR), match_case=match_case, match_marks=match_marks)
    given = folded(text, match_case=match_case, match_marks=match_marks)
    first, *others = [piece.strip().replace(_STAR, "*") for piece in pattern.split(_ANY)]
    if not others:
        return given == first
    *middle, last = others
    if len(given) < len(first) + len(last) or not (given.startswith(first) and given.endswith(last)):
        return False
    return _in_order(middle, given[len(first) : len(given) - len(last)])


def _in_order(pieces: list[str], text: str) -> bool:
    """Each piece as early as it can be: if that fails, nothing else succeeds."""
    place = 0
    for piece in pieces:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def written_out(accepted: str) -> str:
    """An answer that the accepted text stands for: its stars as nothing."""
    return " ".join(accepted.replace("\\*", _STAR).replace(_ANY, "").replace(_STAR, "*").split())
