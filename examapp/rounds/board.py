"""The council of a round: who chairs, keeps the minutes, invigilates."""

from __future__ import annotations

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.rounds.models import BoardMember, BoardRole, Candidate, CandidateState, ExamRound, RoundState
from examapp.rounds.words import BOARD_ROLES

ORDER = list(BoardRole)


def members_of(round_id: int) -> list[BoardMember]:
    """The council, in the order of the roles."""
    found = db.session.scalars(
        select(BoardMember).where(BoardMember.round_id == round_id).options(joinedload(BoardMember.account))
    )
    return sorted(found, key=lambda member: (ORDER.index(member.role), member.account.display_name, member.id))


def add_member(exam_round: ExamRound, *, login: str, role: BoardRole) -> BoardMember:
    """Name the holder of an account; one chair and one secretary at most."""
    _require_running(exam_round)
    account = db.session.scalar(
        select(Account).where(Account.login == login.strip().lower(), Account.is_blocked.is_(False))
    )
    if account is None:
        raise Invalid(
            _("Không có tài khoản “%(login)s” đang hoạt động. Hãy kiểm tra mã cán bộ.", login=login), field="login"
        )
    present = members_of(exam_round.id)
    if any(member.account_id == account.id and member.role is role for member in present):
        raise Invalid(
            _("%(name)s đã có vai trò này trong hội đồng.", name=account.display_name),
            field="login",
        )
    if role in {BoardRole.CHAIR, BoardRole.SECRETARY} and any(member.role is role for member in present):
        raise Invalid(
            _("Hội đồng đã có %(role)s. Hãy bỏ người cũ trước khi thay.", role=_(BOARD_ROLES[role])), field="role"
        )
    member = BoardMember(round_id=exam_round.id, account=account, role=role)
    db.session.add(member)
    db.session.flush()
    record("board.added", "round", exam_round.code, account=account.login, role=role.value)
    return member


def remove_member(exam_round: ExamRound, member_id: int) -> None:
    _require_running(exam_round)
    member = db.session.scalar(
        select(BoardMember)
        .where(BoardMember.id == member_id, BoardMember.round_id == exam_round.id)
        .options(joinedload(BoardMember.account))
    )
    if member is None:
        raise NotFound()
    record("board.removed", "round", exam_round.code, account=member.account.login, role=member.role.value)
    db.session.delete(member)
    db.session.flush()


def conflicts(round_id: int) -> list[BoardMember]:
    """Members who are candidates of the same round: nobody oversees an exam of one's own."""
    enrolled = select(Candidate.official_id).where(
        Candidate.round_id == round_id, Candidate.state == CandidateState.ENROLLED
    )
    found = db.session.scalars(
        select(BoardMember)
        .join(BoardMember.account)
        .where(BoardMember.round_id == round_id, Account.official_id.in_(enrolled))
        .options(joinedload(BoardMember.account))
        .order_by(BoardMember.id)
    )
    return list(found)


def _require_running(exam_round: ExamRound) -> None:
    if exam_round.state in {RoundState.RECOGNISED, RoundState.CANCELLED}:
        raise Conflict(_("Kỳ thi đã kết thúc hoặc đã hủy nên hội đồng không đổi được nữa."))


EVERY_SEAT = frozenset(BoardRole)
SEATED = {
    Permission.ROUND_READ: EVERY_SEAT,
    Permission.ROUND_WATCH: EVERY_SEAT,
    Permission.INTEGRITY_READ: frozenset({BoardRole.CHAIR}),
}
"""What which seats on the board open, whatever grants the person has: the round, watching it, and for the chair what
is recorded of devices."""


def has_seat(account_id: int, permission: Permission) -> bool:
    """Whether the account sits on the board of a round and ``permission`` comes with that."""
    if permission not in SEATED:
        return False
    held: dict[int, frozenset[BoardRole]] = g.setdefault("seated", {})
    if account_id not in held:
        seats = select(BoardMember.role).where(BoardMember.account_id == account_id).distinct()
        held[account_id] = frozenset(db.session.scalars(seats))
    return bool(held[account_id] & SEATED[permission])
