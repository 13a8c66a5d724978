"""Which mark a document uses for its right answers, and what it says of one question.

The mark is decided for the document before any answer is taken: a mark that every option bears is no
mark. Where two marks that the document really uses disagree, nothing is taken and a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from question_bank.kinds.base import letter
from question_bank.messages import N_, Message

_LABELS = {
    "column": Message(N_("cột đáp án")),
    "line": Message(N_("dòng “Đáp án”")),
    "table": Message(N_("bảng đáp án")),
    "star": Message(N_("dấu sao (*)")),
    "tick": Message(N_("chữ “(đúng)”")),
    "underline": Message(N_("gạch chân")),
    "fill": Message(N_("tô nền")),
    "colour": Message(N_("chữ màu")),
    "bold": Message(N_("chữ đậm")),
    "italic": Message(N_("chữ nghiêng")),
}
"""Every mark by its name, the most telling first. "fill:FFFF00" is the mark "fill" in one colour."""

EXPLICIT = frozenset({"column", "line", "table", "star", "tick"})
"""Marks that are there for no other reason than to show the answer; they may show several."""


_SEVERAL = N_(
    "Có {count} phương án cùng được đánh dấu bằng {mark} ({letters}): chọn một đáp án đúng, "
    "hoặc ghi rõ đây là câu chọn nhiều đáp án."
)
_DISAGREE = N_("Các dấu đáp án không khớp: {first} ở {here}, {second} ở {there}. Xem lại và chọn đáp án đúng.")
_DOUBTS = frozenset([_SEVERAL, _DISAGREE])


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is seen at one question: the marked options, counted from 0, by mark."""

    options: int
    marked: Mapping[str, frozenset[int]]
    allows_several: bool = False

    def telling(self, mark: str) -> frozenset[int]:
        """The options the mark sets apart; none when it stands on all of them."""
        marked = self.marked.get(mark, frozenset())
        return marked if mark in EXPLICIT or len(marked) < self.options else frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The key of one question, or why there is none; a doubt leaves the key but asks to look."""

    key: frozenset[int] = frozenset()
    conflict: Message | None = None
    doubt: Message | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The marks a document uses, with the notes that tell people so."""

    marks: tuple[str, ...]
    noise: frozenset[str] = frozenset()
    notes: list[Message] = field(default_factory=list)

    def verdict(self, evidence: Evidence) -> Verdict:
        found = {mark: telling for mark in self.marks if (telling := evidence.telling(mark))}
        if len(set(found.values())) > 1:
            return Verdict(conflict=_disagreement(found))
        key = next(iter(found.values()), frozenset[int]())
        if len(key) > 1 and not (evidence.allows_several or EXPLICIT & found.keys()):
            mark = _label(next(iter(found)))
            return Verdict(conflict=Message(_SEVERAL, count=len(key), mark=mark, letters=_letters(key)))
        return Verdict(key, doubt=self._doubt(evidence, key))

    def _doubt(self, evidence: Evidence, key: frozenset[int]) -> Message | None:
        """A mark the document does not otherwise use points elsewhere."""
        for mark in evidence.marked:
            telling = evidence.telling(mark)
            if mark in self.marks or mark in self.noise or mark == "italic" or not telling or telling == key:
                continue
            template = N_("Phương án {letters} có {mark}, khác cách đánh dấu chung của tài liệu: kiểm tra lại đáp án.")
            return Message(template, letters=_letters(telling), mark=_label(mark))
        return None


def decide(questions: Sequence[Evidence]) -> Decision:
    """The marks the document uses: the most frequent one and those that mostly agree with it."""
    counts = {mark: _count(questions, mark) for mark in sorted({m for evidence in questions for m in evidence.marked})}
    noise = {mark for mark, count in counts.items() if mark not in EXPLICIT and _everywhere(questions, mark) >= count}
    candidates = sorted((m for m in counts if m not in noise and counts[m]), key=lambda m: (-counts[m], _rank(m)))
    explicit = [mark for mark in candidates if mark in EXPLICIT]
    most = counts[candidates[0]] if candidates else 0
    chosen: list[str] = list(explicit)
    for mark in sorted(candidates, key=lambda m: (m == "italic", _always_the_same(questions, m), -counts[m], _rank(m))):
        if mark in chosen or counts[mark] * 2 < most or (mark == "italic" and chosen):
            continue
        if _contradicts(questions, mark, chosen) and (explicit or _always_the_same(questions, mark)):
            noise.add(mark)
        else:
            chosen.append(mark)
    return Decision(tuple(chosen), frozenset(noise), _notes(questions, chosen, counts))


def _count(questions: Sequence[Evidence], mark: str) -> int:
    return sum(bool(evidence.telling(mark)) for evidence in questions)


def _everywhere(questions: Sequence[Evidence], mark: str) -> int:
    return sum(bool(evidence.marked.get(mark)) and not evidence.telling(mark) for evidence in questions)


def _always_the_same(questions: Sequence[Evidence], mark: str) -> bool:
    """Whether the mark stands at one place in every one of several questions, as a matter of layout would."""
    places = [evidence.telling(mark) for evidence in questions if evidence.telling(mark)]
    return mark not in EXPLICIT and len(places) > 2 and len(set(places)) == 1


def _contradicts(questions: Sequence[Evidence], mark: str, chosen: Sequence[str]) -> bool:
    """Whether the mark disagrees with the marks already chosen, several times and more often than it agrees."""
    agreement: Counter[bool] = Counter()
    for evidence in questions:
        others = {evidence.telling(other) for other in chosen} - {frozenset()}
        if evidence.telling(mark) and others:
            agreement[evidence.telling(mark) in others] += 1
    return agreement[False] > max(2, agreement[True])


def _notes(questions: Sequence[Evidence], chosen: Sequence[str], counts: Mapping[str, int]) -> list[Message]:
    if not questions:
        return []
    if not chosen:
        template = N_("Không thấy dấu nào cho biết đáp án đúng trong tài liệu ({total} câu).")
        return [Message(template, total=len(questions))]
    template = N_("Đáp án đúng được nhận ra theo {mark}: {count}/{total} câu.")
    notes = [Message(template, mark=_label(m), count=counts[m], total=len(questions)) for m in chosen]
    if any(_always_the_same(questions, mark) for mark in chosen):
        notes.append(Message(N_("Mọi đáp án đúng đều ở cùng một vị trí: kiểm tra lại trước khi nhập.")))
    return notes


def _disagreement(found: Mapping[str, frozenset[int]]) -> Message:
    (first, here), *rest = found.items()
    second, there = next((mark, marked) for mark, marked in rest if marked != here)
    return Message(_DISAGREE, first=_label(first), here=_letters(here), second=_label(second), there=_letters(there))


def is_mark(name: str) -> bool:
    """Whether a look is one that may show an answer; raised and lowered letters never do."""
    return name.partition(":")[0] in _LABELS


def is_doubt(message: str) -> bool:
    """Whether the message asks which of several marked options is right: a key from elsewhere may settle it."""
    return isinstance(message, Message) and message.template in _DOUBTS


def _label(mark: str) -> Message:
    return _LABELS[mark.partition(":")[0]]


def _rank(mark: str) -> int:
    return list(_LABELS).index(mark.partition(":")[0])


def _letters(indices: frozenset[int]) -> str:
    return ", ".join(letter(index) for index in sorted(indices))
