"""Questions of every kind in plain words, as papers can carry them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from question_bank import rich_text
from question_bank.kinds.base import comparable
from question_bank.question import Option, Question

from .strategies import WORDS, phrases, questions

PHRASES = phrases()
TEXTS = st.lists(PHRASES, min_size=3, max_size=5, unique_by=comparable)
NUMBERS = st.one_of(st.integers(-999, 9999).map(str), st.decimals("0.01", "99.99", places=2).map(str))
SHARED = st.sampled_from([{}, {}, {"share": 500}])
POINTS = st.sampled_from([1000, 500, 2000])


def _rich(words: str, bold: str) -> tuple[str, str]:
    html = f"<p>{words} <b>{bold}</b> x<sub>2</sub></p><table><tbody><tr><td>{bold}</td><td>2</td></tr></tbody></table>"
    return rich_text.plain(html), rich_text.clean(html)


RICH = st.one_of(PHRASES.map(lambda text: (text, "")), st.builds(_rich, PHRASES, WORDS))


@st.composite
def numeric_answers(draw: st.DrawFn) -> list[dict[str, Any]]:
    low = draw(st.integers(0, 50))
    first = draw(
        st.sampled_from(
            [
                {"value": draw(NUMBERS), "tolerance": "0", "mode": "absolute"},
                {"value": draw(NUMBERS), "tolerance": "0.5", "mode": "absolute"},
                {"value": draw(NUMBERS), "tolerance": "0.05", "mode": "relative"},
                {"low": str(low), "high": str(low + 5)},
            ]
        )
    )
    return (
        [first] if draw(st.booleans()) else [first, {"value": "77", "tolerance": "0", "mode": "absolute", "share": 500}]
    )


@st.composite
def details(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    texts = draw(TEXTS)
    if kind == "matching":
        pairs = [{"left": left, "right": right} for left, right in zip(texts, draw(TEXTS), strict=False)]
        return {"pairs": pairs, "extra": [{"text": "thừa"}], "scoring": draw(st.sampled_from(["each", "all"]))}
    if kind == "ordering":
        return {"items": [{"text": text} for text in texts], "scoring": draw(st.sampled_from(["exact", "pairs"]))}
    if kind == "numeric":
        unit = draw(st.sampled_from(["", "ngày"]))
        return {"answers": draw(numeric_answers()), "unit": unit, "unit_required": bool(unit) and draw(st.booleans())}
    if kind == "short_text":
        accepted = [{"text": text, **draw(SHARED)} for text in texts]
        return {"accepted": accepted, "match_case": draw(st.booleans()), "match_marks": draw(st.booleans())}
    if kind == "gap_text":
        choices = [{"text": text, "correct": index == 1} for index, text in enumerate(texts)]
        typed = {"accepted": [{"text": texts[0]}, {"text": texts[1], "share": 500}], "points": 2}
        return {"gaps": [{"choices": choices}, typed, {"numeric": draw(numeric_answers())}]}
    if kind == "essay":
        rubric = [{"text": text, "points": 500} for text in texts]
        return {"rubric": draw(st.sampled_from([[], rubric])), "words": draw(st.sampled_from([None, 300])), "lines": 10}
    return {"table": [0, *([100] * (len(texts) - 1)), 1000]} if draw(st.booleans()) else {}


@st.composite
def plain_questions(draw: st.DrawFn, *, rich: bool = False) -> Question:
    """A question of any kind but case; every detail that papers carry."""
    base = draw(questions(PHRASES, pins=True))
    kinds = ["true_false_cluster", "matching", "ordering", "numeric", "short_text", "gap_text", "essay"]
    kind = draw(st.sampled_from([base.kind, *kinds]))
    if rich:
        stem, html = draw(RICH)
        base = replace(base, stem=stem, stem_html=html)
    if kind == base.kind:
        return base
    told = draw(details(kind))
    if kind == "gap_text":
        base = replace(base, stem=f"{draw(PHRASES)} [[1]] và [[2]] rồi [[3]]", stem_html="")
    options: tuple[Option, ...] = ()
    if kind == "true_false_cluster":
        texts = draw(st.lists(PHRASES, min_size=4, max_size=4, unique_by=comparable))
        options = tuple(Option(text, correct=draw(st.booleans())) for text in texts)
        told = {"table": [0, 100, 250, 500, 1000]} if told else {}
    return replace(base, kind=kind, options=options, details=told)


@st.composite
def cases(draw: st.DrawFn) -> Question:
    """A situation with questions of any kind that may be part of one."""
    parts = draw(st.lists(plain_questions().filter(lambda one: one.kind != "essay"), min_size=1, max_size=3))
    base = draw(questions(PHRASES))
    return replace(base, kind="case", options=(), explanation="", details={"questions": [p.as_json() for p in parts]})


def any_kind(*, rich: bool = False) -> st.SearchStrategy[Question]:
    return st.one_of(plain_questions(rich=rich), cases())
