"""A person's own result: when, how much of it, and nobody else's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import which

import pytest

from examapp.accounts.models import Role
from examapp.core.documents import render_pdf
from examapp.core.errors import Conflict
from examapp.results.slips import slip_data, slip_pdf, standing_line, verification_code
from examapp.rounds.models import CandidateState, Disclosure, ExamRound, Purpose, RoundState
from tests.builders import Builder
from tests.reader import Reader
from tests.results.builders import Scene, scene

Open = Callable[..., Reader]
OF_ROUND = "/results/mine/round/KT-2026-Q4"


@pytest.fixture
def stage(build: Builder) -> Scene:
    return scene(build)


def text_of_pdf(data: bytes, folder: Path) -> str:
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = folder / "slip.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()


def test_before_publication_there_is_nothing_to_see(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=3)
    stage.compute()
    me = reader(stage.account_of(candidate))
    for url in (OF_ROUND, f"/results/mine/{stage.result(candidate).ref}"):
        page = me.open(url)
        assert "Kết quả chưa công bố." in page.text
        assert "75" not in page.text
    me.open(f"/results/mine/{stage.result(candidate).ref}/slip", status=409)


def test_after_publication_the_marks(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate("Đinh Thị Sáu", right=3)
    stage.publish()
    me = reader(stage.account_of(candidate))
    by_ref = me.open(f"/results/mine/{stage.result(candidate).ref}")
    page = me.open(OF_ROUND)
    assert page.heading == by_ref.heading == "Kết quả của tôi: Kỳ thi kỹ năng Quý IV (mẫu)"
    assert page.texts("main") == by_ref.texts("main")
    kpis = page.texts("div[@class='kpis']/div")
    assert kpis == ["Kết quả Đạt mức đạt từ 50%", "Điểm 3 trên 4 điểm", "Tỷ lệ điểm 75,00%", "Đã trả lời 4 trên 4 câu"]
    rows = [" ".join(row.itertext()).split() for row in page.all("main//tbody/tr")]
    assert [" ".join(row) for row in rows] == [
        "Phần chung 2 2 2 trên 2 100,00%",
        "Phần vị trí: Tư pháp 2 1 1 trên 2 50,00%",
        "Tổng cộng 4 3 3 trên 4 75,00%",
    ]
    assert "chưa có quyết định công nhận" in page.text
    assert "không công bố đáp án" in page.text
    assert "Đáp án đúng" not in page.text
    assert "Nội dung câu hỏi mẫu" not in page.text


def test_points_are_written_with_a_comma(build: Builder, reader: Open) -> None:
    stage = scene(build)
    stage.points = 333
    candidate = stage.candidate(right=1)
    stage.publish()
    page = reader(stage.account_of(candidate)).open(OF_ROUND)
    assert "Điểm 0,33 trên 1,33 điểm" in page.text
    assert "Chưa đạt" in page.text
    assert "25,00%" in page.text


def test_with_answers_disclosed_every_question_is_explained(build: Builder, reader: Open) -> None:
    stage = scene(build, disclosure=Disclosure.ANSWERS)
    candidate = stage.candidate(right=2)
    stage.publish()
    page = reader(stage.account_of(candidate)).open(OF_ROUND)
    sections = page.all("main//section[h3]") or [s for s in page.all("main//section") if s.find(".//h3") is not None]
    texts = [" ".join("".join(section.itertext()).split()) for section in sections]
    assert [text.split(" ")[1] for text in texts] == ["1", "2", "3", "4"]
    assert "Đúng A. " in texts[0].replace("Đúng Nội", "Đúng Nội") or "Đúng" in texts[0]
    right, wrong, blank = texts[0], texts[2], texts[3]
    assert "A. Đúng A của câu 1 Đã chọn Đáp án đúng" in right
    assert "1 trên 1 điểm" in right
    assert "Chưa đúng" in wrong
    assert "B. Sai B của câu 3 Đã chọn" in wrong
    assert "A. Đúng A của câu 3 Đáp án đúng" in wrong
    assert "Giải thích: Giải thích câu 3." in wrong
    assert "Căn cứ pháp lý: Điều 5, 118/2025/NĐ-CP" in wrong
    assert "Không trả lời" in blank
    assert "Đã chọn" not in blank


def test_the_result_of_somebody_else_is_not_there(stage: Scene, reader: Open) -> None:
    candidate, other = stage.candidate("Một Người", right=1), stage.candidate("Người Khác", right=4)
    stage.publish()
    me = reader(stage.account_of(candidate))
    ref = stage.result(other).ref
    for url in (
        f"/results/mine/{ref}",
        f"/results/mine/{ref}/slip",
        f"/results/KT-2026-Q4/{ref}",
        f"/results/KT-2026-Q4/{ref}/slip",
    ):
        me.open(url, status=404)


def test_who_is_in_no_list_finds_no_round(stage: Scene, reader: Open, build: Builder) -> None:
    stage.candidate(right=1)
    stage.publish()
    reader(build.account(build.official("Ngoài Danh Sách"))).open(OF_ROUND, status=404)
    reader(build.account(None, Role.LEADER)).open(OF_ROUND, status=404)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "Danh sách ghi nhận vắng mặt"),
        ({"state": CandidateState.EXCUSED, "reason": "Nghỉ ốm"}, "được miễn, hoãn hoặc đã rút tên"),
        ({"state": CandidateState.WITHDRAWN, "reason": "Chuyển đi"}, "được miễn, hoãn hoặc đã rút tên"),
    ],
)
def test_who_did_not_sit_reads_why(stage: Scene, reader: Open, columns: dict[str, object], words: str) -> None:
    stage.candidate("Người Đi", right=1)
    candidate = stage.candidate("Người Vắng", **columns)
    stage.publish()
    assert words in reader(stage.account_of(candidate)).open(OF_ROUND).text


def test_an_old_version_leads_to_the_current_one_and_its_reason(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=1)
    stage.publish()
    old = stage.result(candidate).ref
    stage.change_answers(candidate, {1: [1], 2: [1]})
    stage.compute(reason="Chấp nhận câu trả lời đến muộn")
    page = reader(stage.account_of(candidate)).open(f"/results/mine/{old}")
    assert page.url.endswith(OF_ROUND)
    assert "đã được tính lại. Lý do: Chấp nhận câu trả lời đến muộn" in page.text


# The slip


def test_the_slip_says_what_the_result_says(stage: Scene, reader: Open, tmp_path: Path) -> None:
    candidate = stage.candidate(
        "Đỗ Thị Ngọc Ánh", right=5, posts=[(stage.justice, stage.north), (stage.land, stage.south)]
    )
    stage.publish()
    response = reader(stage.account_of(candidate)).download(f"/results/mine/{stage.result(candidate).ref}/slip")
    assert response.data.startswith(b"%PDF")
    assert response.mimetype == "application/pdf"
    assert f"KT-2026-Q4-{candidate.number}.pdf" in response.headers["Content-Disposition"]
    text = text_of_pdf(response.data, tmp_path)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "GIẤY XÁC NHẬN KẾT QUẢ",
        "Đỗ Thị Ngọc Ánh",
        "Tư pháp; Đất đai",
        "Phần vị trí: Đất đai",
        "83,33%",
        "Chưa có quyết định công nhận kết quả.",
        "ngày …… tháng …… năm ………",
        verification_code(stage.result(candidate)),
        "Dữ liệu trình diễn",
    ):
        assert words in text, words
    assert "chứng chỉ" not in text.lower()


def test_staff_in_reach_print_the_slip_too(stage: Scene, reader: Open) -> None:
    candidate = stage.candidate(right=5, posts=[(stage.justice, stage.north)])
    stage.publish()
    url = f"/results/KT-2026-Q4/{stage.result(candidate).ref}/slip"
    near = reader(stage.build.account(None, Role.EVALUATOR, unit=stage.north))
    assert near.download(url).data.startswith(b"%PDF")
    reader(stage.build.account(None, Role.EVALUATOR, unit=stage.south)).open(url, status=404)


def test_no_slip_before_publication(stage: Scene) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    with stage.build.app.app_context():
        from examapp.core.db import db
        from examapp.results.models import Result

        result = db.session.get_one(Result, stage.result(candidate).id)
        with pytest.raises(Conflict, match="chưa công bố"):
            slip_pdf(result)


def test_the_slip_keeps_the_name_of_the_day(stage: Scene) -> None:
    candidate = stage.candidate("Tên Khi Thi", right=1)
    stage.recognise(number="9/QĐ-UBND")
    with stage.build.app.app_context():
        from examapp.core.db import db, unit_of_work
        from examapp.organisation.models import Official
        from examapp.results.models import Result

        with unit_of_work() as session:
            session.get_one(Official, candidate.official_id).full_name = "Tên Mới"
        data = slip_data(db.session.get_one(Result, stage.result(candidate).id))
        assert data["facts"][0] == ["Họ và tên", "Tên Khi Thi"]
        assert data["standing"].startswith("Kết quả đã được công nhận tại Quyết định số 9/QĐ-UBND ngày")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"state": RoundState.PUBLISHED}, "Chưa có quyết định công nhận kết quả."),
        ({"state": RoundState.PUBLISHED, "purpose": Purpose.REHEARSAL}, "kỳ thi thử"),
        (
            {"state": RoundState.RECOGNISED, "decision_number": "3/QĐ", "decision_date": date(2026, 2, 5)},
            "Quyết định số 3/QĐ ngày 05/02/2026",
        ),
    ],
)
def test_the_slip_says_what_it_is_worth(columns: dict[str, object], words: str) -> None:
    assert words in standing_line(ExamRound(**({"purpose": Purpose.OFFICIAL} | columns)))


def test_text_of_people_is_never_markup(app: object, context: None, tmp_path: Path) -> None:
    data = {
        "title": "Giấy xác nhận kết quả",
        "subject": '#panic() $x$ *đậm* \\ "',
        "opening": "= Không phải tiêu đề",
        "facts": [["Họ và tên", 'H\'Hen #read("/core/db.py")']],
        "head": ["a", "b", "c", "d", "e"],
        "rows": [["[x]", "1", "2", "3", "4"]],
        "total": ["e", "1", "2", "3", "4"],
        "outcome": [["Kết quả", "_Đạt_"]],
        "standing": "// không phải chú thích",
        "recipients": ["Người dự thi;"],
        "code": "AAAA-BBBB-CCCC",
        "printed": "In ngày 22/11/2026",
    }
    pdf = render_pdf("results/documents/slip.typ", data)
    assert pdf == render_pdf("results/documents/slip.typ", data)
    text = text_of_pdf(pdf, tmp_path)
    for words in ("#panic() $x$ *đậm*", "= Không phải tiêu đề", "#read(", "_Đạt_", "// không phải chú thích"):
        assert words in text
