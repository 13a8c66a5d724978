"""Questions with their keys as a file. It takes a right of its own, bears who took it, and stands in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Select, select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import listing
from examapp.bank.content import load_questions
from examapp.bank.filtering import COMMON, Filters
from examapp.bank.media import image_bytes
from examapp.bank.models import BankKind, Question, QuestionState, Topic
from examapp.bank.scope import concealed
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.core.jobs import Work
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS, Writing, write, write_word
from question_bank.formats.stamps import stamp
from question_bank.messages import Problem

AT_ONCE = 1000
"""Questions up to which a file is written while the person waits; more become a job."""
JOB = "bank.export"
COUNCIL, BLANK = "word-council", "word-blank"
"""Papers to be handed over: by topic, the answers in a table at the end or left out."""
SHOWN_LOSSES = 20


@dataclass(frozen=True, slots=True)
class Exported:
    """A written file, how many questions it holds, and what it could not carry."""

    data: bytes
    name: str
    media_type: str
    count: int
    problems: Sequence[Problem]

    @property
    def losses(self) -> list[str]:
        """What is lost, in words, each with its place."""
        return [f"{in_language(one.place)}: {in_language(one.message)}" for one in self.problems]


def choices_of_format() -> list[tuple[str, str]]:
    """Every format by name, and the paper without answers behind the one with them."""
    pairs = [(name, in_language(FORMATS.label(name))) for name in FORMATS]
    at = next((index for index, (name, _label) in enumerate(pairs) if name == "word"), None)
    if at is not None:
        told = {
            COUNCIL: _("Word theo chuyên đề, bảng đáp án ở cuối"),
            BLANK: _("Word theo chuyên đề, không kèm đáp án"),
        }
        pairs[at + 1 : at + 1] = told.items()
    return pairs


def chosen(
    filters: Filters,
    *,
    positions: set[int] | None,
    on: date,
    demo: bool,
    picked: Sequence[int] = (),
    bank: BankKind = BankKind.EXAM,
) -> Select[int, int | None]:
    """Questions to export: those ``picked``, or all that pass the filters; retired ones only when asked for."""
    query = listing.find_questions(filters, positions=positions, on=on, demo=demo, bank=bank)
    if picked:
        query = query.where(Question.id.in_(picked))
    elif not filters.state:
        query = query.where(Question.state != QuestionState.RETIRED)
    return query.options().with_only_columns(Question.id, Question.current_id).order_by(None).order_by(Question.code)


def version_ids(query: Select[int, int | None], *, person: Account | None = None) -> list[int]:
    """Versions to export. What waits on the person's own paper stays closed here too."""
    rows = db.session.execute(query).all()
    found = [version for question, version in rows if version and (person is None or not concealed(question, person))]
    if not found:
        raise Invalid(_("Không có câu hỏi nào khớp lựa chọn này."), field="position")
    return found


def contents(ids: Sequence[int]) -> list[domain.Question]:
    """What these versions say, in the given order."""
    found = load_questions(ids)
    return [found[one] for one in ids]


def source_line(who: str) -> str:
    """Who took the file and when: in Vietnamese, as the file will be read by others."""
    moment = text.format_moment(clock.now())
    return f"Xuất từ ngân hàng câu hỏi ngày {moment}, người xuất: {who}. Hạn chế tiếp cận, không sao chép ra ngoài."


def name_of(person: Account) -> str:
    return f"{person.display_name} ({person.login})"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file needs beside its questions."""

    images: Mapping[str, bytes]
    topics: Mapping[str, str]
    """Names by code."""

    @classmethod
    def of(cls, questions: Sequence[domain.Question]) -> Surroundings:
        images = image_bytes(sha256 for question in questions for sha256 in question.media)
        return cls(images, {code: name for code, name in db.session.execute(select(Topic.code, Topic.name))})


def write_file(questions: Sequence[domain.Question], format: str, *, who: str, around: Surroundings) -> Exported:
    """The questions as the format writes them, with the line that says who took them; slow, without the database."""
    writing = _written(questions, format, around)
    plain = FORMATS["word" if format in {COUNCIL, BLANK} else format]
    day = text.format_date(clock.today()).replace("/", "")
    name = f"cau-hoi-{day}{_extension(plain.extension)}"
    data = stamp(writing.data, plain.name, source_line(who))
    return Exported(data, name, plain.media_type, len(questions), writing.problems)


def _written(questions: Sequence[domain.Question], format: str, around: Surroundings) -> Writing:
    if format not in {COUNCIL, BLANK}:
        return write(questions, format, around.images)
    mark = "table" if format == COUNCIL else "none"
    paper = {"title": "NGÂN HÀNG CÂU HỎI", "details": False, "sections": around.topics, "media": around.images}
    return write_word(questions, mark, **paper)


def _extension(extension: str) -> str:
    return extension if extension.startswith(".") else f".{extension}"


def note_export(exported: Exported, *, format: str, **choice: str) -> None:
    """Every file of questions that leaves the bank is in the log."""
    told = {name: value for name, value in choice.items() if value}
    record("question.exported", "bank", format, session=None, count=exported.count, **told)


def told_filters(filters: Filters, picked: Sequence[int]) -> dict[str, str]:
    """What was chosen, for the log."""
    said = {name: value for name, value in asdict(filters).items() if value}
    return said | ({"picked": str(len(picked))} if picked else {})


def export_job(work: Work) -> None:
    """The job behind a large export."""
    given = work.parameters
    ids, format = given["version_ids"], given["format"]
    person = db.session.get_one(Account, work.owner_id)
    who = name_of(person)
    questions = contents(ids)
    around = Surroundings.of(questions)
    db.session.rollback()
    work.progress(0, len(questions))
    exported = write_file(questions, format, who=who, around=around)
    with unit_of_work():
        note_export(exported, format=format, job=str(work.id), **given["choice"])
    done = _("Đã ghi %(n)s câu hỏi.") if format == BLANK else _("Đã ghi %(n)s câu hỏi kèm đáp án.")
    message = "\n".join([done % {"n": exported.count}, *told_losses(exported)])
    work.finish(message=message, file=(exported.data, exported.name, exported.media_type))


def told_losses(exported: Exported) -> list[str]:
    """What the file could not carry, the first of it, and how much more there is."""
    losses = exported.losses
    more = len(losses) - SHOWN_LOSSES
    return [*losses[:SHOWN_LOSSES], *([_("Và %(n)s chỗ khác.", n=more)] if more > 0 else [])]


def all_ids(*, position: str, on: date) -> list[int]:
    """For the command: every living question, of a position when one is named."""
    query = chosen(Filters(position=position), positions=None, on=on, demo=True)
    return [version for _question, version in db.session.execute(query) if version]


def known_position(code: str) -> bool:
    return code == COMMON or db.session.scalar(select(Position.id).where(Position.code == code)) is not None
