"""The pages of a round, as a browser without JavaScript walks them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from examapp.accounts.models import Role
from examapp.bank.models import Exposure, Question
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.jobs import run_waiting
from examapp.rounds.models import BoardMember, BoardRole, Candidate, ExamRound, RoundState
from question_bank.question import Level
from tests.reader import Reader
from tests.rounds.builders import World, matrix

Open = Callable[..., Reader]

pytestmark = pytest.mark.usefixtures("before_the_exam")


def _round(app: Flask, code: str = "KT-2026-Q1") -> ExamRound:
    with app.app_context():
        return db.session.scalars(select(ExamRound).where(ExamRound.code == code)).one()


def test_the_whole_way_from_nothing_to_open(here: World, reader: Open, app: Flask) -> None:
    for name in ("Nguyễn Thị Một", "Trần Văn Hai"):
        here.person(name, here.justice)
    here.person("Lê Không Đề", here.build.position("phuc_vu", "Phục vụ (mẫu)"))
    chair = here.build.account(here.build.official("Phạm Chủ Tịch"))
    browser = reader(here.organiser)
    browser.open("/rounds/")
    assert "Chưa có kỳ thi nào" in browser.page.text
    browser.open(browser.page.link("Tạo kỳ thi"))
    browser.submit("legal_basis_number", status=422)
    assert "Chưa nhập ô này" in browser.page.text
    page = browser.submit(
        "legal_basis_number",
        name="Kỳ thi quý I (mẫu)",
        year="2026",
        period="quarter",
        period_number="1",
        legal_basis_number="12/KH-UBND",
        legal_basis_date="15/01/2026",
        posts_on="01/03/2026",
        minutes="30",
    )
    assert page.heading == "Kỳ thi quý I (mẫu)"
    assert "KT-2026-Q1 · Quý I/2026" in page.text
    assert "Chưa chọn ma trận đề" in page.text

    browser.open("/rounds/KT-2026-Q1/enrol", status=422)
    browser.open("/rounds/KT-2026-Q1/seal", status=422)
    browser.open("/rounds/KT-2026-Q1/matrices")
    page = browser.submit("common")
    assert "Đủ câu" in page.text
    assert "Phục vụ (mẫu): 1 người" in page.text

    browser.open("/rounds/KT-2026-Q1/shifts")
    browser.open(browser.page.link("Thêm ca thi"))
    browser.submit("starts_at", starts_at="10/03/2026 08:00", ends_at="10/03/2026 07:00", status=422)
    assert "Giờ kết thúc phải sau giờ bắt đầu" in browser.page.text
    page = browser.submit("starts_at", ends_at="10/03/2026 09:30", place="Hội trường xã", capacity="1")
    assert "10/03/2026 08:00" in page.text

    browser.open("/rounds/KT-2026-Q1/candidates")
    page = browser.open(browser.page.link("Lập danh sách"))
    assert "Lê Không Đề" in page.text
    assert "Lưu danh sách, thêm 2 người" in page.text
    page = browser.submit("Lưu danh sách")
    assert "1 người chưa có ca" in page.text
    browser.open("/rounds/KT-2026-Q1")
    assert "Hãy thêm ca hoặc số chỗ" in browser.page.text
    browser.open("/rounds/KT-2026-Q1/seal", status=422)
    browser.open(browser.open("/rounds/KT-2026-Q1/shifts").link("Ca 1"))
    browser.submit("capacity", capacity="")
    browser.open("/rounds/KT-2026-Q1/candidates")
    page = browser.submit("Xếp ca")
    assert "Đã xếp ca cho mọi người" in page.text

    browser.open("/rounds/KT-2026-Q1/board")
    browser.submit("login", login="nobody", status=422)
    page = browser.submit("login", login=chair.login, role="chair")
    assert "Phạm Chủ Tịch" in page.text

    page = browser.open(browser.open("/rounds/KT-2026-Q1").link("Làm tiếp: Niêm phong đề"))
    assert "Rút đề riêng cho 2 người dự thi" in page.text
    page = browser.submit("Niêm phong đề")
    assert "Niêm phong đề kỳ thi KT-2026-Q1" in page.text
    with app.app_context():
        assert run_waiting() == 1
    page = browser.open(browser.page.url)
    assert "Đã niêm phong 2 đề" in page.text
    page = browser.open(browser.page.link("Xem kết quả"))
    assert "Đã niêm phong đề" in page.text
    browser.open("/rounds/KT-2026-Q1/information", status=409)
    browser.open(page.link("Làm tiếp: Mở kỳ thi"))
    page = browser.submit("Mở kỳ thi")
    assert _round(app).state is RoundState.OPEN
    assert "Đang mở" in page.text
    browser.open("/rounds/KT-2026-Q1/close")
    assert "Còn ca chưa kết thúc" in browser.page.text
    browser.post("/rounds/KT-2026-Q1/close", status=409)
    browser.open("/rounds/KT-2026-Q1/close")
    browser.submit("Đóng sớm")
    assert _round(app).state is RoundState.CLOSED


def test_unsealing_and_cancelling_ask_for_a_reason(here: World, reader: Open, app: Flask) -> None:
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    here.seal(exam_round)
    browser = reader(here.organiser)
    browser.open(browser.open("/rounds/KT-2026-Q1").link("Mở niêm phong"))
    browser.submit("reason", status=422)
    browser.submit("reason", reason="Sửa ma trận")
    assert _round(app).state is RoundState.DRAFT
    browser.open(browser.page.link("Hủy kỳ thi"))
    page = browser.submit("reason", reason="Bão (mẫu)")
    assert "Kỳ thi đã hủy. Lý do: Bão (mẫu)" in page.text
    for act in ("open", "close", "cancel", "unseal"):
        page = browser.open(f"/rounds/KT-2026-Q1/{act}", status=409)
        assert "đang ở trạng thái “Đã hủy”" in page.text
        assert "Việc này sẽ thay đổi" not in page.text, "nobody is asked to confirm what is refused"


def test_the_matrix_proposed_is_the_newest_that_the_bank_fills(here: World, reader: Open) -> None:
    level, topic = Level.RECALL, here.topics["justice"]
    newer = matrix(here.build, here.justice, {(topic, level): 2}, code="MT-A")
    matrix(here.build, here.justice, {(topic, level): 50}, code="MT-B")
    nobody = here.build.position("phuc_vu", "Phục vụ (mẫu)")
    empty_topic = here.build.topic("pv", "Phục vụ", position_id=nobody.id)
    matrix(here.build, nobody, {(empty_topic, level): 1}, code="MT-C")
    here.round(matrices=False)
    browser = reader(here.organiser)
    page = browser.open("/rounds/KT-2026-Q1/matrices")
    chosen = {
        field.get("name"): [one.get("value") for one in field.iter("option") if one.get("selected") is not None]
        for field in page.all("main//select")
    }
    assert chosen[f"position_{here.justice.id}"] == [str(newer.id)]
    assert chosen[f"position_{nobody.id}"] in ([], [""])
    assert "Ngân hàng chưa đủ câu cho ma trận nào của: Phục vụ (mẫu)." in page.text
    page = browser.submit("common")
    assert "Thiếu câu" not in page.text
    assert page.text.count("Đủ câu") == 3


def test_opening_too_early_is_refused_before_anybody_confirms(here: World, reader: Open, app: Flask) -> None:
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    browser = reader(here.organiser)
    assert "đang ở trạng thái “Đang soạn”" in browser.open("/rounds/KT-2026-Q1/open", status=409).text
    here.seal(exam_round)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Candidate).values(shift_id=None))
    page = browser.open("/rounds/KT-2026-Q1/open", status=422)
    assert "Chưa mở được kỳ thi KT-2026-Q1." in page.text
    assert "1 người dự thi chưa có ca" in page.text
    assert not page.all("main//form")
    assert _round(app).state is RoundState.SEALED


def test_a_sealed_round_says_what_became_of_its_questions(here: World, reader: Open, app: Flask) -> None:
    """How many were held, and how many rest on law that ends before the exam; after a new sealing none is left."""
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    here.seal(exam_round)
    browser = reader(here.organiser)
    assert "đã niêm phong nay bị tạm giữ" not in browser.open("/rounds/KT-2026-Q1").text
    document = here.build.document("60/2099/QH20", in_force_to=date(2026, 3, 5), title="Luật mẫu")
    with app.app_context(), unit_of_work() as session:
        first, second, *_rest = session.scalars(
            select(Question).join(Exposure, Exposure.version_id == Question.current_id).order_by(Question.id)
        )
        code = first.code
        first.held_at, first.hold_reason = clock.now(), "Văn bản đang sửa"
        for citation in second.current.citations:
            citation.document_id, citation.symbol = document.id, document.symbol
    for page in (browser.open("/rounds/KT-2026-Q1"), browser.open("/rounds/KT-2026-Q1/open")):
        assert "1 câu trên đề đã niêm phong nay bị tạm giữ hoặc thôi dùng." in page.text
        assert "1 câu trên đề đã niêm phong dẫn văn bản không còn hiệu lực vào ngày thi 10/03/2026." in page.text
        assert code not in page.html
    browser.submit("Mở kỳ thi")
    assert _round(app).state is RoundState.OPEN, "it is said, not forbidden"


def test_information_keeps_what_was_typed_and_tells_of_a_stale_list(here: World, reader: Open, app: Flask) -> None:
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round()
    here.enrol(exam_round)
    browser = reader(here.organiser)
    browser.open("/rounds/KT-2026-Q1/information")
    page = browser.submit("legal_basis_number", name="Tên khác (mẫu)", period_number="9", status=422)
    assert "Số của kỳ phải từ 1 đến 4" in page.text
    assert "Tên khác (mẫu)" in page.html
    assert _round(app).name != "Tên khác (mẫu)"
    page = browser.submit("legal_basis_number", period_number="2", posts_rule="union")
    assert "hãy cập nhật danh sách" in page.text
    assert _round(app).name == "Tên khác (mẫu)"


def test_a_double_code_is_blamed_on_its_field(here: World, reader: Open) -> None:
    here.round()
    browser = reader(here.organiser)
    browser.open("/rounds/new")
    page = browser.submit(
        "legal_basis_number",
        name="Kỳ thi trùng mã",
        code="KT-2026-Q1",
        legal_basis_number="1/KH",
        legal_basis_date="01/01/2026",
        status=422,
    )
    assert "đã dùng cho một kỳ thi khác" in page.text


def test_an_inspector_reads_and_changes_nothing(enrolled: World, reader: Open) -> None:
    browser = reader(enrolled.build.account(None, Role.INSPECTOR))
    for page in ("", "/matrices", "/shifts", "/board", "/candidates", "/candidates/0001", "/candidates/print"):
        browser.open(f"/rounds/KT-2026-Q1{page}")
        posts = [form for form in browser.page.all("main//form") if (form.get("method") or "") == "post"]
        assert not posts, page
    for page in ("/information", "/enrol", "/seal", "/open", "/cancel", "/shifts/new"):
        browser.open(f"/rounds/KT-2026-Q1{page}", status=404)
    browser.post("/rounds/KT-2026-Q1/matrices", status=404)
    browser.post("/rounds/KT-2026-Q1/candidates/0001/restore", status=404)


def test_rounds_out_of_reach_are_not_there(enrolled: World, reader: Open) -> None:
    build = enrolled.build
    stranger = reader(build.account(None, Role.ORGANISER, unit=build.unit("Xã Khác (mẫu)")))
    assert "KT-2026-Q1" not in stranger.open("/rounds/").text
    for page in ("", "/seal", "/candidates", "/candidates.xlsx", "/candidates/0001", "/board"):
        stranger.open(f"/rounds/KT-2026-Q1{page}", status=404)
    stranger.post("/rounds/KT-2026-Q1/enrol", status=404)
    reader(build.account(build.official())).open("/rounds/", status=404)


def test_an_invigilator_sees_the_rounds_of_the_own_boards(enrolled: World, reader: Open, app: Flask) -> None:
    account = enrolled.build.account(None, Role.INVIGILATOR)
    browser = reader(account)
    assert "KT-2026-Q1" not in browser.open("/rounds/").text
    seat = BoardMember(round_id=_round(app).id, account_id=account.id, role=BoardRole.INVIGILATOR)
    enrolled.build.save(seat)
    assert "KT-2026-Q1" in browser.open("/rounds/").text
    browser.open("/rounds/KT-2026-Q1/candidates")
    assert not [a for a in browser.open("/rounds/KT-2026-Q1/matrices").all("a") if "/bank/" in (a.get("href") or "")]


def test_rounds_are_found_without_marks(enrolled: World, reader: Open) -> None:
    browser = reader(enrolled.organiser)
    assert "KT-2026-Q1" in browser.open("/rounds/?q=ky+thi+quy").text
    assert "KT-2026-Q1" in browser.open("/rounds/?q=2026-q1&state=draft").text
    assert "KT-2026-Q1" not in browser.open("/rounds/?q=khong+co").text
    assert "KT-2026-Q1" not in browser.open("/rounds/?state=open").text


def test_a_long_list_takes_as_many_statements_as_a_short_one(here: World, reader: Open, app: Flask) -> None:
    exam_round = here.round()
    counts = []
    for batch in (2, 6):
        for number in range(batch):
            here.person(f"Nguyễn Văn Mẫu {'ABCDEFGH'[number]}", here.justice if number % 2 else here.land, number % 2)
        here.enrol(exam_round)
        counts.append(_statements(app, lambda: reader(here.organiser).open("/rounds/KT-2026-Q1/candidates")))
    assert counts[0] == counts[1]


def _statements(app: Flask, act: Callable[[], object]) -> int:
    """How many statements ``act`` sends to the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_what_waits_for_an_organiser(enrolled: World, app: Flask) -> None:
    from flask_login import login_user

    from examapp.accounts.models import Account
    from examapp.rounds.panel import tasks

    with app.test_request_context("/"):
        login_user(db.session.get_one(Account, enrolled.organiser.id))
        assert [task.label for task in tasks()] == ["Chuẩn bị kỳ thi Kỳ thi quý I năm 2026 (mẫu)"]


def test_pages_in_english_have_no_vietnamese_left(enrolled: World, reader: Open) -> None:
    browser = reader(enrolled.organiser, language="en")
    assert browser.open("/rounds/").heading == "Round"
    assert "Draft" in browser.page.text
    browser.open("/rounds/KT-2026-Q1")
    assert "Candidates" in browser.page.text
