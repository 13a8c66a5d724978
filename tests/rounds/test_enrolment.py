"""Who is enrolled, in which order, with which posts, in which shift."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.organisation.models import Post
from examapp.rounds import candidates as people
from examapp.rounds.enrolment import assign_shifts, enrol, positions_without_matrix, propose_enrolment
from examapp.rounds.models import Candidate, CandidateState, ExamRound, PostsRule, RoundState, Shift
from examapp.rounds.sections import round_versions
from examapp.rounds.services import move
from examapp.rounds.shifts import save_shift
from tests.builders import Builder
from tests.rounds.builders import MORNING, World, world


@pytest.fixture
def here(build: Builder) -> World:
    return world(build)


def _get(round_id: int) -> ExamRound:
    return db.session.get_one(ExamRound, round_id)


def test_numbers_follow_the_vietnamese_order_of_names(here: World) -> None:
    for name in ("Trần Văn Ước", "Lê Thị Ân", "Phạm Đức Anh", "Bùi Thị Ánh"):
        here.person(name, here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    assert [(c.number, c.full_name) for c in here.candidates(exam_round)] == [
        ("0001", "Phạm Đức Anh"),
        ("0002", "Bùi Thị Ánh"),
        ("0003", "Lê Thị Ân"),
        ("0004", "Trần Văn Ước"),
    ]


def test_the_posts_of_the_day_are_frozen_with_the_names_of_that_day(here: World) -> None:
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    (candidate,) = here.candidates(exam_round)
    assert candidate.unit_name == "Văn phòng, Xã Suối Mẫu"
    (post,) = json.loads(candidate.posts)
    assert post["position"] == "tp_tu_phap"
    assert post["position_name"] == "Tư pháp"
    assert post["unit_name"] == "Văn phòng, Xã Suối Mẫu"


def test_only_posts_valid_on_the_day_count(here: World) -> None:
    here.person("Nguyễn Đã Nghỉ", here.justice, valid_to=date(2026, 2, 28))
    here.person("Nguyễn Chưa Đến", here.justice, valid_from=date(2026, 3, 2))
    here.person("Nguyễn Hôm Nay", here.justice, valid_to=date(2026, 3, 1))
    exam_round = here.round()
    here.enrol(exam_round)
    assert [c.full_name for c in here.candidates(exam_round)] == ["Nguyễn Hôm Nay"]


def test_running_again_adds_newcomers_and_loses_nobody(here: World) -> None:
    here.person("Trần Thị Bình", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    here.person("Lê Văn An", here.land)
    with here.build.app.app_context(), database.unit_of_work():
        first = db.session.scalars(select(Candidate)).one()
        people.give_extra_minutes(first, minutes=10, reason="Quyết định số 1 (mẫu)", now=clock.now())
        done = enrol(_get(exam_round.id))
        again = enrol(_get(exam_round.id))
    assert (done.added, done.total) == (1, 2)
    assert (again.added, again.updated) == (0, 0)
    assert [(c.number, c.full_name, c.extra_minutes) for c in here.candidates(exam_round)] == [
        ("0001", "Trần Thị Bình", 10),
        ("0002", "Lê Văn An", 0),
    ]


def test_the_dry_run_tells_and_changes_nothing(here: World) -> None:
    cook = here.build.position("phuc_vu", "Phục vụ (mẫu)")
    here.person("Nguyễn Có Đề", here.justice)
    here.person("Nguyễn Không Đề", cook)
    exam_round = here.round()
    with here.build.app.app_context():
        proposal = propose_enrolment(_get(exam_round.id))
        missing = positions_without_matrix(_get(exam_round.id), round_versions(exam_round.id))
    assert [e.official.full_name for e in proposal.newcomers] == ["Nguyễn Có Đề"]
    assert [e.official.full_name for e in proposal.without_matrix] == ["Nguyễn Không Đề"]
    assert missing == [("Phục vụ (mẫu)", 1)]
    assert here.candidates(exam_round) == []


def test_two_posts_give_the_main_one_or_both_by_the_rule(here: World) -> None:
    official = here.person("Nguyễn Kiêm Nhiệm", here.land)
    here.build.post(official, here.justice, here.offices[1], is_primary=False)
    exam_round = here.round()
    here.enrol(exam_round)
    assert [p["position"] for p in json.loads(here.candidates(exam_round)[0].posts)] == ["nn_dat_dai"]
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        row.posts_rule = PostsRule.UNION
        proposal = propose_enrolment(row)
        assert len(proposal.several) == 1
        assert enrol(row).updated == 1
    (candidate,) = here.candidates(exam_round)
    assert [p["position"] for p in json.loads(candidate.posts)] == ["nn_dat_dai", "tp_tu_phap"]
    assert candidate.number == "0001"


def test_another_post_stands_in_when_the_main_one_has_no_matrix(here: World) -> None:
    official = here.person("Nguyễn Kiêm Nhiệm", here.build.position("phuc_vu", "Phục vụ (mẫu)"))
    here.build.post(official, here.justice, here.offices[1], is_primary=False)
    exam_round = here.round()
    with here.build.app.app_context():
        (entry,) = propose_enrolment(_get(exam_round.id)).newcomers
        assert entry.takes_other_post
        assert entry.main.position.code == "tp_tu_phap"


def test_two_primary_posts_on_one_day_are_named_and_nothing_is_stored(here: World) -> None:
    official = here.person("Nguyễn Hai Nơi", here.land, valid_to=date(2026, 12, 31))
    here.build.post(official, here.justice, here.offices[1])
    exam_round = here.round()
    with here.build.app.app_context(), pytest.raises(Invalid) as error:
        propose_enrolment(_get(exam_round.id))
    assert "Nguyễn Hai Nơi" in error.value.message
    assert "2 vị trí chính" in error.value.message


def test_a_part_of_the_tree(here: World) -> None:
    here.person("Nguyễn Văn Phòng", here.justice, 0)
    here.person("Nguyễn Kinh Tế", here.justice, 1)
    elsewhere = here.build.unit("Xã Khác (mẫu)")
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        assert enrol(row, [here.offices[1].id]).added == 1
        with pytest.raises(Invalid):
            enrol(row, [elsewhere.id])
    assert [c.full_name for c in here.candidates(exam_round)] == ["Nguyễn Kinh Tế"]


def test_who_no_longer_holds_a_post_is_shown_and_stays(here: World) -> None:
    official = here.person("Nguyễn Chuyển Đi", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    with here.build.app.app_context(), database.unit_of_work():
        db.session.execute(delete(Post).where(Post.official_id == official.id))
    with here.build.app.app_context():
        assert [c.full_name for c in propose_enrolment(_get(exam_round.id)).no_longer] == ["Nguyễn Chuyển Đi"]
    here.enrol(exam_round)
    assert len(here.candidates(exam_round)) == 1


def test_shifts_fill_by_capacity_and_keep_units_together(here: World) -> None:
    for number in range(3):
        here.person(f"Nguyễn Văn A{number}", here.justice, 0)
        here.person(f"Nguyễn Văn B{number}", here.land, 1)
    exam_round = here.round(shifts=0)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        for number, capacity in enumerate((4, 2), start=1):
            start = MORNING + timedelta(hours=2 * number)
            end = start + timedelta(hours=1)
            save_shift(row, name=f"Ca {number}", starts_at=start, ends_at=end, capacity=capacity)
        done = enrol(row)
    assert done.unseated == 0
    seats: dict[tuple[str, int], int] = {}
    for candidate in here.candidates(exam_round):
        key = (candidate.unit_name.split(",")[0], candidate.shift_id or 0)
        seats[key] = seats.get(key, 0) + 1
    assert sorted(seats.values()) == [1, 2, 3]  # one office sits together, the other is split for want of room
    assert max(sum(n for (_, s), n in seats.items() if s == shift) for shift in {s for _, s in seats}) == 4


def test_whoever_finds_no_room_waits_for_a_shift(here: World) -> None:
    for number in range(3):
        here.person(f"Nguyễn Văn A{number}", here.justice)
    exam_round = here.round(shifts=0)
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        end = MORNING + timedelta(hours=1)
        save_shift(row, name="Ca 1", starts_at=MORNING, ends_at=end, capacity=2)
        assert enrol(row).unseated == 1
        save_shift(row, name="Ca 2", starts_at=end, ends_at=end + timedelta(hours=1), capacity=2)
        assert assign_shifts(row) == 0


def test_no_enrolment_once_sealed(here: World) -> None:
    exam_round = here.round()
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        move(row, RoundState.SEALED)
        with pytest.raises(Conflict):
            enrol(row)


@pytest.fixture
def enrolled(here: World) -> tuple[World, ExamRound]:
    here.person("Nguyễn Thị Một", here.justice)
    here.person("Nguyễn Thị Hai", here.justice)
    exam_round = here.round(shifts=2)
    here.enrol(exam_round)
    return here, exam_round


def test_excusing_and_coming_back(enrolled: tuple[World, ExamRound]) -> None:
    here, exam_round = enrolled
    with here.build.app.app_context(), database.unit_of_work():
        candidate = people.get_candidate(_get(exam_round.id), "0001")
        with pytest.raises(Invalid):
            people.release(candidate, state=CandidateState.EXCUSED, reason="  ")
        people.release(candidate, state=CandidateState.EXCUSED, reason="Nghỉ thai sản (mẫu)")
        assert people.counts_of(exam_round.id).excused == 1
        people.restore(candidate)
        assert (candidate.state, candidate.reason) == (CandidateState.ENROLLED, "")
        with pytest.raises(Conflict):
            people.restore(candidate)
        db.session.flush()
        acts = set(db.session.scalars(select(AuditEvent.action)))
    assert {"candidate.released", "candidate.restored", "round.enrolled"} <= acts


def test_moving_to_another_shift(enrolled: tuple[World, ExamRound]) -> None:
    here, exam_round = enrolled
    strange = here.round(code="KT-KHAC")
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        candidate = people.get_candidate(row, "0001")
        other = next(shift for shift in row.shifts if shift.id != candidate.shift_id)
        people.move_candidate(candidate, other, now=MORNING - timedelta(days=1))
        assert candidate.shift_id == other.id
        back = next(shift for shift in row.shifts if shift.id != other.id)
        with pytest.raises(Invalid, match="kết thúc"):
            people.move_candidate(candidate, back, now=MORNING + timedelta(days=1))
        back.capacity = 1
        people.move_candidate(people.get_candidate(row, "0002"), back, now=MORNING - timedelta(days=1))
        with pytest.raises(Invalid, match="đã đủ 1 chỗ"):
            people.move_candidate(candidate, back, now=MORNING - timedelta(days=1))
        theirs = db.session.scalars(select(Shift).where(Shift.round_id == strange.id)).one()
        with pytest.raises(NotFound):
            people.move_candidate(candidate, theirs, now=MORNING - timedelta(days=1))


def test_extra_minutes_need_a_reason_and_come_before_the_start(enrolled: tuple[World, ExamRound]) -> None:
    here, exam_round = enrolled
    with here.build.app.app_context(), database.unit_of_work():
        row = _get(exam_round.id)
        candidate = people.get_candidate(row, "0001")
        early = MORNING - timedelta(days=1)
        with pytest.raises(Invalid):
            people.give_extra_minutes(candidate, minutes=15, reason="", now=early)
        with pytest.raises(Invalid):
            people.give_extra_minutes(candidate, minutes=121, reason="Quá nhiều", now=early)
        people.give_extra_minutes(candidate, minutes=15, reason="Khuyết tật (mẫu)", now=early)
        people.give_extra_minutes(candidate, minutes=0, reason="", now=early)
        assert (candidate.extra_minutes, candidate.extra_reason) == (0, "")
        row.state = RoundState.OPEN
        with pytest.raises(Conflict):
            people.give_extra_minutes(candidate, minutes=5, reason="Muộn", now=MORNING + timedelta(hours=5))


def test_the_list_is_searched_without_marks_and_sorted(enrolled: tuple[World, ExamRound]) -> None:
    here, exam_round = enrolled

    def names(**shown: str) -> list[str]:
        found = people.candidates_of(exam_round.id, people.Filter(**shown))
        return [c.full_name for c in db.session.scalars(found).unique()]

    with here.build.app.app_context():
        assert names() == ["Nguyễn Thị Hai", "Nguyễn Thị Một"]
        assert names(sort="-name") == ["Nguyễn Thị Một", "Nguyễn Thị Hai"]
        assert names(words="mot") == ["Nguyễn Thị Một"]
        assert names(words="van phong") == ["Nguyễn Thị Hai", "Nguyễn Thị Một"]
        assert names(words="cb") == names()
        assert names(words="khong ai") == []
        assert names(shift="none") == []
        assert names(state="excused") == []
        assert names(position=str(here.land.id)) == []
        assert len(names(sort="unit")) == len(names(sort="shift")) == len(names(sort="nonsense")) == 2
