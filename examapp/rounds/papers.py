"""Sealing: the papers of a round are drawn, written in small pieces, and count from the last short commit on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from examapp.audit.services import record
from examapp.bank import frozen
from examapp.bank.models import Exposure
from examapp.core import clock
from examapp.core.db import db, new_reference, unit_of_work
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.jobs import Work, start_job
from examapp.core.models import Job, JobState
from examapp.core.words import _
from examapp.rounds.drawing import DrawnPaper, draw_papers, fingerprint, read_plan, usage
from examapp.rounds.models import Candidate, ExamRound, Paper, RoundState
from examapp.rounds.sections import all_usable
from examapp.rounds.services import move, require_draft

SEAL = "rounds.seal"
"""The kind of job."""
PIECE = 25
"""Papers written in one short transaction."""


def current_paper(candidate_id: int) -> Paper:
    """The paper that counts: the one with the highest number."""
    latest = select(Paper).where(Paper.candidate_id == candidate_id).order_by(Paper.number.desc()).limit(1)
    paper = db.session.scalar(latest)
    if paper is None:
        raise NotFound(_("Người dự thi này chưa có đề."), advice=_("Hãy báo người tổ chức thi."))
    return paper


def paper_count(round_id: int) -> int:
    """How many papers of the round are stored."""
    counted = select(func.count(Paper.id)).join(Candidate).where(Candidate.round_id == round_id)
    return db.session.scalar(counted) or 0


def start_sealing(exam_round: ExamRound, *, owner_id: int, demo: bool, lacks: Sequence[str] = ()) -> Job:
    """Begin the sealing as a job. ``lacks``: what readiness says still stands in the way."""
    require_draft(exam_round)
    if lacks:
        raise Invalid(_("Chưa niêm phong đề được."), details=list(lacks))
    running = select(Job).where(Job.kind == SEAL, Job.state.in_([JobState.WAITING, JobState.RUNNING]))
    if any(json.loads(job.parameters).get("round_id") == exam_round.id for job in db.session.scalars(running)):
        raise Conflict(
            _("Kỳ thi %(code)s đang được niêm phong đề.", code=exam_round.code),
            advice=_("Hãy đợi việc đang chạy kết thúc rồi mở lại trang kỳ thi."),
        )
    title = _("Niêm phong đề kỳ thi %(code)s", code=exam_round.code)
    record("round.sealing", "round", exam_round.code)
    return start_job(SEAL, title=title, owner_id=owner_id, round_id=exam_round.id, demo=demo)


def seal_round(round_id: int, *, now: datetime, demo: bool, by_id: int | None = None) -> int:
    """Draw and seal at once, in the caller's transaction; gives the number of papers."""
    exam_round = db.session.get_one(ExamRound, round_id)
    require_draft(exam_round)
    plan = read_plan(exam_round, demo=demo)
    papers = draw_papers(plan)
    batch = _claim(exam_round)
    _write(papers, batch, now)
    frozen.freeze_citations(round_id, usage(papers), on=max(plan.days))
    _finish(exam_round, papers, now=now, by_id=by_id)
    return len(papers)


def seal_job(work: Work) -> None:
    """The job: done again from the start when it was interrupted; what an older try wrote is replaced."""
    round_id, now = int(work.parameters["round_id"]), clock.now()
    exam_round = db.session.get_one(ExamRound, round_id)
    code = exam_round.code
    if exam_round.state is RoundState.SEALED:  # the runner was lost between the last commit and the report of it
        _report(work, code, paper_count(round_id))
        return
    require_draft(exam_round)
    plan = read_plan(exam_round, demo=bool(work.parameters["demo"]))
    db.session.rollback()
    total = 2 * len(plan.people)
    papers = draw_papers(plan, progress=lambda done, _all: work.progress(done, total, _("Đang rút đề")))
    with unit_of_work() as session:
        batch = _claim(session.get_one(ExamRound, round_id))
    for start in range(0, len(papers), PIECE):
        work.progress(len(papers) + start, total, _("Đang ghi đề"))
        with unit_of_work():
            _keep_claim(round_id, batch)
            _write(papers[start : start + PIECE], batch, now)
    versions = sorted(usage(papers))
    for start in range(0, len(versions), frozen.PIECE):
        with unit_of_work():
            _keep_claim(round_id, batch)
            frozen.freeze_citations(round_id, versions[start : start + frozen.PIECE], on=max(plan.days))
    with unit_of_work() as session:
        _keep_claim(round_id, batch)
        exam_round = session.get_one(ExamRound, round_id)
        if fingerprint(exam_round) != plan.fingerprint:
            raise Conflict(
                _("Danh sách, ca thi hoặc ma trận của kỳ thi %(code)s vừa thay đổi trong lúc rút đề.", code=code),
                advice=_("Hãy niêm phong lại."),
            )
        if not all_usable(versions, plan.days, demo=bool(work.parameters["demo"])):
            raise Conflict(
                _("Có câu hỏi vừa bị tạm giữ, sửa hoặc hết căn cứ trong lúc rút đề của kỳ thi %(code)s.", code=code),
                advice=_("Hãy niêm phong lại."),
            )
        _finish(exam_round, papers, now=now, by_id=work.owner_id)
    _report(work, code, len(papers))


def _report(work: Work, code: str, count: int) -> None:
    message = _("Đã niêm phong %(n)s đề của kỳ thi %(code)s.", n=count, code=code)
    work.finish(message=message, url=f"/rounds/{code}")


def _claim(exam_round: ExamRound) -> str:
    """Take over the writing: from here on older tries give up, and what they wrote goes."""
    require_draft(exam_round)
    exam_round.batch = new_reference()
    _delete_papers(exam_round.id)
    frozen.thaw(exam_round.id)
    db.session.flush()
    return exam_round.batch


def _keep_claim(round_id: int, batch: str) -> None:
    kept = (
        update(ExamRound)
        .where(ExamRound.id == round_id, ExamRound.batch == batch, ExamRound.state == RoundState.DRAFT)
        .values(batch=batch)
        .execution_options(synchronize_session=False)
    )
    if not db.session.execute(kept).rowcount:  # type: ignore[attr-defined]
        raise Conflict(
            _("Một lần niêm phong khác của kỳ thi này đã bắt đầu sau, nên lần này dừng lại."),
            advice=_("Hãy mở lại trang kỳ thi để xem kết quả."),
        )


def _write(papers: Sequence[DrawnPaper], batch: str, now: datetime) -> None:
    rows = []
    for paper in papers:
        layout = paper.layout.canonical()
        rows.append(
            {
                "ref": new_reference(),
                "candidate_id": paper.candidate_id,
                "number": 1,
                "minutes": paper.layout.minutes,
                "layout": layout,
                "digest": paper.layout.digest(),
                "sealed_at": now,
                "batch": batch,
            }
        )
    db.session.execute(insert(Paper), rows)


def _finish(exam_round: ExamRound, papers: Sequence[DrawnPaper], *, now: datetime, by_id: int | None) -> None:
    uses = sorted(usage(papers).items())
    db.session.execute(
        insert(Exposure),
        [{"version_id": version_id, "round_id": exam_round.id, "papers": count} for version_id, count in uses],
    )
    move(exam_round, RoundState.SEALED)
    exam_round.sealed_at = now
    db.session.flush()
    record(
        "round.sealed",
        "round",
        exam_round.code,
        papers=len(papers),
        digest=round_digest(exam_round.id),
        law=frozen.frozen_digest(exam_round.id),
        batch=exam_round.batch,
        by=by_id,
    )


def round_digest(round_id: int) -> str:
    """One digest over the papers of a round, in the order of candidates' numbers."""
    digests = select(Paper.digest).join(Candidate).where(Candidate.round_id == round_id)
    ordered = db.session.scalars(digests.order_by(Candidate.number, Paper.number))
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()


def unseal(exam_round: ExamRound, *, reason: str) -> int:
    """Back to draft before the opening: the papers, which nobody has seen, go; the log keeps their digest."""
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do mở niêm phong."), field="reason")
    move(exam_round, RoundState.DRAFT)
    papers, digest = paper_count(exam_round.id), round_digest(exam_round.id)
    exam_round.sealed_at, exam_round.batch = None, ""
    _delete_papers(exam_round.id)
    db.session.execute(delete(Exposure).where(Exposure.round_id == exam_round.id))
    frozen.thaw(exam_round.id)
    db.session.flush()
    record("round.unsealed", "round", exam_round.code, reason=reason.strip(), papers=papers, digest=digest)
    return papers


def _delete_papers(round_id: int) -> None:
    candidates = select(Candidate.id).where(Candidate.round_id == round_id)
    db.session.execute(
        delete(Paper).where(Paper.candidate_id.in_(candidates)).execution_options(synchronize_session=False)
    )
