"""A person's record: what it shows to the person, to staff in reach, and to nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from examapp.accounts.models import Role
from examapp.evaluation.models import QualityLevel
from examapp.rounds.models import CandidateState, Purpose, RoundState
from tests.home import builders as make


@pytest.fixture
def person(build):
    """An official who moved from Xã Tây to Xã Đông on 01/03/2026, with an account."""

    class Person:
        east, west = build.unit("Xã Đông"), build.unit("Xã Tây")
        law, land = build.position("tp", "Tư pháp (mẫu)"), build.position("dd", "Đất đai (mẫu)")
        official = build.official("Hoàng Văn Mẫu", phone="0912345678", identity_number="012345678901")
        account = build.account(official)
        old = build.post(official, land, west, valid_from=date(2025, 7, 1), valid_to=date(2026, 2, 28))
        new = build.post(official, law, east, valid_from=date(2026, 3, 1), decision="12/QĐ-MAU")

    return Person


def sit(build, person, year, unit, points=30, **columns):
    found = make.exam_round(build, unit, year, **columns)
    return make.sat(build, found, unit, person.law, points, people=[person.official])[0]


def test_posts_exams_and_evaluations_with_their_sources(build, reader, person):
    found = sit(build, person, 2026, person.east, name="Kỳ thi quý I (mẫu)", decision_number="5/QĐ-MAU")
    boss = build.account(None, Role.EVALUATOR)
    make.evaluation(
        build, person.official, person.east, person.law, 2026, QualityLevel.GOOD, by=boss, evidence=(found,)
    )
    page = reader(person.account).open("/record")
    text = page.text
    assert page.heading == "Hồ sơ của tôi"
    assert "Hoàng Văn Mẫu · Tư pháp (mẫu)" in text
    assert "75,00%" in text
    assert "30 trên 40" in text
    assert "Số 5/QĐ-MAU ngày 01/12/2026" in text
    assert "Hoàn thành tốt nhiệm vụ" in text
    assert "Số 2026/QĐ-XL-MAU ngày 20/12/2026" in text
    assert "Kết quả thi đã xét: 1" in text
    own = f"/results/mine/{found.ref}"
    assert [a.get("href") for a in page.all("main//td//a")] == [own, own]
    assert "từ 01/07/2025 đến 28/02/2026" in text
    assert "từ 01/03/2026 đến nay" in text


def test_numbers_are_masked(reader, person):
    text = reader(person.account).open("/record").text
    assert "0912345678" not in text
    assert "012345678901" not in text
    assert "•••••••678" in text
    assert "•••••••••901" in text


def test_exams_stand_by_year_the_latest_first(build, reader, person):
    for year in (2024, 2026, 2025):
        sit(build, person, year, person.west)
    page = reader(person.account).open("/record")
    assert page.texts("main//h3") == ["Năm 2026", "Năm 2025", "Năm 2024"]


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.OPEN, RoundState.SEALED])
def test_nothing_before_it_is_published(build, reader, person, state):
    sit(build, person, 2026, person.east, state=state)
    text = reader(person.account).open("/record").text
    assert "Chưa có kết quả thi nào" in text
    assert "75,00%" not in text


def test_rehearsals_do_not_enter_the_record(build, reader, person):
    sit(build, person, 2026, person.east, state=RoundState.PUBLISHED, purpose=Purpose.REHEARSAL)
    assert "Chưa có kết quả thi nào" in reader(person.account).open("/record").text


def test_a_published_round_waits_for_its_decision(build, reader, person):
    sit(build, person, 2026, person.east, state=RoundState.PUBLISHED)
    assert "Đã công bố, chưa công nhận" in reader(person.account).open("/record").text


def test_absence_and_excuse_are_told(build, reader, person):
    absent, excused = make.exam_round(build, person.east, 2026), make.exam_round(build, person.east, 2025)
    make.candidate(build, absent, person.official, person.law, person.east)
    make.candidate(build, excused, person.official, person.law, person.east, state=CandidateState.EXCUSED)
    page = reader(person.account).open("/record")
    assert "Vắng" in page.text
    assert "Được miễn hoặc hoãn" in page.text


def test_open_evaluations_are_not_shown_and_replaced_ones_are_marked(build, reader, person):
    boss = build.account(None, Role.EVALUATOR)
    place = (person.official, person.east, person.law)
    make.evaluation(build, *place, 2026, None)
    make.evaluation(build, *place, 2025, QualityLevel.COMPLETED, by=boss)
    make.evaluation(build, *place, 2025, QualityLevel.EXCELLENT, by=boss, version=2)
    text = reader(person.account).open("/record").text
    assert text.index("Hoàn thành xuất sắc nhiệm vụ") < text.index("Đã có bản thay thế")
    assert "Năm 2026" not in text


def test_the_record_of_nobody(build, reader):
    reader(build.account(None, Role.LEADER)).open("/record", status=404)


def test_staff_in_reach_open_the_record_and_what_it_came_from(build, reader, person):
    found = sit(build, person, 2026, person.east, code="KT-2026-Q1")
    boss = build.account(None, Role.EVALUATOR, unit=person.east)
    judged = make.evaluation(
        build, person.official, person.east, person.law, 2026, QualityLevel.GOOD, by=boss, evidence=(found,)
    )
    browser = reader(boss)
    page = browser.open(f"/record/{person.official.id}")
    assert page.heading == "Hoàng Văn Mẫu"
    links = [a.get("href") for a in page.all("main//td//a")]
    result = f"/results/KT-2026-Q1/{found.ref}"
    assert links == [result, f"/evaluation/person/{judged.id}", result]
    assert "0912345678" not in page.text


def test_staff_see_results_and_evaluations_of_their_units_only(build, reader, person):
    sit(build, person, 2026, person.east, name="Kỳ thi ở Xã Đông")
    sit(build, person, 2025, person.west, name="Kỳ thi ở Xã Tây")
    boss = build.account(None, Role.EVALUATOR)
    make.evaluation(build, person.official, person.west, person.land, 2025, QualityLevel.GOOD, by=boss)
    leader = build.account(None, Role.LEADER, unit=person.east)
    text = reader(leader).open(f"/record/{person.official.id}").text
    assert "Kỳ thi ở Xã Đông" in text
    assert "Kỳ thi ở Xã Tây" not in text
    assert "Chưa có xếp loại nào được quyết định" in text
    former = build.account(None, Role.LEADER, unit=person.west)
    text = reader(former).open(f"/record/{person.official.id}").text
    assert "Kỳ thi ở Xã Tây" in text
    assert "Kỳ thi ở Xã Đông" not in text
    assert "Hoàn thành tốt nhiệm vụ" in text


def test_an_organiser_sees_results_but_no_evaluations(build, reader, person):
    sit(build, person, 2026, person.east)
    boss = build.account(None, Role.EVALUATOR)
    make.evaluation(build, person.official, person.east, person.law, 2026, QualityLevel.GOOD, by=boss)
    organiser = build.account(None, Role.ORGANISER, unit=person.east)
    page = reader(organiser).open(f"/record/{person.official.id}")
    assert "75,00%" in page.text
    assert "Đánh giá, xếp loại hằng năm" not in page.texts("main//h2")
    assert "Hoàn thành tốt nhiệm vụ" not in page.text


def test_out_of_reach_is_not_there(build, reader, person):
    stranger = build.account(None, Role.LEADER, unit=build.unit("Xã Nam"))
    reader(stranger).open(f"/record/{person.official.id}", status=404)
    reader(build.account(None, Role.LEADER)).open("/record/999999", status=404)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ORGANISER, 200),
        (Role.EVALUATOR, 200),
        (Role.LEADER, 200),
        (Role.INSPECTOR, 200),
        (Role.EXAMINER, 404),
        (Role.REVIEWER, 404),
        (Role.INVIGILATOR, 404),
        (Role.FOCAL_PERSON, 404),
        (Role.ADMINISTRATOR, 404),
    ],
)
def test_who_opens_records_of_others(build, reader, person, role, status):
    browser = reader(build.account(None, role))
    browser.open(f"/record/{person.official.id}", status=status)
    browser.open("/records", status=status)


def test_an_official_opens_nobody_elses_record(build, reader, person):
    other = build.account(build.official("Vũ Thị Mẫu"))
    reader(other).open(f"/record/{person.official.id}", status=404)


def test_the_list_of_people_is_scoped_and_searched_without_marks(build, reader, person):
    hidden = build.official("Hoàng Thị Ẩn")
    build.post(hidden, person.law, build.unit("Xã Nam"))
    near = build.official("Đặng Thị Gần")
    build.post(near, person.law, person.east)
    browser = reader(build.account(None, Role.LEADER, unit=person.east))
    page = browser.open("/records")
    assert page.texts("tbody//td/a") == ["Đặng Thị Gần", "Hoàng Văn Mẫu"]
    page = browser.open("/records?q=dang thi")
    assert page.texts("tbody//td/a") == ["Đặng Thị Gần"]
    assert page.link("Đặng Thị Gần").endswith(f"/record/{near.id}")
    assert "Không tìm thấy ai" in browser.open("/records?q=khong co").text
    assert page.texts("tbody//td/a") == browser.open(f"/records?q={near.staff_code.lower()}").texts("tbody//td/a")


def test_a_record_of_many_years_costs_as_many_statements_as_one_of_few(build, reader, person, count_statements):
    boss = build.account(None, Role.EVALUATOR)

    def year(number):
        found = sit(build, person, number, person.east)
        place = (person.official, person.east, person.law)
        make.evaluation(build, *place, number, QualityLevel.GOOD, by=boss, evidence=(found,))

    year(2025)
    browser = reader(person.account)
    browser.open("/record")
    with count_statements() as few:
        browser.open("/record")
    for number in range(2019, 2025):
        year(number)
    with count_statements() as many:
        browser.open("/record")
    assert len(many) == len(few)
