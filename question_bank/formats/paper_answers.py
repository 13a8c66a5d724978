"""What each draft of a paper says of its options and its answer: looks, stars, answer lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats import marks
from question_bank.formats import paper_lines as lines_of
from question_bank.formats.assemble import letters_key, texts_key, truth
from question_bank.formats.paper_parts import Draft
from question_bank.formats.paper_sections import CLUSTER, ESSAY
from question_bank.formats.paper_truths import truth_at_end, truths_of
from question_bank.formats.rich import Rich
from question_bank.formats.vietnamese import kind_from
from question_bank.messages import N_, Message

CHOICES = frozenset(["single_choice", "multiple_response", "true_false"])
WITHOUT_OPTIONS = frozenset(["numeric", "short_text", "gap_text", "essay"])
_STATEMENT = re.compile(r"(?P<star>\*?)\s*\(?(?P<letter>[a-h])[.)]\s*")
_BULLET = re.compile(r"\s*(?:[-–•+●▪]|\*(?!\*))\s*")
_MOST_UNLETTERED = 8
_ORDER = re.compile(r"\(?[A-J]\)?(?:\s*(?:[-–—>→⇒,;]|->|=>)+\s*\(?[A-J]\)?){2,}")


@dataclass(slots=True)
class Answered:
    """A draft with the lines of its options, what marks them, and what kind its signs or its form state."""

    draft: Draft
    kind: str | None = None
    options: list[list[Rich]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    marked: dict[str, frozenset[int]] = field(default_factory=dict)
    truths: list[bool | None] = field(default_factory=list)

    def mark(self, name: str, index: int) -> None:
        self.marked[name] = self.marked.get(name, frozenset()) | {index}

    @property
    def chooses(self) -> bool:
        """Whether its marks show which of its options are right."""
        return bool(self.texts) and (self.kind is None or self.kind in CHOICES)

    def add_option(self, lines: Sequence[Rich]) -> None:
        self.options.append([line for line in lines if line.text])
        self.texts.append(" ".join(line.text for line in lines if line.text).replace("\t", " ").strip())


def answered(draft: Draft) -> Answered:
    """The options of a draft; "Đúng" and "Sai" without letters, or an answer alone, make a statement."""
    result = Answered(draft, _stated_kind(draft))
    if result.kind in WITHOUT_OPTIONS and not draft.options:
        return result
    for index, option in enumerate(draft.options):
        _option(result, index, option.star, option.label, option.lines, option.inherited)
    if not draft.options and result.kind not in ("matching", "ordering"):
        _without_options(result)
    elif draft.options and _is_cluster(result, lettered=draft.options[0].label.text.islower()):
        _become_cluster(result)
    elif draft.options and result.kind is None and _is_order(result):
        result.kind = "ordering"
    if result.chooses:
        _answer_lines(result)
    return result


def reconsider(item: Answered) -> None:
    """An answer that came from elsewhere may show that the lines of a stem are statements to be judged."""
    if not item.texts and item.kind is None:
        _without_options(item)


def _stated_kind(draft: Draft) -> str | None:
    names = [value for name, value in draft.fields if name == "loai"]
    names += re.findall(r"[(\[]\s*([^()\[\]]{1,30}?)\s*[)\]]", draft.signs)
    return next((kind for name in names if (kind := kind_from(name)) and kind != "case"), None)


def _option(
    result: Answered, index: int, star: bool, label: Rich, lines: Sequence[Rich], inherited: frozenset[str]
) -> None:
    kept = [line for line in lines if line.text]
    last, ticked = lines_of.without_tick(kept[-1]) if kept else (Rich("", ()), False)
    kept = [*kept[:-1], last]
    result.add_option(kept)
    looks = [line.common() for line in kept if line.text]
    borne = label.common() | (frozenset.intersection(*looks) if looks else frozenset())
    for name in borne - inherited:
        if marks.is_mark(name):
            result.mark(name, index)
    if star:
        result.mark("star", index)
    if ticked:
        result.mark("tick", index)


def _without_options(result: Answered) -> None:
    draft = result.draft
    if _statement(result):
        return
    statements = _statements_in(draft)
    if statements and _is_cluster(result, lettered=True, statements=[line.text for _, line in statements]):
        first = statements[0][0]
        for index, (_, line) in enumerate(statements):
            match = _STATEMENT.match(line.text)
            assert match is not None
            place = match.start("letter")
            more = draft.stem[statements[index][0] + 1 : _end(statements, index, draft)]
            lines = [line.cut(match.end()), *more]
            _option(result, index, bool(match["star"]), line.cut(place, place + 1), lines, frozenset())
        draft.stem = draft.stem[:first]
        _become_cluster(result)
    elif result.kind is None or result.kind in CHOICES:
        _unlettered(result)


def _end(statements: Sequence[tuple[int, Rich]], index: int, draft: Draft) -> int:
    return statements[index + 1][0] if index + 1 < len(statements) else len(draft.stem)


def _statement(result: Answered) -> bool:
    """A statement to be judged as a whole."""
    draft = result.draft
    tail = [line.text.lstrip("-•+* ").strip() for line in draft.stem[-2:]]
    if len(draft.stem) > 2 and {truth(text) for text in tail} == {True, False} and all(len(text) > 1 for text in tail):
        for index, line in enumerate(draft.stem[-2:]):
            _option(result, index, line.text.startswith("*"), Rich("", ()), [line], frozenset())
        result.texts = tail
        draft.stem = draft.stem[:-2]
        return True
    if draft.answers and all(truth(answer) is not None for answer in draft.answers):
        for word in ("Đúng", "Sai"):
            result.add_option([Rich.of([(word, frozenset())])])
        return True
    return False


def _statements_in(draft: Draft) -> list[tuple[int, Rich]]:
    """The lines a), b), c) … of a stem, in order, with their places."""
    found: list[tuple[int, Rich]] = []
    for place, line in enumerate(draft.stem):
        match = _STATEMENT.match(line.text)
        if match and ord(match["letter"]) - ord("a") == len(found) and place:
            found.append((place, line))
    return found if len(found) > 1 else []


def _is_cluster(result: Answered, *, lettered: bool, statements: Sequence[str] = ()) -> bool:
    """Whether each statement is to be judged: it is said, the answers do so, or each ends with its judgement."""
    if result.kind is not None:
        return result.kind == "true_false_cluster"
    texts = statements or result.texts
    if len(texts) < 2 or (len(texts) == 2 and {truth(text) for text in texts} == {True, False}):
        return False
    if any(len(truths_of(answer) or ()) == len(texts) for answer in result.draft.answers):
        return True
    if lettered and result.draft.section.hint == CLUSTER:
        return True
    return all(truth_at_end(text) is not None for text in texts)


def _become_cluster(result: Answered) -> None:
    result.kind = "true_false_cluster"
    count = len(result.texts)
    for lines in result.options:
        found = truth_at_end(lines[-1].text) if lines else None
        if found is not None:
            lines[-1] = lines[-1].cut(0, found[0])
        result.truths.append(found[1] if found else None)
    stated = [truths for answer in result.draft.answers if (truths := truths_of(answer)) is not None]
    if stated and all(len(truths) == count for truths in stated):
        result.truths = list(stated[0])
    elif result.draft.answers:
        template = N_("Đáp án “{answer}” không khớp các ý: ghi Đ hoặc S cho từng ý, như a-Đ, b-S.")
        result.draft.errors.append(Message(template, answer=result.draft.answers[0][:80]))


def _is_order(result: Answered) -> bool:
    """Whether the answer puts all options into an order."""
    letters = [re.findall(r"[A-J]", answer) for answer in result.draft.answers if _ORDER.fullmatch(answer.strip(" ."))]
    wanted = [chr(ord("A") + index) for index in range(len(result.texts))]
    return any(len(found) > 2 and sorted(found) == wanted and found != wanted for found in letters)


def _unlettered(result: Answered) -> None:
    """Options without letters: lines below the question, one of which is marked or named as the answer."""
    draft = result.draft
    if draft.section.hint == ESSAY or len(draft.stem) < 3:
        return
    asked = next((n for n, line in enumerate(draft.stem) if line.text.rstrip().endswith(("?", ":", "…", "..."))), 0)
    lines = draft.stem[asked + 1 :]
    if not 2 <= len(lines) <= _MOST_UNLETTERED:
        return
    trial = Answered(draft, result.kind)
    for index, line in enumerate(lines):
        star = line.text.lstrip().startswith("*")
        bullet = _BULLET.match(line.text)
        _option(trial, index, star, Rich("", ()), [line.cut(bullet.end()) if bullet else line], frozenset())
    telling = any(0 < len(found) < len(lines) for found in trial.marked.values())
    named = any(_stated(answer, trial.texts) is not None for answer in draft.answers)
    bulleted = all(_BULLET.match(line.text) for line in lines) and not draft.answers
    if not (telling or named or (bulleted and len(lines) > 2)):
        return
    draft.stem = draft.stem[: asked + 1]
    result.options, result.texts, result.marked = trial.options, trial.texts, trial.marked
    draft.warnings.append(Message(N_("Các phương án không có chữ cái A, B, C: kiểm tra lại từng phương án.")))


def _answer_lines(result: Answered) -> None:
    """The options that the lines "Đáp án: …" of the question name."""
    found: set[frozenset[int]] = set()
    for answer in result.draft.answers:
        key = _stated(answer, result.texts)
        if key is None:
            template = N_("Đáp án “{answer}” không khớp phương án nào: ghi chữ cái của phương án đúng (A, B, C, …).")
            result.draft.errors.append(Message(template, answer=answer[:80]))
        else:
            found.add(key)
    if len(found) > 1:
        result.draft.errors.append(Message(N_("Câu này có nhiều dòng đáp án khác nhau: chỉ giữ dòng đúng.")))
    elif found:
        result.marked["line"] = found.pop()


def _stated(answer: str, texts: Sequence[str]) -> frozenset[int] | None:
    key = letters_key(answer, len(texts))
    if key is None:
        key = texts_key(answer, texts)
    if key is None and truth(answer) is not None:
        key = frozenset(index for index, text in enumerate(texts) if truth(text) == truth(answer)) or None
    return key
