"""Which words can be Vietnamese syllables: how sound text is told from text of another encoding and from wrecks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ONSETS = _listed("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x") | {""}
_RIMES = _listed(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong
    op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh
    uyt uyu uyn uyp ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu ynh
    """
)
_BEFORE_NARROW = _listed("k gh ngh")
_BEFORE_WIDE = _listed("c g ng")
"""Written before a, o, u and their like; before e, ê, i and y it is the others."""
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARKED = re.compile("[àáâãèéêìíòóôõùúýăđĩũơư\u1ea0-\u1ef9]")
_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether the word is built as Vietnamese syllables are: an onset, a rime and at most one tone."""
    plain: list[str] = []
    tones = 0
    for character in unicodedata.normalize("NFD", word.casefold()):
        if character in _TONES:
            tones += 1
        else:
            plain.append(character)
    text = unicodedata.normalize("NFC", "".join(plain))
    onsets = _ONSETS & {text[:length] for length in range(4)}
    return tones < 2 and (text == "gi" or any(_fits(onset, text[len(onset) :]) for onset in onsets))


def _fits(onset: str, rime: str) -> bool:
    narrow = rime[:1] in {"e", "ê", "y"} or (rime[:1] == "i" and onset != "g")
    return rime in _RIMES and onset not in (_BEFORE_WIDE if narrow else _BEFORE_NARROW)


@lru_cache(maxsize=8192)
def has_marks(word: str) -> bool:
    """Whether the word bears a Vietnamese mark."""
    return _MARKED.search(unicodedata.normalize("NFC", word).casefold()) is not None


def marked_words(text: str) -> Iterator[str]:
    """The words of a composed text that bear Vietnamese marks."""
    return (word for word in _LETTERS.findall(text) if has_marks(word))


def is_wreck(text: str) -> bool:
    """Whether so many of the marked words cannot be Vietnamese that letters must have been lost or mistaken."""
    wrong = sum(map(_is_wrong, _LETTERS.findall(text)))
    return wrong > 2 and wrong * 5 > sum(not word.isupper() for word in marked_words(text))


@lru_cache(maxsize=8192)
def _is_wrong(word: str) -> bool:
    """Whether the word bears marks and is no syllable; NĐ, QĐ, BCĐ need not be any."""
    return has_marks(word) and not word.isupper() and not is_syllable(word)
