"""Which questions are nearly the same: over a whole bank, and one against the bank.

Stems are compared as sets of word pairs without case, diacritics and punctuation, numbers left out. Two stems are
near when they share at least :data:`NEAR` of their pairs (Jaccard). A stem can only be near another when the two share
one of their rarest pairs, so only those are looked up (prefix filtering, Chaudhuri, Ganti and Kaushik, ICDE 2006);
what is found is then compared letter by letter.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from question_bank.kinds import KINDS
from question_bank.question import Question

NEAR = 0.6
"""Share of word pairs, from which two stems are compared letter by letter."""
CLOSE = 88
"""Likeness of the letters, 0 to 100, from which two stems count as similar."""
MOST_FOUND = 20
"""Best matches given for one question: a person reads no more."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"\w+")


class Likeness(StrEnum):
    """How two questions are alike."""

    SAME = "same"
    """Same stem, same options."""
    SAME_STEM = "same_stem"
    """Same stem, other options."""
    NUMBERS = "numbers"
    """The same question with other numbers."""
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of a question."""

    stem: str
    """Folded words."""
    skeleton: str
    """The stem with every number as "#"."""
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A question found to be like another; ``score`` is 0 to 100."""

    key: int
    likeness: Likeness
    score: int


@dataclass(frozen=True, slots=True)
class Pair:
    first: int
    second: int
    likeness: Likeness
    score: int


class _Bare(dict[int, str]):
    """Each character without its marks, worked out when it is first met: a bank folds millions of them."""

    def __missing__(self, code: int) -> str:
        marks = unicodedata.normalize("NFD", chr(code)).replace("đ", "d")
        bare = self[code] = "".join(c for c in marks if not unicodedata.combining(c))
        return bare


_BARE = _Bare()


def fold(text: str) -> str:
    """Words in lower case without diacritics and punctuation."""
    return " ".join(_WORD.findall(text.casefold().translate(_BARE)))


def fingerprint(question: Question) -> Fingerprint:
    masked = _NUMBER.sub(" # ", question.stem)
    skeleton = " # ".join(fold(part) for part in masked.split("#"))
    texts = KINDS[question.kind].texts(question)
    return Fingerprint(fold(question.stem), " ".join(skeleton.split()), frozenset(map(fold, texts)))


def compare(one: Fingerprint, other: Fingerprint) -> tuple[Likeness, int] | None:
    """How alike the two are; ``None`` when they are not."""
    if one.stem == other.stem:
        return (Likeness.SAME if one.options == other.options else Likeness.SAME_STEM), 100
    if one.skeleton == other.skeleton:
        return Likeness.NUMBERS, round(fuzz.ratio(one.stem, other.stem))
    score = fuzz.ratio(one.skeleton, other.skeleton, score_cutoff=CLOSE)
    return (Likeness.SIMILAR, round(score)) if score else None


class Index:
    """Questions by what they say. Keys are whole numbers of the caller's."""

    def __init__(self, questions: Iterable[tuple[int, Fingerprint]] = ()) -> None:
        self._prints: dict[int, Fingerprint] = {}
        self._numbers: dict[str, int] = {}
        self._pairs: dict[int, array[int]] = {}
        self._holders: dict[int, array[int]] = {}
        for key, found in questions:
            self.add(key, found)

    def __len__(self) -> int:
        return len(self._prints)

    def __contains__(self, key: int) -> bool:
        return key in self._prints

    def add(self, key: int, found: Fingerprint) -> None:
        """Take a question, or what it says now in the place of what it said."""
        self.remove(key)
        self._prints[key] = found
        pairs = self._pairs[key] = array("q", sorted({self._number(pair) for pair in _word_pairs(found.skeleton)}))
        for pair in pairs:
            self._holders.setdefault(pair, array("q")).append(key)

    def remove(self, key: int) -> None:
        if self._prints.pop(key, None) is None:
            return
        for pair in self._pairs.pop(key):
            self._holders[pair].remove(key)

    def find(self, found: Fingerprint, *, skip: int | None = None) -> list[Match]:
        """The questions like this one, most alike first; never the one called ``skip``."""
        numbers = {self._numbers[pair] for pair in _word_pairs(found.skeleton) if pair in self._numbers}
        unknown = len(set(_word_pairs(found.skeleton))) - len(numbers)
        total = len(numbers) + unknown
        rarest = sorted(numbers, key=lambda pair: len(self._holders[pair]))
        wanted = max(0, _prefix(total) - unknown)
        candidates = {key for pair in rarest[:wanted] for key in self._holders[pair]} - {skip}
        return self._best(found, numbers, total, candidates)

    def _best(self, found: Fingerprint, numbers: set[int], total: int, candidates: Iterable[int]) -> list[Match]:
        matches = []
        for key in candidates:
            pairs = self._pairs[key]
            if len(pairs) < NEAR * total or total < NEAR * len(pairs):
                continue
            shared = len(numbers.intersection(pairs))
            if shared >= NEAR * (total + len(pairs) - shared) and (alike := compare(found, self._prints[key])):
                matches.append(Match(key, *alike))
        matches.sort(key=lambda match: (list(Likeness).index(match.likeness), -match.score, match.key))
        return matches[:MOST_FOUND]

    def pairs(self) -> Iterator[Pair]:
        """Every two questions that are alike, once, the smaller key first."""
        rank = {pair: (len(holders), pair) for pair, holders in self._holders.items()}
        ordered = {key: sorted(pairs, key=rank.__getitem__) for key, pairs in self._pairs.items()}
        before: dict[int, list[int]] = {}
        for key in sorted(ordered, key=lambda key: len(ordered[key])):
            prefix = ordered[key][: _prefix(len(ordered[key]))]
            candidates = {other for pair in prefix for other in before.get(pair, ())}
            yield from self._alike(key, candidates)
            for pair in prefix:
                before.setdefault(pair, []).append(key)

    def _alike(self, key: int, candidates: Iterable[int]) -> Iterator[Pair]:
        mine, size = set(self._pairs[key]), len(self._pairs[key])
        for other in candidates:
            theirs = self._pairs[other]
            if len(theirs) < NEAR * size:
                continue
            shared = len(mine.intersection(theirs))
            if shared >= NEAR * (size + len(theirs) - shared) and (
                alike := compare(self._prints[key], self._prints[other])
            ):
                yield Pair(min(key, other), max(key, other), *alike)

    def _number(self, pair: str) -> int:
        return self._numbers.setdefault(pair, len(self._numbers))


def _word_pairs(skeleton: str) -> list[str]:
    """Neighbouring words; repeated ones are told apart, so that a stem of one word and its double differ."""
    words = ["", *skeleton.split(), ""]
    seen: Counter[str] = Counter()
    pairs = []
    for left, right in itertools.pairwise(words):
        pair = f"{left} {right}"
        seen[pair] += 1
        pairs.append(pair if seen[pair] == 1 else f"{pair} {seen[pair]}")
    return pairs


def _prefix(size: int) -> int:
    """How many of the rarest pairs must be looked up, so that no near stem is missed."""
    return size - math.ceil(NEAR * size) + 1 if size else 0


def groups(pairs: Iterable[Pair]) -> list[set[int]]:
    """Questions that hang together by likeness, in sets."""
    parent: dict[int, int] = {}

    def root(key: int) -> int:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for pair in pairs:
        parent[root(pair.first)] = root(pair.second)
    found: dict[int, set[int]] = {}
    for key in parent:
        found.setdefault(root(key), set()).add(key)
    return sorted(found.values(), key=min)


def index_of(questions: Mapping[int, Question]) -> Index:
    return Index((key, fingerprint(question)) for key, question in questions.items())
