"""Questions as examiners might write them, for tests that write a file and read it back."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from question_bank.formats.base import true_false_options
from question_bank.formats.encodings import TCVN3, VNI, is_in
from question_bank.kinds.base import comparable
from question_bank.question import Citation, Level, Option, Question, clean_text

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵAĐÔƯ"
WORDS = st.text(LETTERS + "0123456789", min_size=1, max_size=8)
CODES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=12)
ISSUERS = st.sampled_from(["NĐ-CP", "QH15", "TT-BNV"])
DOCUMENTS = st.builds("{}/{}/{}".format, st.integers(1, 999), st.integers(1990, 2026), ISSUERS)
BLANK = st.just(" ")


def phrases(joint: st.SearchStrategy[str] = BLANK, most: int = 8) -> st.SearchStrategy[str]:
    """Words of Vietnamese letters with what ``joint`` draws between them."""
    return st.lists(st.tuples(WORDS, joint), min_size=1, max_size=most).map(
        lambda pairs: clean_text("".join(word + between for word, between in pairs))
    )


def any_text() -> st.SearchStrategy[str]:
    """Whatever survives cleaning: punctuation, escapes of every format, several lines. Words that are Vietnamese in an
    old encoding, and in Unicode none, are left out: two of them alone in a file are converted, which is right there."""
    characters = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn"))
    raw = st.text(st.one_of(characters, st.sampled_from("~=#{}:\\[]<>&%/\"'|*_\n\t .)A1$")), min_size=1, max_size=40)
    texts = raw.map(clean_text).filter(lambda text: text.strip() and unicodedata.is_normalized("NFC", text))
    return texts.filter(lambda text: not any(map(_is_old, text.split())))


def _is_old(word: str) -> bool:
    return any(is_in(word, name, surely=True) for name in (TCVN3, VNI))


def questions(
    texts: st.SearchStrategy[str], *, option_texts: st.SearchStrategy[str] | None = None, pins: bool = False
) -> st.SearchStrategy[Question]:
    """Sound questions of every kind."""
    return st.builds(
        _question,
        kind=st.sampled_from(["single_choice", "multiple_response", "true_false"]),
        stem=texts,
        texts=st.lists(option_texts or texts, min_size=3, max_size=6, unique_by=comparable),
        right=st.integers(0, 20),
        pin=st.integers(0, 20) if pins else st.none(),
        level=st.one_of(st.none(), st.sampled_from(Level)),
        topic=st.one_of(st.just(""), CODES),
        positions=st.lists(CODES, max_size=2, unique=True).map(tuple),
        explanation=st.one_of(st.just(""), texts),
        citations=st.lists(CITATIONS, max_size=2).map(tuple),
        tags=st.lists(CODES, max_size=2, unique=True).map(tuple),
        points=st.sampled_from([1000, 250, 500, 1500, 2000]),
        seconds=st.one_of(st.none(), st.integers(1, 600)),
        ref=st.one_of(st.just(""), CODES),
    )


CITATIONS = st.one_of(
    st.builds(Citation, DOCUMENTS),
    st.builds(Citation, DOCUMENTS, article=st.integers(1, 99).map(str)),
    st.builds(
        Citation,
        DOCUMENTS,
        article=st.integers(1, 99).map(str),
        clause=st.integers(1, 9).map(str),
        point=st.sampled_from(["", "a", "đ"]),
    ),
)


def _question(*, kind: str, texts: list[str], right: int, pin: int | None, **fields: object) -> Question:
    if kind == "true_false":
        options: tuple[Option, ...] = true_false_options(right % 2 == 0)
    else:
        keys = {right % len(texts)}
        if kind == "multiple_response" and len(texts) > 2:
            keys.add((right + 1) % len(texts))
        pinned = pin % len(texts) if pin is not None else -1
        options = tuple(Option(text, correct=i in keys, pinned=i == pinned) for i, text in enumerate(texts))
    return Question(kind=kind, options=options, **fields)  # type: ignore[arg-type]
