"""The leader's view: figures against hand-computed data, who sees what, small groups, years, export."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core.db import db
from examapp.evaluation.models import QualityLevel
from examapp.home import counts
from examapp.home.overview import short_names
from examapp.organisation.models import UnitKind
from examapp.rounds.models import CandidateState, Purpose, RoundState
from tests.home import builders as make

GOOD, EXCELLENT, DONE = QualityLevel.GOOD, QualityLevel.EXCELLENT, QualityLevel.COMPLETED
OLD, END = date(2011, 1, 1), date(2025, 6, 30)


@pytest.fixture
def area(build):
    """A province, two communes of today, one with a department; two positions; a leader of the whole."""

    class Area:
        province = build.unit("Tỉnh Mẫu", kind=UnitKind.PROVINCE, valid_from=OLD)
        east = build.unit("Xã Đông", parent=province)
        west = build.unit("Xã Tây", parent=province)
        office = build.unit("Văn phòng Xã Đông", parent=east, kind=UnitKind.DEPARTMENT)
        law = build.position("tp", "Tư pháp (mẫu)")
        land = build.position("dd", "Đất đai (mẫu)")
        leader = build.account(None, Role.LEADER)

    return Area


def words(element):
    """What stands in it, with a blank between its pieces."""
    return " ".join(" ".join(element.itertext()).split())


def rows_of(page, caption):
    """The body of the table called ``caption``: the cells of its rows."""
    [table] = [table for table in page.all("table") if table.find("caption").text == caption]
    return [[words(cell) for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")][1:]


def kpis(page):
    return [words(element) for element in page.all("div") if "kpi" in (element.get("class") or "").split()]


def test_figures_of_a_year_computed_by_hand(build, reader, area):
    east, west = make.people(build, 6), make.people(build, 5, "Trần Thị Mẫu")
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.office, area.law, 40, 30, 20, 19, 25, None, people=east)
    make.sat(build, found, area.west, area.land, 10, 20, 30, 40, 37, people=west)
    late = build.official("Lê Văn Hoãn")
    make.candidate(build, found, late, area.land, area.west, state=CandidateState.EXCUSED)
    for official, level in zip([*east, *west], [EXCELLENT, GOOD, GOOD, DONE, GOOD, GOOD, GOOD, DONE], strict=False):
        make.evaluation(
            build, official, area.office if official in east else area.west, area.law, 2026, level, by=area.leader
        )

    page = reader(area.leader).open("/overview")
    assert page.heading == "Toàn cảnh năm 2026"
    assert "11 người dự thi · 1 kỳ thi đã công bố" in page.text
    came, average, passed, good = kpis(page)
    assert "90,9%" in came  # 10 of 11
    assert "10 trên 11 lượt, 1 lượt miễn hoặc hoãn" in came
    assert "67,8%" in average  # (100+75+50+47,5+62,5 + 25+50+75+100+92,5) / 10 = 67,75
    assert "trung bình của 10 bài" in average
    assert "80,0%" in passed
    assert "8 trên 10 bài" in passed
    assert "75,0%" in good
    assert "6 trên 8 người đã có quyết định" in good

    assert rows_of(page, "Theo đơn vị") == [
        ["Xã Đông", "83,3% 5 trên 6", "67,0%", "80,0% 4 trên 5", "83,3% 5 trên 6"],
        ["Xã Tây", "100,0% 5 trên 5", "68,5%", "80,0% 4 trên 5", "ít"],
    ]
    assert [row[:4] for row in rows_of(page, "Theo vị trí việc làm")] == [
        ["Đất đai (mẫu)", "100,0% 5 trên 5", "68,5%", "80,0% 4 trên 5"],
        ["Tư pháp (mẫu)", "83,3% 5 trên 6", "67,0%", "80,0% 4 trên 5"],
    ]


def test_the_change_from_last_year_is_in_percentage_points(build, reader, area):
    official = make.people(build, 8)
    before, now = make.exam_round(build, area.province, 2025), make.exam_round(build, area.province, 2026)
    make.sat(build, before, area.east, area.law, 20, 20, 10, 10, 10, 10, 10, 10, people=official)
    make.sat(build, now, area.east, area.law, 20, 20, 20, 10, 10, 10, 10, None, people=official)
    page = reader(area.leader).open("/overview")
    came, average, passed, good = kpis(page)
    assert "▼ −12,5 điểm phần trăm từ 2025; 7 trên 8 lượt" in came
    assert "▲ +4,5 điểm phần trăm" in average  # 250/7 − 250/8 = 4,46…
    assert "▲ +17,9 điểm phần trăm" in passed  # 3/7 − 2/8
    assert "–" in good
    assert "điểm phần trăm" not in good
    older = reader(area.leader).open("/overview?year=2025")
    assert older.heading == "Toàn cảnh năm 2025"
    assert not any("điểm phần trăm" in text for text in kpis(older))


def test_rehearsals_drafts_closed_rounds_and_replaced_results_do_not_count(build, reader, area):
    official = make.people(build, 5)
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.east, area.law, 40, 40, 40, 40, people=official)
    entered = make.candidate(build, found, official[4], area.law, area.east)
    make.result(build, entered, 0, is_current=False)
    make.result(build, entered, 40, version=2)
    for state, purpose in (
        (RoundState.PUBLISHED, Purpose.REHEARSAL),
        (RoundState.CLOSED, Purpose.OFFICIAL),
        (RoundState.OPEN, Purpose.OFFICIAL),
    ):
        other = make.exam_round(build, area.province, 2026, state=state, purpose=purpose)
        make.sat(build, other, area.east, area.law, 0, 0, 0, 0, 0, people=official)
    came, average, *_rest = kpis(reader(area.leader).open("/overview"))
    assert "5 trên 5 lượt" in came
    assert "100,0%" in average


def test_published_rounds_count_before_their_recognition(build, reader, area):
    found = make.exam_round(build, area.province, 2026, state=RoundState.PUBLISHED)
    make.sat(build, found, area.east, area.law, *[20] * 5, people=make.people(build, 5))
    page = reader(area.leader).open("/overview")
    assert "Đã công bố, chưa công nhận" in page.text
    assert "50,0%" in kpis(page)[1]


def test_groups_of_fewer_than_five_people_say_few(build, reader, area):
    found, again = make.exam_round(build, area.province, 2026), make.exam_round(build, area.province, 2026)
    for one in (found, again):  # eight exams, four people
        make.sat(build, one, area.west, area.land, *[40] * 4, people=make.people(build, 4, "Lê Thị"))
    few = make.exam_round(build, area.province, 2026)
    make.sat(build, few, area.east, area.law, *[30] * 5, people=make.people(build, 5))
    page = reader(area.leader).open("/overview")
    assert rows_of(page, "Theo đơn vị")[0][:4] == ["Xã Đông", "100,0% 5 trên 5", "75,0%", "100,0% 5 trên 5"]
    west = rows_of(page, "Theo đơn vị")[1]
    assert west[1] == "100,0% 8 trên 8", "eight different people"
    alone = make.exam_round(build, area.province, 2025)
    crowd = make.people(build, 4, "Võ Văn")
    make.sat(build, alone, area.west, area.land, *[40] * 4, people=crowd)
    second = make.exam_round(build, area.province, 2025)
    make.sat(build, second, area.west, area.land, *[40] * 4, people=crowd)
    page = reader(area.leader).open("/overview?year=2025")
    assert rows_of(page, "Theo đơn vị") == [["Xã Tây", "ít", "ít", "ít", "–"]]
    assert kpis(page)[0].startswith("Tham gia ít dưới 5 người")
    assert "8 trên 8" not in page.text


def test_figures_before_a_merger_stand_under_the_successor_with_the_old_name(build, reader, area):
    district = build.unit("Huyện Cũ", parent=area.province, kind=UnitKind.DISTRICT, valid_from=OLD, valid_to=END)
    one = build.unit("Xã Một cũ", parent=district, valid_from=OLD, valid_to=END)
    two = build.unit("Xã Hai cũ", parent=district, valid_from=OLD, valid_to=END)
    make.merged(build, one, area.east)
    make.merged(build, two, area.east)
    before = make.exam_round(build, district, 2025, code="KT-2025-CU")
    make.sat(build, before, one, area.law, *[40] * 3, people=make.people(build, 3))
    make.sat(build, before, two, area.law, *[20] * 3, people=make.people(build, 3, "Đỗ Văn"))
    make.sat(build, before, district, area.law, *[20] * 5, people=make.people(build, 5, "Bùi Văn"))
    page = reader(area.leader).open("/overview?year=2025")
    east, old = sorted(rows_of(page, "Theo đơn vị"), reverse=True)
    assert east[0] == "Xã Đông gồm kết quả của đơn vị cũ: Xã Hai cũ, Xã Một cũ"
    assert east[2] == "75,0%"
    assert old[0] == "Huyện Cũ đơn vị đến 30/06/2025"
    assert "được cộng vào đơn vị kế tục hôm nay" in page.text
    assert "01/07/2025: hai cấp" in page.text
    inside = reader(area.leader).open(f"/overview?year=2025&unit={area.east.id}")
    assert [row[0] for row in rows_of(inside, "Theo đơn vị")] == [
        "Xã Hai cũ đơn vị đến 30/06/2025",
        "Xã Một cũ đơn vị đến 30/06/2025",
    ]
    assert all(row[1] == "ít" for row in rows_of(inside, "Theo đơn vị"))


def test_results_stay_with_the_unit_of_their_day(build, reader, area):
    moved = make.people(build, 5)
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.west, area.land, *[40] * 5, people=moved)
    for official in moved:
        build.post(official, area.law, area.east, valid_from=date(2026, 12, 1))
    page = reader(area.leader).open("/overview")
    assert [row[0] for row in rows_of(page, "Theo đơn vị")] == ["Xã Tây"]
    assert [row[0] for row in rows_of(page, "Theo vị trí việc làm")] == ["Đất đai (mẫu)"]


def test_people_of_an_ended_position_are_counted_to_its_successor(build, reader, area):
    old = build.position("tp-cu", "Tư pháp - hộ tịch (cũ)", valid_from=OLD, valid_to=END, successor_id=area.law.id)
    found = make.exam_round(build, area.province, 2025)
    make.sat(build, found, area.east, old, *[40] * 5, people=make.people(build, 5))
    page = reader(area.leader).open("/overview")
    assert rows_of(page, "Theo vị trí việc làm")[0][0] == "Tư pháp (mẫu) gồm chức danh cũ: Tư pháp - hộ tịch (cũ)"


def test_only_the_newest_decided_evaluation_counts(build, reader, area):
    people = make.people(build, 5)
    for official in people:
        make.evaluation(build, official, area.east, area.law, 2026, DONE, by=area.leader)
        make.evaluation(build, official, area.east, area.law, 2026, GOOD, by=area.leader, version=2)
    make.evaluation(build, people[0], area.east, area.law, 2026, None, version=3)
    page = reader(area.leader).open("/overview?year=2026")
    assert "5 trên 5 người đã có quyết định" in kpis(page)[3]


def answered(build, area, result, topic, question, *, right, wrong, first=1):
    make.answers(build, result, question.current_id, right=right, wrong=wrong, first=first)


def test_weak_topics_by_position(build, reader, area):
    budget, land = build.topic("ns", "Ngân sách"), build.topic("dd", "Đất đai, xây dựng")
    town = build.topic("dt", "Đô thị")
    money, ground, street = (build.question(topic) for topic in (budget, land, town))
    found = make.exam_round(build, area.province, 2026)
    lawyers = make.sat(build, found, area.east, area.law, *[20] * 5, people=make.people(build, 5))
    clerks = make.sat(build, found, area.west, area.land, *[20] * 4, people=make.people(build, 4, "Lê Thị"))
    for one in lawyers:
        make.answers(build, one, money.current_id, right=1, wrong=3)
        make.answers(build, one, ground.current_id, right=3, wrong=1, first=10)
        make.answers(build, one, street.current_id, right=1, wrong=2, first=20)
    for one in clerks:
        make.answers(build, one, money.current_id, right=4, wrong=2)
    page = reader(area.leader).open("/overview")
    assert rows_of(page, "Tỷ lệ trả lời đúng theo chuyên đề và vị trí") == [
        ["Ngân sách", "48", "ít", "25"],  # 21 of 44; four people; 5 of 20
    ]
    assert rows_of(page, "Số câu trả lời đúng trên số lượt trả lời") == [
        ["Ngân sách", "21 trên 44", "ít", "5 trên 20"],
    ]
    assert rows_of(page, "Chuyên đề riêng của một vị trí, yếu nhất trước") == [
        ["Đất đai, xây dựng", "Tư pháp (mẫu)", "75,0% 15 trên 20"],
        ["Đô thị", "Tư pháp (mẫu)", "ít"],  # fifteen answers
    ]


def test_heads_of_columns_are_short_where_that_tells_them_apart():
    names = [(1, "Tư pháp (hộ tịch, chứng thực)"), (2, "Lao động, việc làm"), (3, "Văn hóa (A)"), (4, "Văn hóa (B)")]
    assert short_names(names) == [(1, "Tư pháp"), (2, "Lao động"), (3, "Văn hóa (A)"), (4, "Văn hóa (B)")]


def test_kept_topics_follow_every_new_result(build, reader, area):
    question = build.question(build.topic("ns", "Ngân sách"))
    found = make.exam_round(build, area.province, 2026)
    own = make.sat(build, found, area.east, area.law, *[20] * 5, people=make.people(build, 5))
    for one in own:
        make.answers(build, one, question.current_id, right=2, wrong=2)
    caption = "Chuyên đề riêng của một vị trí, yếu nhất trước"
    browser = reader(area.leader)
    assert rows_of(browser.open("/overview"), caption) == [["Ngân sách", "Tư pháp (mẫu)", "50,0% 10 trên 20"]]
    assert rows_of(browser.open("/overview"), caption) == [["Ngân sách", "Tư pháp (mẫu)", "50,0% 10 trên 20"]]
    [corrected] = make.sat(build, found, area.east, area.law, 40, people=make.people(build, 1, "Lê Thị"))
    make.answers(build, corrected, question.current_id, right=4, wrong=0)
    assert rows_of(browser.open("/overview"), caption) == [["Ngân sách", "Tư pháp (mẫu)", "58,3% 14 trên 24"]]
    local = reader(build.account(None, Role.LEADER, unit=area.west))
    assert "Ngân sách" not in local.open("/overview?year=2026").text


def test_the_trend_has_a_line_for_each_figure_and_its_table(build, reader, area):
    for year, points in ((2024, 20), (2025, 30), (2026, 40)):
        found = make.exam_round(build, area.province, year)
        official = make.people(build, 5)
        make.sat(build, found, area.east, area.law, *[points] * 5, people=official)
        for one in official[: 5 if year > 2024 else 3]:
            make.evaluation(build, one, area.east, area.law, year, GOOD, by=area.leader)
    page = reader(area.leader).open("/overview")
    caption = "Điểm trung bình, tỷ lệ đạt và xếp loại tốt trở lên qua các năm"
    table = rows_of(page, caption)
    assert [row[0] for row in table] == ["2024", "2025", "2026"]
    assert table[0][1:] == ["50,0", "100,0", "–"], "three evaluations are too few to show"
    assert table[2][1:] == ["100,0", "100,0", "100,0"]


def test_a_leader_of_one_commune_does_not_see_another(build, reader, area):
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.office, area.law, *[40] * 5, people=make.people(build, 5))
    make.sat(build, found, area.west, area.land, *[10] * 5, people=make.people(build, 5, "Trần Thị"))
    local = build.account(None, Role.LEADER, unit=area.east)
    browser = reader(local)
    page = browser.open("/overview")
    assert "100,0%" in kpis(page)[1]
    assert "5 trên 5 lượt" in kpis(page)[0]
    assert "Xã Tây" not in page.text
    assert "Đất đai (mẫu)" not in page.text
    assert "Xã Đông · 5 người dự thi" in page.text
    for unit in (area.west, area.province):
        browser.open(f"/overview?unit={unit.id}", status=404)
        browser.open(f"/overview/export?unit={unit.id}", status=404)
    browser.open("/overview?unit=999999", status=404)


def test_a_leader_sees_what_the_units_came_from(build, reader, area):
    old = build.unit("Xã Một cũ", valid_from=OLD, valid_to=END)
    make.merged(build, old, area.east)
    found = make.exam_round(build, area.province, 2025)
    make.sat(build, found, old, area.law, *[40] * 5, people=make.people(build, 5))
    east, west = (build.account(None, Role.LEADER, unit=unit) for unit in (area.east, area.west))
    assert "5 người dự thi" in reader(east).open("/overview?year=2025").text
    assert "Chưa có số liệu" in reader(west).open("/overview?year=2025").text


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.LEADER, Role.INSPECTOR}])
def test_other_roles_find_no_overview(build, reader, role):
    browser = reader(build.account(None, role))
    browser.open("/overview", status=404)
    browser.open("/overview/export", status=404)


def test_an_empty_house_says_what_to_wait_for(build, reader):
    page = reader(build.account(None, Role.INSPECTOR)).open("/overview?year=1999&unit=")
    assert "Chưa có số liệu" in page.text


def test_the_unit_chosen_leads_into_the_commune_and_back(build, reader, area):
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.office, area.law, *[40] * 5, people=make.people(build, 5))
    make.sat(build, found, area.east, area.land, *[20] * 5, people=make.people(build, 5, "Lê Thị"))
    browser = reader(area.leader)
    browser.open("/overview")
    page = browser.open(browser.page.link("Xã Đông"))
    assert [row[0] for row in rows_of(page, "Theo đơn vị")] == [
        "Văn phòng Xã Đông",
        "Xã Đông những người thuộc thẳng đơn vị này",
    ]
    assert page.link("‹ Tỉnh Mẫu").endswith(f"/overview?year=2026&unit={area.province.id}")


def test_as_many_statements_for_many_units_as_for_one(build, reader, area, count_statements):
    topic = build.topic()
    question = build.question(topic)

    def fill(units, positions):
        found = make.exam_round(build, area.province, 2026)
        for unit in units:
            for position in positions:
                for one in make.sat(build, found, unit, position, 40, 20, people=make.people(build, 2)):
                    make.answers(build, one, question.current_id, right=1, wrong=1)

    fill([area.east], [area.law])
    browser = reader(area.leader)
    browser.open("/overview")
    counts.forget_topics()
    with count_statements() as few:
        browser.open("/overview")
    fill([build.unit(f"Xã {index}", parent=area.province) for index in range(8)], [area.law, area.land])
    counts.forget_topics()
    with count_statements() as many:
        browser.open("/overview")
    assert len(many) == len(few), [text for text in many if text not in few]
    assert len(many) < 40


def test_the_export_holds_the_tables_and_is_logged(app, build, reader, area):
    people = make.people(build, 6)
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.east, area.law, 40, 30, 20, 19, 25, None, people=people)
    few = make.sat(build, found, area.west, area.land, 40, people=make.people(build, 1, "Lê Thị"))
    question = build.question(build.topic("ns", "Ngân sách"))
    make.answers(build, few[0], question.current_id, right=1, wrong=0)
    answer = reader(area.leader).download("/overview/export?year=2026")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Theo năm", "Theo đơn vị", "Theo vị trí", "Chuyên đề và vị trí"]
    lines = [list(row) for row in book["Theo đơn vị"].iter_rows(values_only=True)]
    east = next(line for line in lines if line[0] == "Xã Đông")
    assert east[1:7] == [6, 5, pytest.approx(5 / 6, abs=1e-6), 0.67, 4, 0.8]
    west = next(line for line in lines if line[0] == "Xã Tây")
    assert west[1:7] == [1, None, None, None, None, None]
    assert west[-1] == "ít: dưới 5 người"
    topics = [list(row) for row in book["Chuyên đề và vị trí"].iter_rows(values_only=True)]
    assert ["Ngân sách", "Mọi vị trí", 1, None, None, "ít"] in topics
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "overview.exported")).one()
        assert event.actor_id == area.leader.id


def test_in_english(build, reader, area):
    found = make.exam_round(build, area.province, 2026)
    make.sat(build, found, area.east, area.law, *[20] * 5, people=make.people(build, 5))
    page = reader(area.leader, language="en").open("/overview")
    assert page.heading == "Overview of 2026"
