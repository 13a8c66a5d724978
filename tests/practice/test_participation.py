"""The organiser sees how many take part: no names, no marks, nothing of small groups, nothing beyond the grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from examapp.accounts.models import Role
from examapp.core import clock
from examapp.organisation.models import UnitKind
from examapp.practice.models import MockExam, PracticeAnswer
from tests.practice.builders import practice_question, room


def practised(build, official, question, *, days: int, answers: int = 1) -> None:
    for number in range(answers):
        build.save(
            PracticeAnswer(
                official_id=official.id, question_id=question.id, number=days * 100 + number + 1,
                version_id=question.current_id, arrangement="[]", response="[]", share=1000, seconds=5,
                answered_at=clock.now() - timedelta(days=days),
            )
        )  # fmt: skip


@pytest.fixture
def area(build):
    """Eight people in a department of a commune, three in another commune; who of them practised when."""
    at = room(build)
    question = practice_question(build, at)
    office = build.unit("Văn phòng (mẫu)", parent=at.unit, kind=UnitKind.DEPARTMENT)
    other = build.unit("Xã Bên (mẫu)")
    people = [build.official(f"Nguyễn Văn Mẫu {n}") for n in range(10)]
    for n, official in enumerate(people):
        build.post(official, at.justice if n < 7 else at.land, office if n < 7 else other)
    for official in people[:5]:
        practised(build, official, question, days=2, answers=3)
    practised(build, people[5], question, days=20)
    practised(build, people[6], question, days=40)
    practised(build, people[8], question, days=1, answers=9)
    return at, other


def rows(page) -> dict[str, list[str]]:
    found = {}
    for row in page.all("tr"):
        cells = [" ".join("".join(cell.itertext()).split()) for cell in row.iter() if cell.tag in {"td", "th"}]
        found[cells[0]] = cells[1:]
    return found


def test_numbers_by_unit_and_position(build, reader, area):
    table = rows(reader(build.account(None, Role.ORGANISER)).open("/practice/participation"))
    assert table["Xã Mẫu"] == ["8", "5", "6", "16"]
    assert table["Tư pháp (mẫu)"] == ["8", "5", "6", "16"]
    assert table["Xã Bên (mẫu)"] == ["3", "ít", "ít", "ít"], "three people are too few"
    assert table["Đất đai (mẫu)"] == ["3", "ít", "ít", "ít"]


def test_a_mock_exam_is_taking_part(build, reader, area):
    at, _other = area
    now = clock.now()
    build.save(
        MockExam(
            official_id=at.official.id, layout=b"{}", started_at=now - timedelta(minutes=30), deadline_at=now,
            submitted_at=now, awarded=100, possible=1000,
        )
    )  # fmt: skip
    page = reader(build.account(None, Role.ORGANISER)).open("/practice/participation")
    assert rows(page)["Xã Mẫu"] == ["8", "6", "7", "16"]


def test_few_who_practised_hide_their_answers(build, reader):
    at = room(build)
    question = practice_question(build, at)
    for n in range(5):
        build.post(build.official(f"Trần Thị Mẫu {n}"), at.justice, at.unit)
    practised(build, at.official, question, days=1, answers=7)
    table = rows(reader(build.account(None, Role.ORGANISER)).open("/practice/participation"))
    assert table["Xã Mẫu"] == ["6", "1", "1", "ít"]


def test_only_within_the_grant_and_never_names_or_marks(build, reader, area):
    _at, other = area
    page = reader(build.account(None, Role.ORGANISER, unit=other)).open("/practice/participation")
    assert "Xã Mẫu" not in page.text
    page = reader(build.account(None, Role.ORGANISER)).open("/practice/participation")
    assert "Nguyễn Văn" not in page.text
    assert "%" not in page.text


def test_who_holds_no_post_in_reach_gets_told(build, reader):
    empty = build.unit("Xã Trống (mẫu)")
    page = reader(build.account(None, Role.ORGANISER, unit=empty)).open("/practice/participation")
    assert "Chưa có ai giữ vị trí" in page.text


def test_others_find_no_such_page(build, reader, area):
    at, _other = area
    reader(at.account).open("/practice/participation", status=404)
    reader(build.account(None, Role.EXAMINER, Role.LEADER)).open("/practice/participation", status=404)
    reader(build.account(None, Role.ORGANISER)).open("/practice/", status=404)
