"""Pages of results for staff: whose they are, what they say, what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.organisation.models import Official
from examapp.rounds.models import ExamRound, RoundState
from tests.builders import Builder
from tests.reader import Reader
from tests.results.builders import Scene, scene

Open = Callable[..., Reader]
ROUND = "/results/KT-2026-Q4"


@pytest.fixture
def stage(build: Builder) -> Scene:
    return scene(build)


def staff(stage: Scene, *roles: Role, unit: object = None) -> Account:
    return stage.build.account(None, *roles, unit=unit or stage.province)  # type: ignore[arg-type]


def actions(stage: Scene) -> list[str]:
    with stage.build.app.app_context():
        return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


@contextmanager
def counted(stage: Scene) -> Iterator[list[str]]:
    seen: list[str] = []
    with stage.build.app.app_context():
        engine = db.engine

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_way_from_closed_to_recognised(stage: Scene, reader: Open) -> None:
    stage.candidate("Lê Thị Một", right=4)
    stage.candidate("Lê Văn Hai", right=1)
    organiser = reader(stage.organiser())
    home = organiser.open("/results/")
    assert "Kỳ thi kỹ năng Quý IV (mẫu)" in home.text

    page = organiser.open(ROUND)
    assert "Tính kết quả" in page.texts("button")
    page = organiser.submit("compute")
    assert page.heading == "Tính kết quả Kỳ thi kỹ năng Quý IV (mẫu)"
    with stage.build.app.app_context():
        run_waiting()
    page = organiser.open(page.url)
    page = organiser.open(page.link("Xem kết quả"))
    assert page.texts("main//td[@class='lead-cell']/a") == ["Lê Văn Hai", "Lê Thị Một"]

    organiser.open(page.link("Công bố"))
    assert "2 người có kết quả." in organiser.page.text
    page = organiser.submit("Công bố")
    assert stage.build.get(ExamRound, stage.round.id).state is RoundState.PUBLISHED
    assert "Đã công bố kết quả" in page.text

    organiser.open(page.link("Nhập quyết định công nhận"))
    page = organiser.submit("Ghi quyết định", number="", date="31/02/2026", status=422)
    assert "Không có ngày 31/02/2026" in page.text
    page = organiser.submit("Ghi quyết định", number="125/QĐ-UBND", date="01/01/2030", status=422)
    assert "không được sau hôm nay" in page.text
    page = organiser.submit("Ghi quyết định", number="125/QĐ-UBND", date=_today())
    assert "125/QĐ-UBND" in page.text
    assert stage.build.get(ExamRound, stage.round.id).state is RoundState.RECOGNISED
    assert actions(stage) == ["results.computed", "results.published", "results.recognised"]


def _today() -> str:
    from examapp.core import clock
    from examapp.core.text import format_date

    return format_date(clock.today())


def test_publishing_too_early_says_how_many_and_who(stage: Scene, reader: Open) -> None:
    stage.candidate("Ngô Văn Trễ", right=1)
    organiser = reader(stage.organiser())
    for page in (organiser.open(f"{ROUND}/publish", status=409), organiser.post(f"{ROUND}/publish", status=409)):
        assert "1 bài chưa chốt: 0001 – Ngô Văn Trễ" in page.text
        assert "Việc này sẽ thay đổi" not in page.text, "nobody is asked to confirm what is refused"
    assert stage.build.get(ExamRound, stage.round.id).state is RoundState.CLOSED


def test_nobody_publishes_a_round_they_sat(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    account = stage.build.account(stage.build.get(Official, candidate.official_id), Role.ORGANISER, unit=stage.province)
    page = reader(account).post(f"{ROUND}/publish", status=403)
    assert "có tên trong danh sách dự thi" in page.text


def test_computing_again_after_publication_asks_why(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.publish()
    stage.change_answers(candidate, {1: [1], 2: [1], 3: [1]})
    organiser = reader(stage.organiser())
    page = organiser.open(f"{ROUND}/compute")
    organiser.submit("Tính lại", status=422)
    organiser.submit("Tính lại", reason="Chấp nhận câu trả lời gửi muộn")
    with stage.build.app.app_context():
        run_waiting()
    page = organiser.open(f"{ROUND}/{stage.result(candidate).ref}")
    assert "Chấp nhận câu trả lời gửi muộn" in page.text
    assert page.texts("h2")[:2] == ["Điểm theo phần thi", "Các phiên bản"]
    old = organiser.open(page.link("Phiên bản 1"))
    assert "phiên bản cũ" in old.text


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (Role.ORGANISER, 200, 200),
        (Role.EVALUATOR, 404, 200),
        (Role.LEADER, 404, 200),
        (Role.INSPECTOR, 404, 200),
        (Role.EXAMINER, 404, 404),
        (Role.FOCAL_PERSON, 404, 404),
    ],
)
def test_unpublished_results_are_for_those_who_publish(
    stage: Scene, reader: Open, role: Role, before: int, after: int
) -> None:
    stage.candidate(right=1)
    person = reader(staff(stage, role))
    stage.compute()
    person.open(ROUND, status=before)
    stage.publish()
    for page in ("", "/units", "/positions", "/topics", "/questions", f"/{stage.results()[0].ref}"):
        person.open(ROUND + page, status=after)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.LEADER, Role.INSPECTOR])
@pytest.mark.parametrize("act", ["compute", "publish", "recognise"])
def test_acts_are_for_those_who_publish(stage: Scene, reader: Open, role: Role, act: str) -> None:
    stage.candidate(right=1)
    stage.publish()
    reader(staff(stage, role)).post(f"{ROUND}/{act}", status=404)


def test_an_organiser_of_a_part_may_not_act_for_the_whole(stage: Scene, reader: Open) -> None:
    stage.candidate(right=1)
    stage.publish()
    part = reader(stage.organiser(stage.north))
    part.open(ROUND)
    assert not part.page.all("form[@class='act']")
    part.post(f"{ROUND}/recognise", status=404)


def test_everyone_sees_the_people_of_own_units_only(stage: Scene, reader: Open) -> None:
    here, there = stage.candidate("Lê Văn Bắc", right=1), stage.candidate("Lê Văn Nam", right=4, unit=stage.south)
    stage.publish()
    evaluator = reader(staff(stage, Role.EVALUATOR, unit=stage.north))
    page = evaluator.open(ROUND)
    assert page.texts("main//td[@class='lead-cell']/a") == ["Lê Văn Bắc"]
    assert "1 trên 1 người" in page.text
    evaluator.open(f"{ROUND}/{stage.result(there).ref}", status=404)
    mine = evaluator.open(f"{ROUND}/{stage.result(here).ref}")
    assert "Nội dung câu hỏi mẫu" not in mine.text
    assert mine.texts("main//td[@class='lead-cell']/span")[-1] == "Câu 4"
    assert "Không có quyền xem câu hỏi" in evaluator.open(f"{ROUND}/questions").text
    assert "Xã Nam" not in evaluator.open(f"{ROUND}/units").text


def test_a_round_without_own_people_is_not_there(stage: Scene, reader: Open, build: Builder) -> None:
    stage.candidate(right=1)
    stage.publish()
    stranger = reader(staff(stage, Role.EVALUATOR, unit=build.unit("Xã khác (mẫu)")))
    stranger.open(ROUND, status=404)
    assert "Chưa có kết quả nào" in stranger.open("/results/").text


def test_the_list_is_found_filtered_and_sorted(stage: Scene, reader: Open) -> None:
    stage.candidate("Đặng Thị Đào", right=4)
    stage.candidate("Lê Văn An", right=1)
    stage.candidate("Lê Văn Ân", right=3, posts=[(stage.land, stage.south)])
    stage.candidate("Trần Văn Vắng")
    stage.compute()
    organiser = reader(stage.organiser())

    def names(query: str) -> list[str]:
        page = organiser.open(f"{ROUND}?{query}")
        return page.texts("main//td[@class='lead-cell']/a") + page.texts("main//td[@class='lead-cell']/span")

    assert names("") == ["Lê Văn An", "Lê Văn Ân", "Đặng Thị Đào", "Trần Văn Vắng"]
    assert names("q=dao") == ["Đặng Thị Đào"]
    assert names("q=0002") == ["Lê Văn An"]
    assert names("sort=-percent") == ["Đặng Thị Đào", "Lê Văn Ân", "Lê Văn An", "Trần Văn Vắng"]
    assert names("sort=percent") == ["Lê Văn An", "Lê Văn Ân", "Đặng Thị Đào", "Trần Văn Vắng"]
    assert names("standing=passed") == ["Lê Văn Ân", "Đặng Thị Đào"]
    assert names("standing=failed") == ["Lê Văn An"]
    assert names("standing=absent") == ["Trần Văn Vắng"]
    assert names(f"unit={stage.south.id}") == ["Lê Văn Ân"]
    assert names(f"position={stage.land.id}&q=an") == ["Lê Văn Ân"]
    assert names("standing=nonsense&sort=nonsense&unit=x&page=999")[0] == "Lê Văn An"
    assert names("q=khong+co") == []
    assert "Không có ai khớp bộ lọc" in organiser.page.text


def test_the_address_of_a_page_cannot_break_the_pager(stage: Scene, reader: Open) -> None:
    for number in range(55):
        stage.candidate(f"Phan Văn {number}")
    organiser = reader(stage.organiser())
    page = organiser.open(f"{ROUND}?endpoint=x&_external=1&code=y&q=phan")
    following = organiser.open(page.link("Tiếp"))
    assert len(following.texts("main//td[@class='lead-cell']/span")) == 5


def test_the_list_costs_the_same_for_many_people(stage: Scene, reader: Open) -> None:
    def cost() -> int:
        with counted(stage) as seen:
            organiser.open(ROUND)
        return len(seen)

    stage.candidate("Một Người", right=1)
    stage.compute()
    organiser = reader(stage.organiser())
    first = cost()
    for number in range(12):
        stage.candidate(f"Thêm Người {number}", right=number % 4)
    stage.compute()
    assert cost() == first


def test_figures_by_unit_position_topic_and_question(stage: Scene, reader: Open) -> None:
    for number in range(6):
        stage.candidate(f"Cao Văn {number}", right=4 if number else 1)
    stage.candidate("Cao Thị Đất", right=2, posts=[(stage.land, stage.south)])
    stage.publish()
    organiser = reader(stage.organiser())
    rows = table(organiser.open(f"{ROUND}/units"))
    assert rows[0] == ["Xã Bắc (mẫu)", "6 trên 6", "87,5%", "83,3%"]
    assert rows[1] == ["Xã Nam (mẫu)", "1 trên 1", "ít", "ít"]
    rows = table(organiser.open(f"{ROUND}/positions"))
    assert rows[0] == ["Đất đai", "1 trên 1", "ít", "ít", "ít"]
    assert rows[1] == ["Tư pháp", "6 trên 6", "87,5%", "83,3%", "83,3%"]
    rows = table(organiser.open(f"{ROUND}/topics"))
    assert rows[0] == ["Chuyên đề đất đai", "2", "1", "0,0%", "0,0%"]
    assert [row[0] for row in rows[1:]] == ["Chuyên đề tư pháp", "Chuyên đề chung"]
    page = organiser.open(f"{ROUND}/questions")
    assert len(page.all("main//tbody/tr")) == 6
    assert "Đáp án: A. Đúng A của câu 1" in page.text


def table(page: object) -> list[list[str]]:
    from tests.reader import Page, text_of

    assert isinstance(page, Page)
    rows = page.root.findall(".//main//div[@class='sheet list']//tbody/tr")
    return [[text_of(cell) for cell in row.findall("td")] for row in rows]


def test_small_groups_have_figures_only_before_publication(stage: Scene, reader: Open) -> None:
    stage.candidate(right=3)
    stage.compute()
    organiser = reader(stage.organiser())
    assert table(organiser.open(f"{ROUND}/units"))[0][2] == "75,0%"
    stage.publish()
    assert table(organiser.open(f"{ROUND}/units"))[0][2] == "ít"


def test_keys_wait_for_publication(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    organiser = reader(stage.organiser())
    shut = [organiser.open(f"{ROUND}/questions"), organiser.open(f"{ROUND}/{stage.result(candidate).ref}")]
    for page in shut:
        assert "Đáp án hiện sau khi công bố" in page.text
        assert "Đáp án:" not in page.text
        assert "Đáp án đúng" not in page.text
        assert "Giải thích" not in page.text
    stage.publish()
    page = organiser.open(f"{ROUND}/{stage.result(candidate).ref}")
    assert page.text.count("Đáp án đúng") == 4
    assert "Điều 5, 118/2025/NĐ-CP" in page.text


def test_an_unknown_round_result_and_file_are_not_there(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.publish()
    organiser = reader(stage.organiser())
    for url in ("/results/KHONG-CO", f"{ROUND}/{'0' * 26}", f"{ROUND}/export/docx", "/results/x/export/csv"):
        organiser.open(url, status=404)
    other = scene_two(stage)
    organiser.open(f"/results/{other.code}/{stage.result(candidate).ref}", status=404)


def scene_two(stage: Scene) -> ExamRound:
    names = [column.key for column in ExamRound.__table__.columns if column.key not in {"id", "code", "seed"}]
    values = {name: getattr(stage.build.get(ExamRound, stage.round.id), name) for name in names}
    other: ExamRound = stage.build.save(ExamRound(code="KHAC", **values))
    return other


def test_the_index_lists_by_year_and_costs_the_same(stage: Scene, reader: Open) -> None:
    stage.candidate(right=1)
    stage.publish()
    organiser = reader(stage.organiser())
    with counted(stage) as seen:
        organiser.open("/results/")
    first = len(seen)
    scene_two(stage)
    with counted(stage) as seen:
        page = organiser.open("/results/")
    assert len(seen) == first
    assert len(page.all("main//tbody/tr")) == 2
    assert len(organiser.open(f"/results/?year={stage.round.year}").all("main//tbody/tr")) == 2
    organiser.open("/results/?year=1999&page=7")


def test_home_tasks_follow_the_way(stage: Scene) -> None:
    from flask_login import login_user

    from examapp.results.progress import tasks

    stage.candidate(right=1)
    account = stage.organiser()

    def labels() -> list[str]:
        with stage.build.app.test_request_context("/"):
            login_user(db.session.get_one(Account, account.id))
            found = [task.label for task in tasks()]
            db.session.rollback()
        return found

    assert labels() == ["Tính kết quả"]
    stage.compute()
    assert labels() == ["Công bố kết quả"]
    stage.publish()
    assert labels() == ["Nhập quyết định công nhận kết quả"]
    stage.set_round(state=RoundState.RECOGNISED, decision_number="1/QĐ", decision_date=stage.round.posts_on)
    assert labels() == []


def test_pages_in_english_have_no_vietnamese_of_ours(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.publish()
    english = reader(stage.organiser(), language="en")
    assert english.open("/results/").heading == "Results"
    for page in ("", "/units", "/positions", "/topics", "/questions", f"/{stage.result(candidate).ref}"):
        text = english.open(ROUND + page).text
        for word in ("Điểm", "Đạt", "Tỷ lệ", "Vị trí", "Câu ", "Đáp án"):
            assert word not in text, (page, word)
