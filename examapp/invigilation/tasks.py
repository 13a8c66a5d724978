"""What waits for a person in this room, for the home page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select

from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.core.room import Task
from examapp.core.words import ngettext
from examapp.rounds.models import BoardMember, BoardRole, ExamRound, RoundState
from examapp.rounds.services import visible_rounds
from examapp.sittings.late import count_waiting
from examapp.sittings.stops import waiting_counts

DECIDABLE = (RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED)


def tasks() -> list[Task]:
    """Stops and late answers that wait for this person's decision."""
    rounds = {exam_round.id: exam_round for exam_round in _decides_in()}
    return [*_stops(rounds), *_late(rounds)] if rounds else []


def _stops(rounds: Mapping[int, ExamRound]) -> list[Task]:
    """The people wait meanwhile, so these come first."""
    return [
        Task(
            ngettext("%(n)s gián đoạn chờ quyết định", "%(n)s gián đoạn chờ quyết định", count),
            url_for("invigilation.stop_list", code=rounds[round_id].code),
            rounds[round_id].name,
            count=count,
            urgent=True,
        )
        for round_id, count in sorted(waiting_counts(rounds).items())
    ]


def _late(rounds: Mapping[int, ExamRound]) -> list[Task]:
    return [
        Task(
            ngettext(
                "%(n)s lượt trả lời chờ hội đồng quyết định",
                "%(n)s lượt trả lời chờ hội đồng quyết định",
                count,
            ),
            url_for("invigilation.late_list", code=rounds[round_id].code),
            rounds[round_id].name,
            count=count,
        )
        for round_id, count in sorted(count_waiting(rounds).items())
    ]


def _decides_in() -> list[ExamRound]:
    """Rounds that this person chairs, or organises while nobody does (:mod:`examapp.sittings.council`)."""
    chairs = select(BoardMember.round_id).where(BoardMember.role == BoardRole.CHAIR)
    own = ExamRound.id.in_(chairs.where(BoardMember.account_id == current_user.id))
    mine: ColumnElement[bool] = own
    if current_user.may(Permission.ROUND_EDIT):
        edits = select(visible_rounds(current_user, Permission.ROUND_EDIT).subquery().c.id)
        mine = or_(own, ExamRound.id.in_(edits) & ExamRound.id.not_in(chairs))
    return list(db.session.scalars(select(ExamRound).where(ExamRound.state.in_(DECIDABLE), mine)))
