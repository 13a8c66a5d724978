"""Whom the measurements take from the demonstration: people of the official round that is open, who have not begun."""

from __future__ import annotations

from sqlalchemy import and_, exists

from examapp.rounds.models import Candidate, CandidateState, ExamRound, Purpose, RoundState
from examapp.sittings.models import Sitting

NOT_BEGUN = and_(
    ExamRound.state == RoundState.OPEN,
    ExamRound.purpose == Purpose.OFFICIAL,
    Candidate.state == CandidateState.ENROLLED,
    ~exists().where(Sitting.candidate_id == Candidate.id),
)
"""On candidates joined with their round. The rehearsal beside it has short papers, and some have sat it."""
