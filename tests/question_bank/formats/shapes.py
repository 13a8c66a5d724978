"""Questions of every kind with all they may hold, for formats that carry them."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from hypothesis import strategies as st

from question_bank import rich_text
from question_bank.formats.base import true_false_options
from question_bank.kinds.base import comparable
from question_bank.question import Option, Question

from .strategies import WORDS, any_text, questions

LINES = any_text().map(lambda text: " ".join(text.split()))
TYPED = LINES.filter(lambda text: len(text) <= 40)
SHARES = st.integers(-1000, 1000)
NUMBERS = st.decimals(-1000, 1000, places=2).map(str)
WIDTHS = st.decimals(0, 10, places=2).map(str)


def rich(text: str, word: str) -> tuple[str, str]:
    """A text with something bold in it, plain and rich."""
    return rich_text.both(f"<p>{escape(text, quote=False)}</p><p><b>{escape(word)}</b> và <i>x<sub>2</sub></i></p>")


RICH = st.one_of(any_text().map(lambda text: (text, "")), st.builds(rich, LINES, WORDS))
FEEDBACK = st.one_of(st.just(""), any_text())
OPTIONS = st.lists(
    st.builds(lambda pair, said: Option(pair[0], html=pair[1], feedback=said), RICH, FEEDBACK),
    min_size=3,
    max_size=5,
    unique_by=lambda option: comparable(option.text),
)


def _worth(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value not in ("", None)}


WORTH = st.builds(_worth, share=st.sampled_from([None, 0, 500, 333, 120]), feedback=FEEDBACK)
NUMERIC = st.lists(
    st.one_of(
        st.builds(lambda v, w, more: {"value": v, "tolerance": w, "mode": "absolute", **more}, NUMBERS, WIDTHS, WORTH),
        st.builds(lambda v, w, more: {"value": v, "tolerance": w, "mode": "relative", **more}, NUMBERS, WIDTHS, WORTH),
        st.builds(lambda low, w, more: {"low": low, "high": str(float(low) + 1), **more}, NUMBERS, WIDTHS, WORTH),
    ),
    min_size=1,
    max_size=3,
)
ACCEPTED = st.lists(
    st.builds(lambda text, more: {"text": text, **more}, TYPED, WORTH),
    min_size=1,
    max_size=3,
)
CHOICES = st.lists(TYPED, min_size=2, max_size=4, unique_by=comparable).map(
    lambda texts: [{"text": text, "correct": index == 0} for index, text in enumerate(texts)]
)
GAPS = st.one_of(
    CHOICES.map(lambda found: {"choices": found}),
    ACCEPTED.map(lambda found: {"accepted": found}),
    NUMERIC.map(lambda found: {"numeric": found}),
)


def _named(name: str, html: str) -> dict[str, str]:
    return {name: html} if html else {}


def _single(draw: st.DrawFn) -> dict[str, Any]:
    options = draw(OPTIONS)
    weights = draw(st.one_of(st.none(), st.lists(SHARES, min_size=5, max_size=5)))
    shares = [1000, *(share if share < 1000 else 0 for share in weights or [])]
    options = [
        replace(option, correct=index == 0, share=shares[index] if weights else None, pinned=draw(st.booleans()))
        for index, option in enumerate(options)
    ]
    return {"options": tuple(options), "details": {"scoring": "weights"} if weights else {}}


def _multiple(draw: st.DrawFn) -> dict[str, Any]:
    scoring = draw(st.sampled_from(["all_or_nothing", "per_right", "right_minus_wrong", "weights"]))
    shares = [667, 333, -500, 0, 0] if scoring == "weights" else [None] * 5
    options = [replace(option, correct=index < 2, share=shares[index]) for index, option in enumerate(draw(OPTIONS))]
    return {"options": tuple(options), "details": {} if scoring == "all_or_nothing" else {"scoring": scoring}}


def _true_false(draw: st.DrawFn) -> dict[str, Any]:
    right, said = draw(st.booleans()), draw(st.tuples(FEEDBACK, FEEDBACK))
    return {"options": tuple(replace(o, feedback=f) for o, f in zip(true_false_options(right), said, strict=True))}


def _cluster(draw: st.DrawFn) -> dict[str, Any]:
    options = [replace(o, correct=draw(st.booleans()), feedback="") for o in draw(OPTIONS)]
    table = [0, *([100] * (len(options) - 1)), 1000]
    return {"options": tuple(options), "details": draw(st.sampled_from([{}, {"table": table}]))}


def _matching(draw: st.DrawFn) -> dict[str, Any]:
    lefts, rights = draw(st.lists(RICH, min_size=2, max_size=4)), draw(st.lists(LINES, min_size=4, max_size=5))
    pairs = [
        {"left": left, "right": right, **_named("left_html", html)}
        for (left, html), right in zip(lefts, rights, strict=False)
    ]
    extra = [{"text": text} for text in rights[len(pairs) :]]
    return {"details": {"pairs": pairs, "extra": extra, "scoring": draw(st.sampled_from(["each", "all"]))}}


def _ordering(draw: st.DrawFn) -> dict[str, Any]:
    items = [{"text": text, **_named("html", html)} for text, html in draw(st.lists(RICH, min_size=2, max_size=4))]
    return {"details": {"items": items, "scoring": draw(st.sampled_from(["exact", "pairs"]))}}


def _numeric(draw: st.DrawFn) -> dict[str, Any]:
    unit = draw(st.sampled_from(["", "triệu đồng", "m²|ha"]))
    return {"details": {"answers": draw(NUMERIC), "unit": unit, "unit_required": bool(unit) and draw(st.booleans())}}


def _short_text(draw: st.DrawFn) -> dict[str, Any]:
    flags = {"match_case": draw(st.booleans()), "match_marks": draw(st.booleans())}
    return {"details": {"accepted": draw(ACCEPTED), **flags}}


def _essay(draw: st.DrawFn) -> dict[str, Any]:
    rubric = [{"text": text, "points": points} for text, points in draw(st.lists(st.tuples(LINES, st.just(250))))]
    return {"details": {"rubric": rubric, "words": draw(st.sampled_from([None, 300])), "lines": 5}}


def _gap_text(draw: st.DrawFn) -> dict[str, Any]:
    gaps = draw(st.lists(GAPS, min_size=1, max_size=3))
    words = draw(st.lists(WORDS, min_size=len(gaps) + 1, max_size=len(gaps) + 1))
    stem = words[0] + "".join(f" [[{number}]] {word}" for number, word in enumerate(words[1:], start=1))
    return {"stem": stem, "stem_html": "", "details": {"gaps": gaps}}


MAKERS = {
    "single_choice": _single,
    "multiple_response": _multiple,
    "true_false": _true_false,
    "true_false_cluster": _cluster,
    "matching": _matching,
    "ordering": _ordering,
    "numeric": _numeric,
    "short_text": _short_text,
    "gap_text": _gap_text,
    "essay": _essay,
}


@st.composite
def shapes(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(MAKERS)) -> Question:
    """A question of one of the kinds, with every field that any question may have."""
    kind = draw(st.sampled_from(kinds))
    text, html = draw(RICH)
    common = replace(draw(questions(any_text())), kind=kind, stem=text, stem_html=html, options=(), details={})
    return replace(common, **MAKERS[kind](draw))
