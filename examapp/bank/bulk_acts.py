"""What can be done to many questions at once. Each act says of a row what keeps it from being done, or that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank import handing, questions, review_sets, reviews
from examapp.bank.bulk_rows import Row
from examapp.bank.content import present_content
from examapp.bank.labels import level_label
from examapp.bank.models import BankKind, Question, QuestionState, ReviewSet, SetState, Topic
from examapp.bank.scope import CHANGES, EDITS, covers, reach_over
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.permissions import Permission
from examapp.core.words import N_, _
from examapp.organisation.models import Position
from question_bank import question as domain

SHORTEST, LONGEST = 5, 3600
"""Seconds that a question may be expected to take, as in the editor."""
LONGEST_TAG = 60


@dataclass(frozen=True, slots=True)
class Act:
    """One act with its value, ready to be held against rows and to be done."""

    done: str
    """What was done, for the note of a version and the log."""
    refuse: Callable[[Row], str | None]
    """What keeps a row from it."""
    is_so: Callable[[Row], bool]
    """Whether the row is already as the act would make it."""
    do: Callable[[Question, Account], object]
    writes_version: bool = False
    """The content changes: an approved question goes back to its draft."""
    needs_content: bool = False
    """What keeps a row from it shows only when it is done on the whole question."""


@dataclass(frozen=True, slots=True)
class Kind:
    """An act as it is offered: who may do it where, and how it is made from what was entered."""

    label: str
    permissions: Mapping[BankKind, tuple[Permission, ...]]
    make: Callable[[str, Account, BankKind], Act]
    value: str = ""
    """What has to be entered with it: a topic, a position, a word …"""


EXAM_ONLY = {BankKind.EXAM: CHANGES[BankKind.EXAM]}
MANAGED = {BankKind.EXAM: (Permission.BANK_MANAGE,)}
REVIEWED = {BankKind.EXAM: (Permission.BANK_MANAGE, Permission.BANK_REVIEW)}


def acts_for(person: Account, bank: BankKind) -> list[tuple[str, str]]:
    """The acts this person may do in the bank, by name, with their labels as they stand in the source."""
    return [
        (name, kind.label)
        for name, kind in KINDS.items()
        if any(person.may(permission) for permission in kind.permissions.get(bank, ()))
    ]


def _never(row: Row) -> bool:
    return False


def _not_retired(row: Row) -> str | None:
    return _("Câu đã ngừng dùng.") if row.state is QuestionState.RETIRED else None


Place = tuple[Topic, list[Position], bool]


def _edit(
    change: Callable[[domain.Question, Place], tuple[domain.Question, Place]], note: str
) -> Callable[[Question, Account], object]:
    """A change of the content, as an edit of a question is."""

    def do(question: Question, person: Account) -> bool:
        place: Place = (question.current.topic, list(question.positions), question.is_common)
        content, (topic, positions, is_common) = change(present_content(question), place)
        return questions.edit_question(
            question,
            content=content,
            topic=topic,
            positions=positions,
            is_common=is_common,
            editor=person,
            note=_("Sửa hàng loạt: %(what)s", what=note)[:300],
            permissions=CHANGES[question.bank],
        )

    return do


def _topic(value: str, person: Account, bank: BankKind) -> Act:
    topic = next((one for one in topics_for(reach_over(person, CHANGES[bank])) if one.code == value), None)
    if topic is None:
        raise Invalid(_("Hãy chọn chuyên đề."), field="value")
    found = topic
    note = _("chuyên đề “%(topic)s”", topic=found.name)
    return Act(
        note,
        _not_retired,
        lambda row: row.topic_id == found.id,
        _edit(lambda content, place: (content, (found, *place[1:])), note),
        writes_version=True,
    )


def _position(value: str, person: Account, bank: BankKind) -> Position:
    found = db.session.scalar(select(Position).where(Position.code == value))
    if found is None or not covers(reach_over(person, CHANGES[bank]), wanted={found.id}, is_common=False):
        raise Invalid(_("Hãy chọn vị trí việc làm được giao."), field="value")
    return found


def _add_position(value: str, person: Account, bank: BankKind) -> Act:
    position = _position(value, person, bank)
    note = _("thêm vị trí “%(position)s”", position=position.name)

    def refuse(row: Row) -> str | None:
        return _not_retired(row) or (_("Câu dùng chung cho mọi vị trí.") if row.is_common else None)

    return Act(
        note,
        refuse,
        lambda row: position.id in row.positions,
        _edit(lambda content, place: (content, (place[0], [*place[1], position], False)), note),
        writes_version=True,
    )


def _remove_position(value: str, person: Account, bank: BankKind) -> Act:
    position = _position(value, person, bank)
    note = _("bỏ vị trí “%(position)s”", position=position.name)

    def refuse(row: Row) -> str | None:
        only = row.positions == {position.id}
        return _not_retired(row) or (_("Câu chỉ có vị trí này: cần ít nhất một vị trí.") if only else None)

    return Act(
        note,
        refuse,
        lambda row: position.id not in row.positions,
        _edit(lambda content, place: (content, (place[0], [p for p in place[1] if p.id != position.id], False)), note),
        writes_version=True,
    )


def _tag(value: str) -> str:
    tag = domain.clean_text(value)
    if not tag or len(tag) > LONGEST_TAG or "," in tag:
        raise Invalid(_("Hãy ghi một từ khóa, nhiều nhất %(most)s ký tự, không có dấu phẩy.", most=LONGEST_TAG),
                      field="value")  # fmt: skip
    return tag


def _add_tag(value: str, person: Account, bank: BankKind) -> Act:
    tag = _tag(value)
    note = _("thêm từ khóa “%(tag)s”", tag=tag)
    change = _edit(lambda content, place: (replace(content, tags=(*content.tags, tag)), place), note)
    return Act(note, _not_retired, lambda row: tag in row.tags, change, writes_version=True)


def _remove_tag(value: str, person: Account, bank: BankKind) -> Act:
    tag = _tag(value)
    note = _("bỏ từ khóa “%(tag)s”", tag=tag)

    def without(content: domain.Question, place: Place) -> tuple[domain.Question, Place]:
        return replace(content, tags=tuple(one for one in content.tags if one != tag)), place

    return Act(note, _not_retired, lambda row: tag not in row.tags, _edit(without, note), writes_version=True)


def _level(value: str, person: Account, bank: BankKind) -> Act:
    if value not in set(domain.Level):
        raise Invalid(_("Hãy chọn mức độ."), field="value")
    level = domain.Level(value)
    note = _("mức độ %(level)s", level=level_label(level))
    change = _edit(lambda content, place: (replace(content, level=level), place), note)
    return Act(note, _not_retired, lambda row: row.level is level, change, writes_version=True)


def _seconds(value: str, person: Account, bank: BankKind) -> Act:
    seconds = int(value) if value.isdecimal() and len(value) < 5 else 0
    if not SHORTEST <= seconds <= LONGEST:
        raise Invalid(_("Thời gian từ %(low)s đến %(high)s giây.", low=SHORTEST, high=LONGEST), field="value")
    note = _("thời gian dự kiến %(n)s giây", n=seconds)
    change = _edit(lambda content, place: (replace(content, seconds=seconds), place), note)
    return Act(note, _not_retired, lambda row: row.seconds == seconds, change, writes_version=True)


def _owner(value: str, person: Account, bank: BankKind) -> Act:
    owner = db.session.get(Account, int(value)) if value.isdecimal() and len(value) < 10 else None
    if owner is None or not owner.may(EDITS[bank]):
        raise Invalid(_("Hãy chọn người nhận câu hỏi."), field="value")
    found, reach = owner, reach_over(owner, (EDITS[bank],))

    def refuse(row: Row) -> str | None:
        if covers(reach, wanted=set(row.positions), is_common=row.is_common):
            return None
        return _("Người nhận chưa được giao ra câu hỏi cho vị trí của câu này.")

    return Act(
        _("người phụ trách: %(name)s", name=found.display_name),
        refuse,
        lambda row: row.owner_id == found.id,
        lambda question, _person: handing.hand_over(question, found),
    )


def _reason(value: str) -> str:
    reason = " ".join(value.split())
    if not reason or len(reason) > 300:
        raise Invalid(_("Hãy ghi lý do, nhiều nhất 300 ký tự."), field="value")
    return reason


def _hold(value: str, person: Account, bank: BankKind) -> Act:
    reason = _reason(value)
    return Act(
        _("tạm giữ: %(reason)s", reason=reason),
        _not_retired,
        lambda row: row.is_held,
        lambda question, _person: questions.hold_question(question, reason=reason),
    )


def _release(value: str, person: Account, bank: BankKind) -> Act:
    return Act(
        _("bỏ tạm giữ"),
        lambda row: None,
        lambda row: not row.is_held,
        lambda question, _person: questions.release_question(question),
    )


def _retire(value: str, person: Account, bank: BankKind) -> Act:
    reason = _reason(value)
    return Act(
        _("ngừng dùng: %(reason)s", reason=reason),
        lambda row: None,
        lambda row: row.state is QuestionState.RETIRED,
        lambda question, _person: questions.retire_question(question, reason=reason),
    )


def _submit(value: str, person: Account, bank: BankKind) -> Act:
    def refuse(row: Row) -> str | None:
        return None if row.state in {QuestionState.DRAFT, QuestionState.IN_REVIEW} else _("Câu không ở bản nháp.")

    return Act(
        _("gửi thẩm định"),
        refuse,
        lambda row: row.state is QuestionState.IN_REVIEW,
        lambda question, _person: reviews.submit_for_review(question),
        needs_content=True,
    )


def _set(value: str, person: Account, bank: BankKind) -> Act:
    found = db.session.scalar(select(ReviewSet).where(ReviewSet.ref == value, ReviewSet.state == SetState.OPEN))
    if found is None or not review_sets.may_keep(found, person):
        raise Invalid(_("Hãy chọn gói thẩm định đang mở."), field="value")
    wanted = found

    def refuse(row: Row) -> str | None:
        if row.state is not QuestionState.IN_REVIEW:
            return _("Câu không ở trạng thái chờ thẩm định.")
        return _("Câu đã thuộc một gói thẩm định đang mở.") if row.in_set else None

    return Act(
        _("đưa vào gói “%(name)s”", name=wanted.name),
        refuse,
        _never,
        lambda question, _person: review_sets.take_in(wanted, [question]),
    )


KINDS: dict[str, Kind] = {
    "topic": Kind(N_("Đổi chuyên đề"), CHANGES, _topic, "topic"),
    "position": Kind(N_("Thêm vị trí"), CHANGES, _add_position, "position"),
    "no_position": Kind(N_("Bỏ vị trí"), CHANGES, _remove_position, "position"),
    "tag": Kind(N_("Thêm từ khóa"), CHANGES, _add_tag, "tag"),
    "no_tag": Kind(N_("Bỏ từ khóa"), CHANGES, _remove_tag, "tag"),
    "level": Kind(N_("Đặt mức độ"), CHANGES, _level, "level"),
    "seconds": Kind(N_("Đặt thời gian dự kiến"), CHANGES, _seconds, "seconds"),
    "owner": Kind(N_("Giao người phụ trách"), MANAGED, _owner, "owner"),
    "hold": Kind(N_("Tạm giữ"), EXAM_ONLY, _hold, "reason"),
    "release": Kind(N_("Bỏ tạm giữ"), EXAM_ONLY, _release),
    "retire": Kind(N_("Ngừng dùng"), CHANGES, _retire, "reason"),
    "submit": Kind(N_("Gửi thẩm định"), EXAM_ONLY, _submit),
    "set": Kind(N_("Đưa vào gói thẩm định đang mở"), REVIEWED, _set, "set"),
}


def make_act(name: str, value: str, person: Account, bank: BankKind) -> Act:
    """The act, if this person may do it in the bank and the value makes sense."""
    return KINDS[name].make(value.strip(), person, bank)


def may_do(name: str, person: Account, bank: BankKind) -> bool:
    return name in dict(acts_for(person, bank))


def open_sets(person: Account) -> Sequence[ReviewSet]:
    """The sets this person keeps and may put questions into."""
    found = db.session.scalars(review_sets.sets_for(person).where(ReviewSet.state == SetState.OPEN)).unique()
    return [one for one in found if review_sets.may_keep(one, person)]
