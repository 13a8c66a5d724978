"""The evaluator's road: open the year, see the evidence, enter, propose, decide, export."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Role
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.evaluation.models import (
    Evaluation,
    EvaluationScore,
    EvaluationState,
    ExamLink,
    ForcedFact,
    LinkMode,
    QualityLevel,
)
from examapp.evaluation.schemes import load_schemes
from examapp.organisation.models import StaffCategory
from examapp.results.models import Result
from examapp.rounds.models import Candidate, ExamRound, Period, Purpose, RoundState, Setting

YEAR = 2026


@pytest.fixture(autouse=True)
def _schemes(app):
    with app.app_context(), unit_of_work():
        load_schemes()


@pytest.fixture
def place(build):
    """A commune with an official, an evaluator over it, and another commune outside."""

    class Place:
        province = build.unit("Tỉnh Mẫu")
        unit = build.unit("Xã Một", parent=province)
        other = build.unit("Xã Hai", parent=province)
        position = build.position(name="Tư pháp")
        official = build.official("Trần Thị Mẫu")
        stranger = build.official("Lê Văn Ngoài")
        evaluator = build.account(None, Role.EVALUATOR, unit=unit)
        second = build.account(None, Role.EVALUATOR, unit=unit)

    build.post(Place.official, Place.position, Place.unit)
    build.post(Place.stranger, Place.position, Place.other)
    return Place


def recognised(
    build, place, awarded, *, purpose=Purpose.OFFICIAL, state=RoundState.RECOGNISED, code="K1", official=None
):
    official = official or place.official
    row = build.save(
        ExamRound(
            code=code,
            name=f"Kỳ thi {code}",
            year=YEAR,
            period=Period.QUARTER,
            period_number=3,
            legal_basis_number="01/QC",
            legal_basis_date=date(2026, 1, 5),
            purpose=purpose,
            setting=Setting.SUPERVISED,
            minutes=45,
            unit_id=place.unit.id,
            posts_on=date(2026, 9, 1),
            state=state,
            decision_number="12/QĐ" if state is RoundState.RECOGNISED else "",
            decision_date=date(2026, 10, 1) if state is RoundState.RECOGNISED else None,
        )
    )
    candidate = build.save(
        Candidate(
            round_id=row.id,
            official_id=official.id,
            number="001",
            unit_id=place.unit.id,
            position_id=place.position.id,
            full_name=official.full_name,
            sort_key=official.sort_key,
            unit_name=place.unit.name,
            posts="[]",
        )
    )
    return build.save(
        Result(
            round_id=row.id,
            candidate_id=candidate.id,
            official_id=official.id,
            unit_id=place.unit.id,
            position_id=place.position.id,
            awarded=awarded,
            possible=40_000,
            passed=True,
            snapshot="{}",
        )
    )


def opened(reader, place):
    browser = reader(place.evaluator)
    browser.open(f"/evaluation/{YEAR}")
    browser.submit("Mở đánh giá")
    return browser


def evaluation_of(app, official):
    with app.app_context():
        return db.session.scalar(
            select(Evaluation).where(Evaluation.official_id == official.id).order_by(Evaluation.version.desc())
        ).id


FULL = {"conduct": "14", "capacity": "13,5", "quantity": "28", "quality": "18", "progress": "18"}


def test_an_unopened_year_says_what_to_do(reader, place):
    page = reader(place.evaluator).open(f"/evaluation/{YEAR}")
    assert "Chưa mở đánh giá năm 2026" in page.text


def test_the_year_holds_the_people_in_reach_and_no_others(reader, place, app):
    page = opened(reader, place).page
    assert "Trần Thị Mẫu" in page.text
    assert "Lê Văn Ngoài" not in page.text


def test_opening_again_adds_nobody_twice(reader, place, app):
    browser = opened(reader, place)
    browser.submit("Cập nhật danh sách")
    with app.app_context():
        assert len(db.session.scalars(select(Evaluation)).all()) == 1


def test_results_are_evidence_by_default(reader, place, app, build):
    recognised(build, place, 35_000)
    recognised(build, place, 40_000, code="THU", purpose=Purpose.REHEARSAL)
    recognised(build, place, 40_000, code="CHUA", state=RoundState.PUBLISHED)
    browser = opened(reader, place)
    page = browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    assert "87,50%" in page.text
    assert "12/QĐ" in page.text
    assert "THU" not in page.text
    assert "CHUA" not in page.text
    assert "không tự cộng điểm" in page.text


def test_scores_lead_to_a_proposal_and_a_person_decides(reader, place, app, build):
    recognised(build, place, 35_000)
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    page = browser.submit("/scores", **FULL)
    assert "Tổng 91,5 điểm, từ 90 điểm: Hoàn thành xuất sắc nhiệm vụ." in page.text
    page = browser.submit("/decision", level="good", status=422)
    assert "khác mức đề nghị thì phải ghi lý do" in page.text
    page = browser.submit(
        "/decision", level="good", reason="Vượt trần", decision_number="5/QĐ", decision_date="1/12/2026"
    )
    assert "Hoàn thành tốt nhiệm vụ" in page.text
    with app.app_context():
        row = db.session.get(Evaluation, evaluation_of(app, place.official))
        assert (row.state, row.decided_level, row.proposed_level) == (
            EvaluationState.DECIDED,
            QualityLevel.GOOD,
            QualityLevel.EXCELLENT,
        )
        assert json.loads(row.evidence)[0]["version"] == 1


def test_a_decided_evaluation_is_kept_and_renewed_as_a_new_version(reader, place, app):
    browser = opened(reader, place)
    first = evaluation_of(app, place.official)
    browser.open(f"/evaluation/person/{first}")
    browser.submit("/scores", **FULL)
    browser.submit("/decision", level="excellent")
    browser.post(f"/evaluation/person/{first}/scores", status=409, **FULL, worked_months="12", self_level="")
    browser.open(f"/evaluation/person/{first}")
    page = browser.submit("/renew", reason="Kết quả thi được sửa")
    assert evaluation_of(app, place.official) != first
    assert "Bản 2 (đang xem)" in page.text
    with app.app_context():
        assert db.session.get(Evaluation, first).decided_level is QualityLevel.EXCELLENT


def test_a_later_result_is_listed_on_a_decided_year(reader, place, app, build):
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    browser.submit("/scores", **FULL)
    browser.submit("/decision", level="excellent")
    recognised(build, place, 20_000)
    page = browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    assert "kết quả thi có thay đổi" in page.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"conduct": "15,5"}, "từ 0 đến 15"),
        ({"conduct": "-1"}, "từ 0 đến 15"),
        ({"conduct": "nhiều"}, "phần thập phân sau dấu phẩy"),
        ({"worked_months": "13"}, "từ 0 đến 12"),
    ],
)
def test_wrong_scores_are_refused_by_name_and_kept_on_the_page(reader, place, app, values, words):
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    page = browser.submit("/scores", status=422, **{**FULL, **values})
    assert words in page.text
    assert "13,5" in page.html
    with app.app_context():
        assert db.session.scalars(select(EvaluationScore)).all() == []


def test_deciding_without_scores_names_what_is_missing(reader, place, app):
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    page = browser.submit("/decision", level="good", status=422)
    assert "Còn thiếu" in page.text


def test_a_fact_binds_only_after_somebody_else_confirmed_it(reader, place, app):
    browser = opened(reader, place)
    number = evaluation_of(app, place.official)
    browser.open(f"/evaluation/person/{number}")
    browser.submit("/scores", **FULL)
    page = browser.submit("/facts", fact="discipline", decision_number="7/QĐ-KL", decision_date="3/4/2026")
    assert "Hoàn thành xuất sắc nhiệm vụ" in page.text
    with app.app_context():
        fact = db.session.scalar(select(ForcedFact.id))
    browser.post(f"/evaluation/person/{number}/facts/{fact}/confirm", status=403)
    other = reader(place.second)
    other.open(f"/evaluation/person/{number}")
    page = other.submit("/confirm")
    assert "xếp loại Không hoàn thành nhiệm vụ" in page.text


def test_a_fact_of_another_year_is_refused(reader, place, app):
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    page = browser.submit("/facts", fact="discipline", decision_number="7/QĐ", decision_date="3/4/2025", status=422)
    assert "thuộc năm đánh giá 2026" in page.text


def test_points_need_the_local_regulation(reader, place, app, build):
    recognised(build, place, 36_000)
    browser = opened(reader, place)
    browser.open(f"/evaluation/{YEAR}/exam-link")
    wanted = {"mode": "points", "criterion": "capacity", "max_points": "5", "mapping": "90 = 5\n65 = 3"}
    page = browser.submit("scheme_key", status=422, unit=str(place.unit.id), **wanted)
    assert "số và ngày của quy định" in page.text
    browser.submit(
        "scheme_key", unit=str(place.unit.id), **wanted, regulation_number="15/QĐ", regulation_date="02/01/2026"
    )
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    page = browser.submit("/scores", **{**FULL, "capacity": "10"})
    assert "15/QĐ" in page.text
    assert "Tổng 93 điểm" in page.text  # 14 + (10 + 5) + 28 + 18 + 18
    page = browser.submit("/scores", status=422, **FULL)
    assert "từ 0 đến 10" in page.text


def test_a_mapping_that_cannot_be_read_names_its_line(reader, place):
    browser = opened(reader, place)
    browser.open(f"/evaluation/{YEAR}/exam-link")
    page = browser.submit(
        "scheme_key",
        status=422,
        mode="points",
        criterion="capacity",
        max_points="5",
        mapping="90 = 5\nchín mươi",
        regulation_number="1",
        regulation_date="02/01/2026",
    )
    assert "Dòng 2 không đọc được" in page.text


def test_nobody_scores_or_decides_about_oneself(reader, place, app, build):
    me = build.account(place.official, Role.EVALUATOR, unit=place.unit)
    opened(reader, place)
    number = evaluation_of(app, place.official)
    browser = reader(me)
    page = browser.open(f"/evaluation/person/{number}")
    assert "của chính tài khoản này" in page.text
    browser.post(f"/evaluation/person/{number}/scores", status=403, worked_months="12", self_level="", **FULL)
    assert (
        "Không ai" in browser.post(f"/evaluation/person/{number}/decision", status=403, level="good", reason="x").text
    )


def test_who_has_no_scheme_is_shown_with_evidence(reader, place, app, build):
    cadre = build.official("Phạm Văn Cán", staff_category=StaffCategory.CADRE)
    build.post(cadre, place.position, place.unit)
    recognised(build, place, 30_000, official=cadre)
    browser = opened(reader, place)
    assert "Chưa có bộ tiêu chí" in browser.page.text
    page = browser.open(f"/evaluation/person/{evaluation_of(app, cadre)}")
    assert "75,00%" in page.text
    browser.post(f"/evaluation/person/{evaluation_of(app, cadre)}/decision", status=409, level="good", reason="x")


def test_what_is_outside_ones_reach_is_not_there(reader, place, app, build):
    everywhere = build.account(None, Role.EVALUATOR, unit=place.province)
    browser = reader(everywhere)
    browser.open(f"/evaluation/{YEAR}")
    browser.submit("Mở đánh giá")
    outside = evaluation_of(app, place.stranger)
    reader(place.evaluator).open(f"/evaluation/person/{outside}", status=404)
    reader(place.evaluator).open(f"/evaluation/person/{outside}/slip", status=404)


def test_the_sheet_is_an_official_list(reader, place, app, build):
    recognised(build, place, 35_000)
    browser = opened(reader, place)
    browser.open(f"/evaluation/person/{evaluation_of(app, place.official)}")
    browser.submit("/scores", **FULL)
    answer = browser.download(f"/evaluation/{YEAR}/export")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "BẢNG TỔNG HỢP ĐÁNH GIÁ, XẾP LOẠI NĂM 2026" in cells
    assert "Trần Thị Mẫu" in cells
    assert "91.5" in cells
    assert "Kỳ thi K1: 87,50%" in cells
    assert "Danh sách gồm 1 người" in cells


def test_a_person_has_a_sheet_on_paper(reader, place, app):
    browser = opened(reader, place)
    answer = browser.download(f"/evaluation/person/{evaluation_of(app, place.official)}/slip")
    assert answer.data.startswith(b"%PDF")


def test_the_command_writes_the_units_sheet(place, app, tmp_path, reader):
    opened(reader, place)
    target = tmp_path / "bang.xlsx"
    run = app.test_cli_runner().invoke(
        args=["evaluation", "export", "--year", str(YEAR), "--unit", place.unit.code, "-o", str(target)]
    )
    assert run.exit_code == 0, run.output
    assert "1 người" in run.output
    assert target.read_bytes().startswith(b"PK")
    wrong = app.test_cli_runner().invoke(
        args=["evaluation", "export", "--year", str(YEAR), "--unit", "không", "-o", str(target)]
    )
    assert wrong.exit_code == 1


def test_the_schemes_say_what_is_unconfirmed(reader, place):
    page = reader(place.evaluator).open("/evaluation/schemes")
    assert "Cần xác nhận" in page.text
    assert "Ví dụ của địa phương" in page.text


def broken_evaluation(place, **columns):
    base = {"official_id": place.official.id, "year": YEAR, "unit_id": place.unit.id, "position_id": place.position.id}
    return Evaluation(**{**base, **columns})


def test_constraints(build, place):
    build.save(broken_evaluation(place))
    for row in (
        broken_evaluation(place),  # twice the same version
        broken_evaluation(place, version=2, state=EvaluationState.DECIDED),
        broken_evaluation(place, version=2, decided_level=QualityLevel.GOOD),
        broken_evaluation(place, version=2, worked_months=13),
        ExamLink(year=YEAR, unit_id=place.unit.id, scheme_key="x", mode=LinkMode.POINTS),
        ForcedFact(evaluation_id=1, fact="x", decision_number="", decision_date=date(2026, 1, 1), entered_by_id=1),
    ):
        with pytest.raises(IntegrityError):
            build.save(row)


def test_a_list_costs_the_same_for_many(reader, place, app, build, count_statements):
    browser = opened(reader, place)
    with count_statements() as few:
        browser.open(f"/evaluation/{YEAR}")
    for number in range(12):
        build.post(build.official(f"Người Thứ {number}"), place.position, place.unit)
    browser.submit("Cập nhật danh sách")
    with count_statements() as many:
        browser.open(f"/evaluation/{YEAR}")
    assert len(many) == len(few)


def test_the_running_year_counts_posts_of_today():
    from examapp.evaluation.sheets import last_day

    assert last_day(2024) == date(2024, 12, 31)
    assert last_day(clock.today().year) == clock.today()
