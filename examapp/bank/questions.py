"""Questions: write, edit, move from state to state, hold and release; what they said is kept version by version."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import law
from examapp.bank.content import (
    citation_columns,
    content_of,
    normalised,
    present_content,
    text_columns,
    version_columns,
    with_known_symbols,
)
from examapp.bank.labels import state_label
from examapp.bank.models import (
    BankKind,
    Citation,
    Question,
    QuestionState,
    QuestionTag,
    QuestionText,
    QuestionVersion,
    Topic,
)
from examapp.bank.paper import key_lines
from examapp.bank.scope import EDITS, covers, reach_over
from examapp.bank.versions import key_change
from examapp.core import clock
from examapp.core.db import apart, db, new_reference
from examapp.core.errors import Conflict, Forbidden, IllegalMove, Invalid
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import get_kind
from question_bank.messages import Message

MOVES: dict[QuestionState, frozenset[QuestionState]] = {
    QuestionState.DRAFT: frozenset({QuestionState.IN_REVIEW, QuestionState.RETIRED}),
    QuestionState.IN_REVIEW: frozenset({QuestionState.DRAFT, QuestionState.APPROVED, QuestionState.RETIRED}),
    QuestionState.APPROVED: frozenset({QuestionState.DRAFT, QuestionState.RETIRED}),
    QuestionState.RETIRED: frozenset({QuestionState.DRAFT}),
}


def move(question: Question, to: QuestionState) -> None:
    """Change the state along a listed move; any other raises :class:`IllegalMove`."""
    if to not in MOVES[question.state]:
        message = _("Không chuyển được câu %(code)s từ “%(before)s” sang “%(after)s”.",
                    code=question.code, before=state_label(question.state), after=state_label(to))  # fmt: skip
        raise IllegalMove(message, advice=_("Hãy mở lại câu hỏi để xem trạng thái hiện tại."))
    question.state = to


def create_question(
    *,
    content: domain.Question,
    topic: Topic,
    positions: Sequence[Position],
    is_common: bool,
    author: Account,
    note: str = "",
    bank: BankKind = BankKind.EXAM,
) -> Question:
    """A new draft, owned by who wrote it."""
    _check_place(positions, is_common=is_common, person=author, permissions=(EDITS[bank],))
    question = Question(code=new_reference(), bank=bank, is_common=is_common, owner_id=author.id)
    question.positions = [] if is_common else list(positions)
    db.session.add(question)
    db.session.flush()
    question.code = code_of(question.id)
    content = normalised(content, topic=topic.code, positions=[p.code for p in question.positions])
    _add_version(question, content, topic=topic, author=author, note=note)
    record("question.created", "question", question.code, bank=bank.value)
    return question


PREFIX, FIGURES = "CH-", 7
"""Of a code: what it begins with, and how many figures its number has at least."""


def code_of(question_id: int) -> str:
    return f"{PREFIX}{question_id:0{FIGURES}d}"


def edit_question(
    question: Question,
    *,
    content: domain.Question,
    topic: Topic,
    positions: Sequence[Position],
    is_common: bool,
    editor: Account,
    base: int | None = None,
    note: str = "",
    permissions: Sequence[Permission] = (),
) -> bool:
    """Keep what changed as a new version; an approved or waiting question goes back to draft. False: nothing changed.

    ``base`` is the number of the version the editor started from: if somebody saved another meanwhile, nothing is kept.
    ``permissions`` are those by any of which it may be done, where that is not the right to write questions.
    """
    allowed = permissions or (EDITS[question.bank],)
    _check_place(positions, is_common=is_common, person=editor, permissions=allowed)
    base = question.current.number if base is None else base
    # of an edit and an approval in one moment the second sees the first: no version is approved that nobody has read
    db.session.execute(select(Question.id).where(Question.id == question.id).with_for_update())
    db.session.refresh(question, ["state", "current_id", "current"])
    if base != question.current.number:
        message = _(
            "Câu hỏi đã được người khác sửa trong lúc đang soạn (nay là phiên bản %(n)s).", n=question.current.number
        )
        raise Conflict(message, advice=_("Hãy mở lại câu hỏi, xem phiên bản mới rồi sửa tiếp."))
    if question.state is QuestionState.RETIRED:
        raise IllegalMove(_("Câu hỏi đã ngừng dùng."), advice=_("Hãy đưa câu hỏi về bản nháp trước khi sửa."))
    before = present_content(question)
    wanted = [] if is_common else list(positions)
    after = normalised(content, topic=topic.code, positions=[p.code for p in wanted])
    if with_known_symbols(after, law.documents_by_key()) == before:
        return False
    question.positions, question.is_common = wanted, is_common
    _add_version(question, after, topic=topic, author=editor, note=note)
    if question.state is not QuestionState.DRAFT:
        move(question, QuestionState.DRAFT)
    db.session.flush()
    record("question.edited", "question", question.code, version=question.current.number, note=note)
    _note_key(question, before)
    return True


def _note_key(question: Question, before: domain.Question) -> None:
    """A key that is no longer the approved one is told in the log; what it is, is not."""
    change = key_change(question)
    if change is not None and key_lines(content_of(question.current)) != key_lines(before):
        number = change.approved_number
        record("question.key_changed", "question", question.code, version=question.current.number, approved=number)


def restore_version(question: Question, version: QuestionVersion, *, editor: Account) -> bool:
    """Say again what an earlier version said, as a new version; topic and positions come back with it."""
    content = content_of(version)
    positions = list(
        db.session.scalars(select(Position).where(Position.code.in_(content.positions)).order_by(Position.code))
    )
    is_common = not content.positions and question.is_common
    return edit_question(
        question,
        content=content,
        topic=version.topic,
        positions=positions or list(question.positions),
        is_common=is_common,
        editor=editor,
        note=_("Khôi phục phiên bản %(number)s", number=version.number),
    )


def _add_version(
    question: Question, content: domain.Question, *, topic: Topic, author: Account, note: str
) -> QuestionVersion:
    documents = law.documents_by_key()
    content = with_known_symbols(content, documents)
    number = db.session.scalar(
        select(func.coalesce(func.max(QuestionVersion.number), 0)).where(QuestionVersion.question_id == question.id)
    )
    columns = version_columns(content, topic_id=topic.id, author_id=author.id, note=note)
    version = QuestionVersion(question_id=question.id, number=(number or 0) + 1, **columns)
    version.citations = [Citation(**row) for row in citation_columns(content, documents)]
    db.session.execute(delete(QuestionTag).where(QuestionTag.question_id == question.id))
    db.session.add_all(QuestionTag(question_id=question.id, tag=tag) for tag in content.tags)
    db.session.add(version)
    db.session.merge(QuestionText(question_id=question.id, **text_columns(content)))
    db.session.flush()
    question.current = version
    db.session.flush()
    return version


def _check_place(
    positions: Sequence[Position], *, is_common: bool, person: Account, permissions: Sequence[Permission]
) -> None:
    """A question is of positions or common to all, and within what its writer was granted."""
    if not is_common and not positions:
        raise Invalid(_("Hãy chọn ít nhất một vị trí việc làm, hoặc chọn dùng chung."), field="positions")
    wanted = {position.id for position in positions}
    if not covers(reach_over(person, permissions), wanted=wanted, is_common=is_common):
        raise Forbidden(
            _("Tài khoản này chưa được giao ra câu hỏi cho phần đã chọn."),
            advice=_("Hãy chọn vị trí được giao, hoặc đề nghị quản trị hệ thống giao thêm."),
        )


def problems_of(question: Question) -> list[Message]:
    """What the kind finds wrong with the question as written."""
    return get_kind(question.current.kind).check(content_of(question.current))


def retire_question(question: Question, *, reason: str) -> None:
    """Take the question out of use; papers and results keep the versions they used."""
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do ngừng dùng."), field="reason")
    move(question, QuestionState.RETIRED)
    db.session.flush()
    record("question.retired", "question", question.code, reason=reason)


def reopen_question(question: Question) -> None:
    """Bring a retired question back as a draft."""
    if question.state is not QuestionState.RETIRED:
        raise IllegalMove(_("Câu %(code)s không ở trạng thái ngừng dùng.", code=question.code))
    if question.merged_into_id is not None:
        advice = _("Hãy bỏ gộp trước khi đưa câu về bản nháp.")
        raise IllegalMove(_("Câu %(code)s đã gộp vào câu khác.", code=question.code), advice=advice)
    move(question, QuestionState.DRAFT)
    db.session.flush()
    record("question.reopened", "question", question.code)


def hold_question(question: Question, *, reason: str) -> None:
    """Keep the question from being drawn until it is released; its state stays."""
    if question.held_at is not None:
        raise Conflict(_("Câu %(code)s đang được tạm giữ.", code=question.code))
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do tạm giữ."), field="reason")
    question.held_at, question.hold_reason = clock.now(), reason.strip()[:300]
    db.session.flush()
    record("question.held", "question", question.code, reason=reason)


def release_question(question: Question) -> None:
    if question.held_at is None:
        raise Conflict(_("Câu %(code)s không bị tạm giữ.", code=question.code))
    question.held_at, question.hold_reason = None, ""
    db.session.flush()
    record("question.released", "question", question.code)


def note_reading(question: Question, *, page: str) -> None:
    """Log that a key was read, in a transaction of its own: a GET writes nothing else."""
    code, number = question.code, question.current.number
    with apart() as session:
        record("question.read", "question", code, session=session, version=number, page=page)


def names_of(question: Question) -> dict[int, str]:
    """Names of the question's owner and of the authors of its versions, by account id."""
    authors = select(QuestionVersion.author_id).where(QuestionVersion.question_id == question.id)
    rows = db.session.execute(
        select(Account.id, Account.display_name).where(
            (Account.id == question.owner_id) | Account.id.in_(authors.where(QuestionVersion.author_id.is_not(None)))
        )
    )
    return {account_id: name for account_id, name in rows}
