"""Files of results, read back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.core.models import File, Job, JobState
from examapp.results import exports, figures
from examapp.rounds.models import CandidateState
from tests.builders import Builder
from tests.reader import Reader
from tests.results.builders import Scene, scene

Open = Callable[..., Reader]
EXPORT = "/results/KT-2026-Q4/export"


@pytest.fixture
def stage(build: Builder) -> Scene:
    stage = scene(build)
    stage.candidate("Lê Thị Một", right=5, posts=[(stage.justice, stage.north), (stage.land, stage.south)])
    stage.candidate("=HYPERLINK(1)", right=1, unit=stage.south)
    stage.candidate("Lê Văn Vắng")
    stage.candidate("Lê Văn Miễn", state=CandidateState.EXCUSED, reason="Nghỉ ốm")
    stage.publish()
    return stage


def sheets(data: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def below(rows: list[list[object]], head: str = "TT") -> list[list[object]]:
    start = next(index for index, row in enumerate(rows) if row[0] == head)
    return rows[start + 1 :]


def exported(stage: Scene) -> list[dict[str, object]]:
    with stage.build.app.app_context():
        written = select(AuditEvent.details).where(AuditEvent.action == "results.exported").order_by(AuditEvent.id)
        return [json.loads(details) for details in db.session.scalars(written)]


def test_the_workbook_has_five_sheets_and_every_person(stage: Scene, reader: Open) -> None:
    response = reader(stage.organiser()).download(f"{EXPORT}/xlsx")
    book = sheets(response.data)
    assert list(book) == ["Kết quả", "Theo đơn vị", "Theo vị trí", "Theo chuyên đề", "Theo câu hỏi"]
    rows = below(book["Kết quả"])
    assert rows[-1][0] == "Danh sách gồm 4 người."
    by_name = {row[2]: row for row in rows[:-1]}
    one = by_name["Lê Thị Một"]
    assert one[4:6] == ["Xã Bắc (mẫu)", "Tư pháp"]
    assert one[6:10] == [2, 3, 5, 6]
    assert one[10] == pytest.approx(5 / 6, abs=1e-6)
    assert one[11:] == ["Đạt", ""]
    assert by_name["=HYPERLINK(1)"][11] == "Chưa đạt"
    assert by_name["Lê Văn Vắng"][6:] == ["", "", "", "", "", "", "Vắng"]
    assert by_name["Lê Văn Miễn"][12] == "Được miễn hoặc hoãn: Nghỉ ốm"
    assert [row[0] for row in rows[:-1]] == [1, 2, 3, 4]
    assert exported(stage) == [{"format": "xlsx", "units": []}]


def test_figures_in_the_workbook_agree_with_the_pages(stage: Scene, reader: Open) -> None:
    book = sheets(reader(stage.organiser()).download(f"{EXPORT}/xlsx").data)
    north, south = below(book["Theo đơn vị"])
    assert north[1:7] == ["Xã Bắc (mẫu)", 2, 1, 1, 1, 1]
    assert (south[5], south[6], south[7]) == (1, 0, 0)
    assert north[8] == pytest.approx(5 / 6, abs=1e-6)
    topics = {row[1]: row[2:] for row in below(book["Theo chuyên đề"])}
    assert topics["Chuyên đề chung"][:3] == [4, 4, 3]
    questions = below(book["Theo câu hỏi"])
    assert len(questions) == 6
    assert {row[4] for row in questions} == {"Nhận biết"}


def test_csv_and_json(stage: Scene, reader: Open) -> None:
    organiser = reader(stage.organiser())
    raw = organiser.download(f"{EXPORT}/csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw), delimiter=";"))
    assert rows[0]["Họ và tên"] == "'=HYPERLINK(1)" or any(r["Họ và tên"] == "'=HYPERLINK(1)" for r in rows)
    one = next(row for row in rows if row["Họ và tên"] == "Lê Thị Một")
    assert (one["Tổng điểm"], one["Tỷ lệ điểm"]) == ("5", "83,33")
    data = json.loads(organiser.download(f"{EXPORT}/json").data)
    assert (data["round"], data["pass_percent"], len(data["rows"])) == ("KT-2026-Q4", 50, 4)
    assert {row["full_name"]: row["points"] for row in data["rows"]}["Lê Thị Một"] == 5
    assert [one["format"] for one in exported(stage)] == ["csv", "json"]


def test_a_file_never_holds_more_than_the_person_may_see(stage: Scene, reader: Open) -> None:
    near = reader(stage.build.account(None, Role.EVALUATOR, unit=stage.south))
    book = sheets(near.download(f"{EXPORT}/xlsx").data)
    assert "Theo câu hỏi" not in book
    assert [row[2] for row in below(book["Kết quả"])[:-1]] == ["=HYPERLINK(1)"]
    assert [row[1] for row in below(book["Theo đơn vị"])] == ["Xã Nam (mẫu)"]
    assert exported(stage) == [{"format": "xlsx", "units": [stage.south.id]}]


def test_reading_everything_and_exporting_a_part(stage: Scene, reader: Open) -> None:
    account = stage.build.account(None, Role.LEADER, unit=stage.province)
    stage.build.grant(account, Role.EVALUATOR, unit=stage.south)
    assert len(json.loads(reader(account).download(f"{EXPORT}/json").data)["rows"]) == 1


@pytest.mark.parametrize("role", [Role.LEADER, Role.INSPECTOR])
def test_who_may_not_export_sees_no_button(stage: Scene, reader: Open, role: Role) -> None:
    person = reader(stage.build.account(None, role, unit=stage.province))
    assert "Xuất Excel" not in person.open("/results/KT-2026-Q4").text
    person.open(f"{EXPORT}/xlsx", status=404)


def test_a_large_file_is_made_by_the_runner(stage: Scene, reader: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "LARGE", 3)
    account = stage.organiser()
    organiser = reader(account)
    organiser.open(f"{EXPORT}/xlsx")
    assert "được tạo ở nền" in organiser.page.text
    page = organiser.submit("Bắt đầu xuất")
    with stage.build.app.app_context():
        run_waiting()
        job = db.session.scalars(select(Job)).one()
        assert (job.state, job.message) == (JobState.DONE, "Đã xuất 4 người.")
        assert db.session.get_one(File, job.result_file_id).name == "ket-qua-KT-2026-Q4.xlsx"
    page = organiser.open(page.url)
    assert len(sheets(organiser.download(page.link("Tải tệp kết quả")).data)) == 5
    assert exported(stage) == [{"asked_by": account.id, "format": "xlsx", "units": []}]


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_the_command_writes_the_same(stage: Scene, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"ket-qua.{form}"
    runner = stage.build.app.test_cli_runner()
    done = runner.invoke(args=["results", "export", "--round", "KT-2026-Q4", "--format", form, "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "Đã ghi" in done.output
    assert target.stat().st_size > 200
    assert exported(stage) == [{"format": form, "units": []}]


def test_the_command_says_what_is_wrong(stage: Scene, tmp_path: Path) -> None:
    runner = stage.build.app.test_cli_runner()
    wrong = runner.invoke(args=["results", "export", "--round", "KHONG", "-o", str(tmp_path / "x.xlsx")])
    assert (wrong.exit_code, wrong.output) == (1, "Error: Không có kỳ thi mã KHONG.\n")
    nowhere = str(tmp_path / "khong" / "x.xlsx")
    wrong = runner.invoke(args=["results", "export", "--round", "KT-2026-Q4", "-o", nowhere])
    assert wrong.exit_code == 1
    assert "Không ghi được tệp" in wrong.output
    assert exported(stage) == []


def test_a_recomputed_result_says_so(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate("Lê Thị Sau", right=1)
    stage.compute(reason="Bổ sung người dự thi")
    stage.change_answers(candidate, {1: [1], 2: [1]})
    stage.compute(reason="Chấp nhận bài muộn")
    rows = json.loads(reader(stage.organiser()).download(f"{EXPORT}/json").data)["rows"]
    assert {row["full_name"]: row["note"] for row in rows}["Lê Thị Sau"] == "Đã tính lại: Chấp nhận bài muộn"


def test_the_topics_of_a_whole_round_are_the_sums_of_its_questions(stage: Scene) -> None:
    with stage.build.app.app_context():
        topics = figures.by_topic(stage.round.id)
        assert figures.topics_of(figures.by_question(stage.round.id)) == topics
    assert topics
    assert sum(topic.papers for topic in topics) > 0
