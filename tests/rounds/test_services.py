"""Rounds, shifts, councils: what they must say, the moves between states, and what the database holds to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import Matrix
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, IllegalMove, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.rounds import board, services
from examapp.rounds.models import (
    BoardMember,
    BoardRole,
    Candidate,
    CandidateState,
    ExamRound,
    Paper,
    Period,
    PostsRule,
    RoundMatrix,
    RoundState,
    Shift,
)
from examapp.rounds.readiness import readiness
from examapp.rounds.sections import check_sections, choose_matrices, round_versions
from examapp.rounds.shifts import delete_shift, exam_days, save_shift
from tests.builders import Builder
from tests.rounds.builders import MORNING, World, matrix, questions, world

EARLY = MORNING - timedelta(days=30)


@pytest.fixture
def here(build: Builder) -> World:
    return world(build)


def _get(exam_round: ExamRound) -> ExamRound:
    return db.session.get_one(ExamRound, exam_round.id)


@pytest.mark.parametrize("start", list(RoundState))
@pytest.mark.parametrize("to", list(RoundState))
def test_only_listed_moves_are_allowed(start: RoundState, to: RoundState, context: None) -> None:
    exam_round = ExamRound(code="KT", state=start)
    if to in services.MOVES[start]:
        services.move(exam_round, to)
        assert exam_round.state is to
    else:
        with pytest.raises(IllegalMove, match="KT"):
            services.move(exam_round, to)
        assert exam_round.state is start


def test_the_phase_of_a_shift() -> None:
    shift = Shift(starts_at=MORNING, ends_at=MORNING + timedelta(hours=1))

    def phase(state: RoundState, now: datetime, seat: Shift | None = shift) -> str:
        return services.exam_phase(ExamRound(state=state), seat, now)

    assert phase(RoundState.DRAFT, MORNING) == "not_open"
    assert phase(RoundState.SEALED, MORNING) == "not_open"
    assert phase(RoundState.OPEN, MORNING, None) == "not_open"
    assert phase(RoundState.OPEN, MORNING - timedelta(seconds=1)) == "before"
    assert phase(RoundState.OPEN, MORNING) == "running"
    assert phase(RoundState.OPEN, MORNING + timedelta(hours=1)) == "over"
    assert phase(RoundState.CLOSED, MORNING) == "over"
    assert phase(RoundState.CANCELLED, MORNING) == "over"


def test_a_code_is_used_once_and_proposed_free(here: World) -> None:
    here.round(code="KT-2026-Q1")
    with pytest.raises(Invalid, match="đã dùng"):
        here.round(code="KT-2026-Q1")
    with here.build.app.app_context():
        assert services.propose_code(2026, Period.QUARTER, 1) == "KT-2026-Q1-2"
        assert services.propose_code(2026, Period.MONTH, 3) == "KT-2026-T03"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"period": Period.QUARTER, "period_number": 5}, "period_number"),
        ({"period": Period.YEAR, "period_number": 2}, "period_number"),
        ({"posts_rule": PostsRule.UNION, "minutes": 60, "union_max_minutes": 50}, "union_max_minutes"),
    ],
)
def test_information_that_cannot_be(here: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        here.round(**values)
    assert error.value.field == field


def test_a_change_is_recorded_and_kept_to_drafts(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        assert services.update_round(row, name="Tên mới (mẫu)", minutes=30) == ["name"]
        with pytest.raises(Invalid, match="dài hơn ca thi"):
            services.update_round(row, minutes=100)
        row.minutes = 30
        row.state = RoundState.SEALED
        with pytest.raises(Conflict):
            services.update_round(row, name="Không được")
        assert "round.changed" in set(db.session.scalars(select(AuditEvent.action)))


def _shift(row: ExamRound, start: datetime, hours: float = 1.5, **values: Any) -> Shift:
    values.setdefault("name", "Ca mới")
    return save_shift(row, starts_at=start, ends_at=start + timedelta(hours=hours), **values)


def test_shifts_that_cannot_be(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        later = MORNING + timedelta(days=1)
        with pytest.raises(Invalid, match="sau giờ bắt đầu"):
            _shift(row, later, -1)
        with pytest.raises(Invalid, match="dài hơn ca thi"):
            _shift(row, later, 0.2)
        with pytest.raises(Invalid, match="Trùng giờ"):
            _shift(row, MORNING + timedelta(hours=1))
        with pytest.raises(Invalid, match="tên khác"):
            _shift(row, later, name="Ca 1")
        _shift(row, MORNING, place="Phòng khác (mẫu)")  # side by side in another place
        _shift(row, MORNING + timedelta(hours=1.5), name="Ca nối tiếp")
        assert len(row.shifts) == 3
        assert exam_days(row) == [date(2026, 3, 10)]


def test_a_sealed_round_keeps_its_days(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        row.state = RoundState.SEALED
        (shift,) = row.shifts
        same = {"shift": shift, "name": shift.name}
        save_shift(row, starts_at=MORNING + timedelta(hours=1), ends_at=MORNING + timedelta(hours=3), **same)
        with pytest.raises(Invalid, match="niêm phong"):
            save_shift(row, starts_at=MORNING + timedelta(days=1), ends_at=MORNING + timedelta(days=1, hours=2), **same)
        with pytest.raises(Conflict):
            _shift(row, MORNING + timedelta(days=2))
        row.state = RoundState.OPEN
        with pytest.raises(Conflict):
            save_shift(row, starts_at=MORNING, ends_at=MORNING + timedelta(hours=2), **same)


def test_a_deleted_shift_leaves_its_people_waiting(here: World) -> None:
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        (shift,) = row.shifts
        end = MORNING + timedelta(hours=2)
        with pytest.raises(Invalid, match="nhiều hơn số chỗ"):
            save_shift(row, shift=shift, name="Ca 1", starts_at=MORNING, ends_at=end, capacity=0)
        assert delete_shift(row, row.shifts[0]) == 1
        assert row.shifts == []
    assert here.candidates(exam_round)[0].shift_id is None


def test_matrices_one_for_each_position(here: World) -> None:
    from question_bank.question import Level

    second = matrix(here.build, here.justice, {(here.topics["justice"], Level.RECALL): 1}, code="MT-KHAC")
    empty = here.build.save(Matrix(code="MT-RONG", name="Chưa có dòng", position_id=None))
    exam_round = here.round(matrices=False)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        rows = {m.code: m for m in db.session.scalars(select(Matrix))}
        with pytest.raises(Invalid, match="bị thừa"):
            choose_matrices(row, [rows["MT-tp_tu_phap"], rows[second.code]])
        with pytest.raises(Invalid, match="chưa có dòng"):
            choose_matrices(row, [rows[empty.code]])
        choose_matrices(row, [rows["MT-CHUNG"], rows["MT-tp_tu_phap"]])
        choose_matrices(row, [rows["MT-CHUNG"], rows["MT-KHAC"]])
        assert [v.matrix.code for v in round_versions(row.id)] == ["MT-CHUNG", "MT-KHAC"]


def test_a_question_counts_only_if_usable_on_every_day(here: World) -> None:
    ending = here.build.document(in_force_to=date(2026, 3, 10))
    here.build.question(here.topics["common"], document=ending)
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        assert check_sections(row, demo=True)[0].usable == 7
        _shift(row, MORNING + timedelta(days=1))
        assert check_sections(row, demo=True)[0].usable == 6


def test_readiness_says_what_is_missing_and_where(here: World) -> None:
    exam_round = here.round(shifts=0, matrices=False)

    def steps(now: datetime = EARLY) -> set[str]:
        return {lack.step for lack in readiness(_get(exam_round), now=now, demo=True).lacks if lack.blocking}

    with here.build.app.app_context():
        assert steps() == {"matrices", "shifts", "candidates"}
    here.person("Nguyễn Văn Mẫu", here.justice)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        choose_matrices(row, db.session.scalars(select(Matrix)))
        _shift(row, MORNING)
    here.enrol(exam_round)
    with here.build.app.app_context(), database.unit_of_work():
        assert steps() == set()
        assert steps(MORNING + timedelta(days=2)) == {"shifts"}
        _shift(_get(exam_round), MORNING + timedelta(days=3), name="Ca sau")
        late = readiness(_get(exam_round), now=MORNING + timedelta(days=2), demo=True)
        assert late.blocking("shifts") == ["Ca “Ca mới” đã qua giờ. Hãy sửa giờ hoặc xóa ca."]
        land_only = db.session.scalars(select(Matrix).where(Matrix.code.in_(["MT-CHUNG", "MT-nn_dat_dai"])))
        choose_matrices(_get(exam_round), land_only)
        found = readiness(_get(exam_round), now=EARLY, demo=True)
        assert [lack.step for lack in found.lacks if lack.blocking] == ["candidates"]
        assert "Tư pháp" in found.blocking()[0]


def test_opening_needs_what_readiness_asks(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        with pytest.raises(IllegalMove):
            services.open_round(row, now=EARLY)
        row.state = RoundState.SEALED
        with pytest.raises(Invalid) as error:
            services.open_round(row, now=EARLY, lacks=["Chưa có ca thi."])
        assert error.value.details == ["Chưa có ca thi."]
        services.open_round(row, now=EARLY)
        assert row.state is RoundState.OPEN


def test_closing_early_is_confirmed(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        row.state = RoundState.OPEN
        with pytest.raises(Conflict, match="Ca 1"):
            services.close_round(row, now=MORNING)
        services.close_round(row, now=MORNING, confirmed=True)
        assert (row.state, row.closed_at) == (RoundState.CLOSED, MORNING)


def test_cancelling_needs_a_reason(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        with pytest.raises(Invalid):
            services.cancel_round(row, reason=" ")
        services.cancel_round(row, reason="Bão (mẫu)")
        assert (row.state, row.cancel_reason) == (RoundState.CANCELLED, "Bão (mẫu)")


def test_who_sees_which_round(here: World) -> None:
    build, exam_round = here.build, here.round()
    elsewhere = build.unit("Xã Khác (mẫu)")
    stranger = build.account(None, Role.ORGANISER, unit=elsewhere)
    inspector = build.account(None, Role.INSPECTOR)
    invigilator = build.account(None, Role.INVIGILATOR, unit=here.commune)
    named = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=exam_round.id, account_id=named.id, role=BoardRole.INVIGILATOR))

    def sees(account: Any, permission: Permission = Permission.ROUND_READ) -> bool:
        person = db.session.get_one(type(account), account.id)
        try:
            return services.get_round("KT-2026-Q1", person=person, permission=permission).id == exam_round.id
        except NotFound:
            return False

    with build.app.app_context():
        assert sees(here.organiser)
        assert sees(here.organiser, Permission.ROUND_EDIT)
        assert sees(inspector)
        assert not sees(inspector, Permission.ROUND_EDIT)
        assert not sees(stranger)
        assert not sees(invigilator)
        assert sees(named)
        assert sees(named, Permission.ROUND_WATCH)
        assert not sees(named, Permission.ROUND_EDIT)


def test_the_council(here: World) -> None:
    official = here.person("Nguyễn Văn Mẫu", here.justice)
    account = here.build.account(official)
    exam_round = here.round()
    here.enrol(exam_round)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round)
        with pytest.raises(Invalid, match="Không có tài khoản"):
            board.add_member(row, login="khong-co", role=BoardRole.CHAIR)
        member = board.add_member(row, login=account.login.upper(), role=BoardRole.CHAIR)
        with pytest.raises(Invalid, match="đã có vai trò"):
            board.add_member(row, login=account.login, role=BoardRole.CHAIR)
        with pytest.raises(Invalid, match="Hội đồng đã có"):
            board.add_member(row, login=here.organiser.login, role=BoardRole.CHAIR)
        assert [m.account_id for m in board.conflicts(row.id)] == [account.id]
        warnings = [lack for lack in readiness(row, now=EARLY, demo=True).lacks if lack.step == "board"]
        assert any("vừa là người dự thi" in lack.message and not lack.blocking for lack in warnings)
        board.remove_member(row, member.id)
        assert board.members_of(row.id) == []
        with pytest.raises(NotFound):
            board.remove_member(row, 999)


BAD_ROUNDS = [
    {"period": Period.QUARTER, "period_number": 5},
    {"period": Period.YEAR, "period_number": 2},
    {"pass_percent": 101},
    {"minutes": 0},
    {"late_window_minutes": 1441},
    {"state": RoundState.RECOGNISED},
    {"state": RoundState.CANCELLED},
    {"cancel_reason": "Lý do mà không hủy"},
    {"union_max_questions": 0},
    {"union_max_minutes": 601},
]


@pytest.mark.parametrize("values", BAD_ROUNDS, ids="-".join)
def test_the_database_refuses_such_rounds(here: World, values: dict[str, Any]) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.writing():
        for name, value in values.items():
            setattr(_get(exam_round), name, value)
        with pytest.raises(IntegrityError):
            db.session.flush()


def test_the_database_holds_to_one_of_each(here: World) -> None:
    build, exam_round = here.build, here.round()
    official = here.person("Nguyễn Văn Mẫu", here.justice)
    here.enrol(exam_round)
    (candidate,) = here.candidates(exam_round)
    (seat,) = [build.save(BoardMember(round_id=exam_round.id, account_id=here.organiser.id, role=BoardRole.CHAIR))]

    def person(**columns: Any) -> Candidate:
        given = {name: getattr(candidate, name) for name in ("round_id", "unit_id", "position_id", "full_name")}
        given |= {"sort_key": "x", "unit_name": "x", "posts": "[]", "number": "9999", "official_id": official.id}
        return Candidate(**(given | columns))

    def paper(**columns: Any) -> Paper:
        given = {"candidate_id": candidate.id, "minutes": 30, "layout": b"{}", "digest": "x", "sealed_at": clock.now()}
        return Paper(**(given | columns))

    other = here.build.official("Nguyễn Người Khác")
    build.save(paper())
    with build.app.app_context():
        version_id = round_versions(exam_round.id)[0].id
    wrong = [
        person(),
        person(official_id=other.id, number=candidate.number),
        person(official_id=other.id, extra_minutes=-1),
        person(official_id=other.id, state=CandidateState.EXCUSED),
        paper(),
        BoardMember(round_id=exam_round.id, account_id=seat.account_id, role=BoardRole.CHAIR),
        RoundMatrix(round_id=exam_round.id, matrix_version_id=version_id),
        Shift(round_id=exam_round.id, name="x", starts_at=MORNING, ends_at=MORNING),
        Shift(round_id=exam_round.id, name="x", starts_at=MORNING, ends_at=MORNING + timedelta(1), capacity=0),
    ]
    for row in wrong:
        with pytest.raises(IntegrityError):
            build.save(row)
    assert build.save(paper(number=2)).id
    assert build.save(person(official_id=other.id)).id


def test_sample_questions_count_in_demonstration_mode_only(here: World) -> None:
    questions(here.build, 2, here.topics["common"], is_sample=True)
    exam_round = here.round()
    with here.build.app.app_context():
        row = _get(exam_round)
        assert check_sections(row, demo=True)[0].usable == 8
        assert check_sections(row, demo=False)[0].usable == 6
