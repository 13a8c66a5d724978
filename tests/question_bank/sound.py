"""Questions of every kind that may be approved, and the same questions with another key."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from question_bank.kinds.base import comparable
from question_bank.question import Option, Question
from question_bank.spelling import folded

STEM = "Theo quy định hiện hành, nội dung nào phù hợp?"
WORDS = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầếệíìịóòỏọốộớờủũứừựỳ", min_size=1, max_size=6)
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
POINTS = st.sampled_from([250, 500, 1000])


def different(fewest: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(TEXTS, min_size=fewest, max_size=most, unique_by=lambda text: (comparable(text), folded(text)))


def numbers() -> st.SearchStrategy[str]:
    return st.decimals(-(10**6), 10**6, places=3, allow_nan=False, allow_infinity=False).map(str)


@st.composite
def _options(draw: st.DrawFn, kind: str, scorings: list[str]) -> Question:
    texts = draw(different(2, 6))
    scoring = draw(st.sampled_from(scorings))
    right = 1 if kind == "single_choice" else draw(st.integers(1, len(texts) - 1))
    key = set(draw(st.permutations(range(len(texts))))[:right])
    pins = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    shares: list[int | None] = [None] * len(texts)
    if scoring == "weights":
        wrong = st.integers(-1000, 0 if kind == "multiple_response" else 999)
        shares = [1000 // right if index in key else draw(wrong) for index in range(len(texts))]
    options = (Option(text, i in key, pins[i], share=shares[i]) for i, text in enumerate(texts))
    return Question(kind, STEM, tuple(options), details={"scoring": scoring} if scoring else {})


def _true_false() -> st.SearchStrategy[Question]:
    pairs = st.booleans().map(lambda true: (Option("Đúng", correct=true), Option("Sai", correct=not true)))
    return pairs.map(lambda options: Question("true_false", STEM, options))


@st.composite
def _cluster(draw: st.DrawFn) -> Question:
    texts = draw(different(2, 6))
    key = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    between = sorted(draw(st.lists(st.integers(0, 1000), min_size=len(texts) - 1, max_size=len(texts) - 1)))
    details = draw(st.sampled_from([{}, {"table": [0, *between, 1000]}]))
    return Question("true_false_cluster", STEM, tuple(map(Option, texts, key)), details=details)


@st.composite
def _matching(draw: st.DrawFn) -> Question:
    lefts, rights = draw(different(2, 5)), draw(different(3, 5))
    pairs = [{"left": left, "right": draw(st.sampled_from(rights[1:]))} for left in lefts[2:]]
    pairs = [{"left": lefts[0], "right": rights[1]}, {"left": lefts[1], "right": rights[2]}, *pairs]
    scoring = draw(st.sampled_from(["each", "all"]))
    return Question("matching", STEM, details={"pairs": pairs, "extra": [{"text": rights[0]}], "scoring": scoring})


@st.composite
def _ordering(draw: st.DrawFn) -> Question:
    items = [{"text": text} for text in draw(different(2, 6))]
    return Question("ordering", STEM, details={"items": items, "scoring": draw(st.sampled_from(["exact", "pairs"]))})


@st.composite
def _numeric_answer(draw: st.DrawFn, share: int = 1000) -> dict[str, Any]:
    low, width = draw(numbers()), draw(st.sampled_from(["0", "0.5", "10"]))
    if draw(st.booleans()):
        return {"value": low, "tolerance": width, "mode": "absolute", "share": share}
    return {"low": low, "high": "1000000", "share": share}


@st.composite
def _numeric(draw: st.DrawFn) -> Question:
    answers = [draw(_numeric_answer()), *draw(st.lists(_numeric_answer(share=500), max_size=2))]
    unit = draw(st.sampled_from(["", "%", "triệu đồng", "m²"]))
    return Question(
        "numeric", STEM, details={"answers": answers, "unit": unit, "unit_required": bool(unit) and draw(st.booleans())}
    )


@st.composite
def _accepted(draw: st.DrawFn) -> dict[str, Any]:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3, unique_by=lambda text: folded(text, match_marks=False)))
    shares = [1000, *draw(st.lists(st.integers(0, 1000), min_size=2, max_size=2))]
    accepted = [{"text": text, "share": share} for text, share in zip(texts, shares, strict=False)]
    return {"accepted": accepted, "match_case": draw(st.booleans()), "match_marks": draw(st.booleans())}


def _short_text() -> st.SearchStrategy[Question]:
    return _accepted().map(lambda details: Question("short_text", STEM, details=details))


@st.composite
def _gap(draw: st.DrawFn) -> dict[str, Any]:
    form = draw(st.sampled_from(["choices", "accepted", "numeric"]))
    if form == "choices":
        gap: dict[str, Any] = {
            "choices": [{"text": text, "correct": not place} for place, text in enumerate(draw(different(2, 4)))]
        }
    else:
        gap = draw(_accepted()) if form == "accepted" else {"numeric": [draw(_numeric_answer())]}
    return {**gap, "points": draw(st.integers(1, 3))}


@st.composite
def _gap_text(draw: st.DrawFn) -> Question:
    gaps = draw(st.lists(_gap(), min_size=1, max_size=4))
    stem = " và ".join(f"{draw(TEXTS)} [[{number}]]" for number in range(1, len(gaps) + 1))
    return Question("gap_text", stem, details={"gaps": gaps})


@st.composite
def _case(draw: st.DrawFn) -> Question:
    kinds = st.sampled_from([name for name in SOUND if name not in {"case", "essay"}])
    parts = [replace(draw(SOUND[draw(kinds)]), points=draw(POINTS)).as_json() for _ in range(draw(st.integers(1, 3)))]
    return Question("case", STEM, details={"questions": parts})


@st.composite
def _essay(draw: st.DrawFn) -> Question:
    rubric = [{"text": text, "points": 250} for text in draw(different(1, 3))]
    return Question("essay", STEM, details={"rubric": rubric, "words": draw(st.sampled_from([None, 300])), "lines": 20})


SOUND: dict[str, st.SearchStrategy[Question]] = {
    "single_choice": _options("single_choice", ["", "weights"]),
    "multiple_response": _options(
        "multiple_response", ["", "all_or_nothing", "per_right", "right_minus_wrong", "weights"]
    ),
    "true_false": _true_false(),
    "true_false_cluster": _cluster(),
    "matching": _matching(),
    "ordering": _ordering(),
    "numeric": _numeric(),
    "short_text": _short_text(),
    "gap_text": _gap_text(),
    "case": _case(),
    "essay": _essay(),
}


def rekeyed(question: Question, rng: random.Random) -> Question:
    """The question with what is right, and only that, told otherwise."""
    options = tuple(replace(one, correct=rng.random() < 0.5, share=rng.randrange(-9, 9)) for one in question.options)
    change: Callable[[dict[str, Any], random.Random], dict[str, Any]] = _REKEYED.get(question.kind, lambda d, _: d)
    return replace(question, options=options, details=change(dict(question.details), rng))


def _mixed(things: list[Any], rng: random.Random) -> list[Any]:
    return rng.sample(things, len(things))


def _pairs(details: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    rights = _mixed([pair["right"] for pair in details["pairs"]], rng)
    pairs = [{**pair, "right": right} for pair, right in zip(details["pairs"], rights, strict=True)]
    return {**details, "pairs": pairs}


def _gaps(details: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    typed = {"accepted": [{"text": str(rng.random())}], "numeric": [{"value": str(rng.randrange(99))}]}
    gaps = [
        {
            form: [{**one, "correct": rng.random() < 0.5} for one in told] if form == "choices" else typed[form]
            for form, told in gap.items()
            if form in {"choices", *typed}
        }
        for gap in details["gaps"]
    ]
    return {"gaps": gaps}


_REKEYED: dict[str, Callable[[dict[str, Any], random.Random], dict[str, Any]]] = {
    "matching": _pairs,
    "ordering": lambda details, rng: {**details, "items": _mixed(details["items"], rng)},
    "numeric": lambda details, rng: {**details, "answers": [{"value": str(rng.randrange(99))}]},
    "short_text": lambda details, rng: {"accepted": [{"text": str(rng.random())}]},
    "gap_text": _gaps,
    "case": lambda details, rng: {
        "questions": [rekeyed(Question.from_json(part), rng).as_json() for part in details["questions"]]
    },
    "essay": lambda details, rng: {**details, "rubric": [{"text": str(rng.random()), "points": 1}]},
}
