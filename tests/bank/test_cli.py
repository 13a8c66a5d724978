"""The commands of the bank."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from examapp.bank.models import Question, QuestionState
from examapp.core.db import db
from question_bank.formats import read, write
from question_bank.question import Option
from question_bank.question import Question as Content
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def run(app):
    def invoke(*arguments):
        return app.test_cli_runner().invoke(args=["questions", *map(str, arguments)])

    return invoke


def stored(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Question))


@pytest.fixture
def file(tmp_path):
    bad = Content("single_choice", "Thiếu đáp án?", (Option("Có"), Option("Không")))
    path = tmp_path / "de.gift"
    path.write_bytes(write([content("Câu tốt?"), bad], "gift").data)
    return path


def test_the_report_is_one_json_object(app, o, run, file):
    result = run("import", file, "--position", "tp_tu_phap", "--topic", "tp_chung_thuc", "--json")
    report = json.loads(result.stdout)
    assert list(report) == ["format", "read", "stored", "questions", "problems"]
    assert (report["format"], report["read"], report["stored"]) == ("gift", 2, 1)
    assert report["questions"][0]["kind"] == "single_choice"
    assert report["questions"][0]["stem"] == "Câu tốt?"
    assert report["questions"][0]["options"][0] == {"text": "Công chức tư pháp", "correct": True}
    problem = report["problems"][0]
    assert set(problem) == {"place", "item", "severity", "message"}
    assert (problem["item"], problem["severity"]) == (2, "error")
    assert result.exit_code == 0
    with app.app_context():
        question = db.session.scalars(select(Question)).one()
        assert question.state is QuestionState.DRAFT
        assert [position.code for position in question.positions] == ["tp_tu_phap"]
        assert question.current.topic.code == "tp_chung_thuc"


def test_a_dry_run_stores_nothing_and_fails_on_errors(app, o, run, file, tmp_path):
    result = run("import", file, "--position", "tp_tu_phap", "--dry-run")
    assert result.exit_code == 1
    assert "Lỗi: Dòng" in result.output
    assert stored(app) == 0
    clean = tmp_path / "sach.gift"
    clean.write_bytes(write([content("Câu tốt?")], "gift").data)
    result = run("import", clean, "--position", "chung", "--dry-run", "--format", "gift")
    assert result.exit_code == 0
    assert "chạy thử nên không lưu gì" in result.output
    assert stored(app) == 0


@pytest.mark.parametrize(
    ("options", "place", "told"),
    [
        (["--position", "khong_co"], "--position", "Vị trí “khong_co” không có trong danh mục"),
        (["--position", "tp_tu_phap", "--topic", "la"], "--topic", "Chuyên đề “la” không có trong danh mục"),
    ],
)
def test_unknown_codes_store_nothing(app, o, run, file, options, place, told):
    result = run("import", file, *options, "--json")
    report = json.loads(result.stdout)
    assert (report["problems"][0]["place"], report["problems"][0]["item"]) == (place, None)
    assert told in report["problems"][0]["message"]
    assert (report["stored"], result.exit_code, stored(app)) == (0, 1, 0)


def test_a_file_that_is_not_there_is_said_plainly(app, o, run, tmp_path):
    result = run("import", tmp_path / "khong-co.docx", "--position", "tp_tu_phap")
    assert result.exit_code == 1
    assert "Không mở được tệp" in result.output
    assert "Traceback" not in result.output


def test_what_is_exported_can_be_read_again(app, build, o, run, tmp_path):
    build.question(o.topic, o.justice, content=content("Của tư pháp?"))
    build.question(o.land_topic, o.land, content=content("Của đất đai?"))
    build.question(o.topic, content=content("Dùng chung?"))
    for code, stems in (("tp_tu_phap", {"Của tư pháp?"}), ("chung", {"Dùng chung?"}), ("", None)):
        path = tmp_path / "ra.gift"
        result = run("export", "--format", "gift", "-o", path, *(["--position", code] if code else []))
        assert result.exit_code == 0, result.output
        found = {question.stem for question in read(path).questions}
        assert found == (stems or {"Của tư pháp?", "Của đất đai?", "Dùng chung?"})
    assert run("export", "--position", "la", "-o", tmp_path / "x").exit_code == 1
