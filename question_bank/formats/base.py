"""What every format gives back, and the builder with which a reader collects it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from question_bank.formats import encodings
from question_bank.formats.vietnamese import damage
from question_bank.kinds import KINDS
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Option, Question

if TYPE_CHECKING:
    from question_bank.formats.excel_mapping import ColumnMapping, NeedsMapping

MOST_QUESTIONS = 20_000
"""In one file; more must be divided."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A text of an old encoding and what it became; a person confirms that it is right."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file. ``places`` runs beside ``questions``; a problem's ``item`` counts them from 1.

    ``skipped`` counts what was found but is of no kind the bank knows: each has its problem, none a question.
    ``notes`` tell how the file was understood, for instance which mark shows the right answer.
    ``headings`` runs beside ``questions`` too: the titles each stands under, joined by " › ", "" where there are none;
    so does ``numbers``, the number each bears in the file, if any.
    ``key`` is what a file without questions says of the answers: number of the question → its answer as written.
    ``needs_mapping`` shows the sheets of a table whose columns are not known, or only guessed at.
    """

    format: str
    questions: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    skipped: int = 0
    headings: tuple[str, ...] = ()
    numbers: tuple[int | None, ...] = ()
    media: Mapping[str, bytes] = field(default_factory=dict)
    key: Mapping[int, str] = field(default_factory=dict)
    converted: tuple[Converted, ...] = ()
    needs_mapping: NeedsMapping | None = None

    @property
    def read(self) -> int:
        """How many questions the file holds, those of unknown kinds included."""
        return len(self.questions) + self.skipped

    def storable(self) -> tuple[Question, ...]:
        """The questions without an error of their own."""
        errors = {problem.item for problem in self.problems if problem.severity is Severity.ERROR}
        return tuple(question for item, question in enumerate(self.questions, start=1) if item not in errors)


@dataclass(frozen=True, slots=True)
class Writing:
    """A written file and what it could not carry; ``item`` counts the given questions from 1."""

    data: bytes
    problems: tuple[Problem, ...] = ()


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message tells the person why and what to do."""

    def __init__(self, message: Message, place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file and the name it came with; ``converted`` tells which of its lines were of an old encoding.

    ``mappings`` tell what the columns of a table hold, where a person had to say so.
    """

    data: bytes
    name: str = ""
    encoding: str | None = None
    converted: tuple[Converted, ...] = ()
    mappings: tuple[ColumnMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One file format: ``read`` may raise :class:`UnreadableFileError`; the door turns it into a problem."""

    name: str
    label: Message
    extension: str
    media_type: str
    read: Callable[[Source], Reading]
    write: Callable[..., Writing]
    """Takes the questions and the images they name: digest → bytes."""


@dataclass(slots=True)
class Collector:
    """Gathers questions and problems while a file is being read."""

    format: str
    questions: list[Question] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: int = 0
    headings: list[str] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    key: dict[int, str] = field(default_factory=dict)
    converted: list[Converted] = field(default_factory=list)
    needs_mapping: NeedsMapping | None = None
    _prepared: dict[str, str | Message] = field(default_factory=dict)

    def add(
        self,
        question: Question,
        place: str,
        why_no_key: Sequence[str] = (),
        *,
        heading: str = "",
        number: int | None = None,
    ) -> int:
        """Take ``question``, check it by its kind, and return its number for further problems.

        ``why_no_key`` tells better than the check why the key was left empty, and stands in its stead.
        """
        self._check_count()
        self.questions.append(question)
        self.places.append(place)
        self.headings.append(heading)
        self.numbers.append(number)
        item = len(self.questions)
        found = KINDS[question.kind].check(question)
        if why_no_key and not question.key:
            answered = replace(question, options=_first_right(question.options))
            others = set(KINDS[question.kind].check(answered))
            found = [message for message in found if message in others]
        for message in [*found, *why_no_key]:
            self.error(message, place, item)
        damaged = damage("\n".join([question.stem, *KINDS[question.kind].texts(question)]))
        if damaged:
            self.warning(damaged, place, item)
        return item

    def skip(self, message: str, place: str) -> None:
        """Report something found that cannot become a question."""
        self._check_count()
        self.skipped += 1
        self.error(message, place)

    def _check_count(self) -> None:
        if len(self.questions) + self.skipped >= MOST_QUESTIONS:
            template = N_("Tệp có hơn {most} câu hỏi: chia thành nhiều tệp nhỏ rồi nhập lần lượt.")
            raise UnreadableFileError(Message(template, most=f"{MOST_QUESTIONS:,}".replace(",", ".")))

    def add_media(self, data: bytes, alt: str = "", place: str = "") -> str | None:
        """Keep an image; its name for ``<img src="media:…">``. One that cannot be kept is a warning at ``place``.

        The same bytes are prepared once, however often they stand in the file.
        """
        raw = hashlib.sha256(data).hexdigest()
        if raw not in self._prepared:
            self._prepared[raw] = self._prepare(data)
        found = self._prepared[raw]
        if isinstance(found, Message):
            template = N_("Hình “{alt}” không nhập được: {reason}")
            self.warning(Message(template, alt=alt, reason=found) if alt else found, place or whole_file())
            return None
        return found

    def _prepare(self, data: bytes) -> str | Message:
        from question_bank.images import ImageError, prepare

        try:
            image = prepare(data)
        except ImageError as error:
            return error.message
        self.media[image.sha256] = image.data
        return image.sha256

    def error(self, message: str, place: str, item: int | None = None) -> None:
        self.problems.append(Problem(place, item, Severity.ERROR, message))

    def warning(self, message: str, place: str, item: int | None = None) -> None:
        self.problems.append(Problem(place, item, Severity.WARNING, message))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def reading(self) -> Reading:
        """The result; a file without any question is an error of its own."""
        if not self.questions and not self.skipped and not self.problems and not self.key:
            self.error(Message(N_("Không tìm thấy câu hỏi nào trong tệp: kiểm tra lại tệp đã chọn.")), whole_file())
        return Reading(
            format=self.format,
            questions=tuple(self.questions),
            problems=tuple(self.problems),
            notes=tuple(self.notes),
            places=tuple(self.places),
            skipped=self.skipped,
            headings=tuple(self.headings),
            numbers=tuple(self.numbers),
            media=dict(self.media),
            key=dict(self.key),
            converted=tuple(self.converted),
            needs_mapping=self.needs_mapping,
        )


def _first_right(options: Sequence[Option]) -> tuple[Option, ...]:
    return tuple(replace(option, correct=index == 0) for index, option in enumerate(options))


def unsupported(kind: Message) -> Message:
    """The one sentence for a kind of question that the bank does not know yet."""
    template = N_(
        "Dạng câu hỏi “{kind}” chưa được hỗ trợ nên câu này không được nhập: "
        "cần chuyển thành câu trắc nghiệm hoặc bỏ khỏi tệp."
    )
    return Message(template, kind=kind)


def whole_file() -> Message:
    """The place of a problem that is of no single question."""
    return Message(N_("Toàn bộ tệp"))


def conversion(encoding: str, changed: Sequence[Converted]) -> Message:
    """The warning that text of an old encoding was converted, with one example."""
    label = encodings.LABELS[encoding]
    if not changed:
        return Message(N_("Chữ trong tệp theo bảng mã {encoding}, đã đổi sang Unicode."), encoding=label)
    template = N_(
        "Chữ theo bảng mã cũ {encoding}, đã đổi sang Unicode ở {count} chỗ, ví dụ “{before}” thành “{after}”: "
        "so lại trước khi nhập."
    )
    first = changed[0]
    return Message(template, encoding=label, count=len(changed), before=first.before[:60], after=first.after[:60])


def true_false_options(answer: bool | None) -> tuple[Option, Option]:
    """The two options of a true/false question, always in this order; ``None`` marks neither."""
    return Option(TRUE, correct=answer is True), Option(FALSE, correct=answer is False)


def as_json(reading: Reading, stored: int) -> dict[str, Any]:
    """The report of an import as one JSON object, with these keys and no others."""
    return {
        "format": reading.format,
        "read": reading.read,
        "stored": stored,
        "questions": [
            {
                "kind": question.kind,
                "stem": question.stem,
                "options": [{"text": option.text, "correct": option.correct} for option in question.options],
            }
            for question in reading.questions
        ],
        "problems": [problem.as_json() for problem in reading.problems],
    }
