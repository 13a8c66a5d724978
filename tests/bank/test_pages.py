"""The life of a question on its pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.audit.models import AuditEvent
from examapp.bank.models import Question, QuestionState
from examapp.core.db import db
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


def write(examiner, o, **values):
    """Write a question through the editor, as a browser without JavaScript would."""
    examiner.open("/bank/questions/new")
    typed = {
        "kind": "single_choice",
        "stem": "Sổ chứng thực do ai giữ?",
        "body-options-0-text": "Công chức tư pháp",
        "body-options-0-correct": "y",
        "body-options-1-text": "Kế toán",
        "body-options-2-text": "Văn thư",
        "level": "van_dung",
        "topic": "tp_chung_thuc",
        "positions": ["tp_tu_phap"],
        "citations-0-document": "Nghị định số 23/2015/NĐ-CP",
        "citations-0-article": "24",
        "explanation": "Theo nghị định về chứng thực.",
    }
    return examiner.submit("stem", press="act=save", **{**typed, **values})


def only(app):
    with app.app_context():
        return db.session.scalars(select(Question)).one()


def test_a_question_goes_from_the_editor_to_approval(app, reader, o):
    examiner = reader(o.examiner)
    page = write(examiner, o)
    code = page.heading
    assert code.startswith("CH-")
    assert "Đã lưu bản nháp" in page.text
    assert "23/2015/NĐ-CP, Điều 24" in page.text
    page = examiner.submit("submit")
    assert f"Đã gửi câu {code} để thẩm định." in page.text
    assert "Chờ thẩm định" in page.text

    reviewer = reader(o.reviewer)
    queue = reviewer.open("/bank/review")
    assert "1 câu chờ" in queue.text
    reviewer.open(queue.link("Bắt đầu từ câu đầu tiên"))
    page = reviewer.submit("passed", press="verdict=approved", status=422)
    assert "Chỉ duyệt khi mọi điểm" in page.text
    page = reviewer.submit(
        "passed", press="verdict=approved", passed=["one_answer", "no_hint", "level", "law", "wording"]
    )
    assert f"Đã duyệt câu {code}." in page.text
    assert "Không có câu nào chờ thẩm định" in page.text
    assert only(app).state is QuestionState.APPROVED
    listed = reader(o.examiner).open("/bank/")
    assert "1 câu hỏi" in listed.text
    assert "Đã duyệt" in listed.texts("td")[4]


def test_a_returned_question_shows_the_comment_and_waits_at_home(app, reader, o):
    examiner = reader(o.examiner)
    write(examiner, o)
    examiner.submit("submit")
    reviewer = reader(o.reviewer)
    reviewer.open(f"/bank/review/{only(app).code}")
    page = reviewer.submit("passed", press="verdict=returned", status=422, passed=["one_answer"])
    assert "hãy ghi điều cần sửa" in page.text
    reviewer.submit("passed", press="verdict=returned", passed=["one_answer"], comment="Phương án B chưa rõ.")
    page = examiner.open(f"/bank/questions/{only(app).code}")
    assert "Phương án B chưa rõ." in page.text
    assert "Chưa đạt: Độ dài và cách viết" in page.text
    listed = examiner.open("/bank/?returned=yes")
    assert only(app).code in listed.text
    assert "Bị trả lại: Có" in listed.text


def test_nobody_reviews_what_they_wrote_or_edited(app, reader, o):
    head = reader(o.head)
    write(head, o)
    head.submit("submit")
    assert "Không có câu nào chờ thẩm định" in head.open("/bank/review").text
    page = head.open(f"/bank/review/{only(app).code}")
    assert "không được thẩm định chính câu đó" in page.text
    head.post(f"/bank/review/{only(app).code}", status=403, verdict="returned", comment="x")
    assert only(app).state is QuestionState.IN_REVIEW


def test_editing_an_approved_question_makes_a_draft_of_a_new_version(app, build, reader, o):
    question = build.question(o.topic, o.justice, document=o.law, author=o.examiner)
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/questions/{question.code}/edit")
    assert "đưa câu về bản nháp" in page.text
    page = examiner.submit("stem", press="act=save", stem="Câu hỏi đã sửa là gì?", note="Viết lại cho rõ")
    assert "ở trạng thái bản nháp" in page.text
    assert "Bản nháp" in page.text
    page = examiner.open(f"/bank/questions/{question.code}/versions/2")
    assert "đã sửa" in " ".join(page.texts("ins"))
    assert page.texts("del")
    page = examiner.open(f"/bank/questions/{question.code}/versions/1")
    page = examiner.submit("restore")
    assert "Đã khôi phục nội dung của phiên bản 1" in page.text


def test_saving_without_a_change_makes_no_version(app, reader, o):
    examiner = reader(o.examiner)
    write(examiner, o)
    examiner.open(f"/bank/questions/{only(app).code}/edit")
    page = examiner.submit("stem", press="act=save")
    assert "không tạo phiên bản mới" in page.text


def test_two_people_editing_at_once_do_not_overwrite_each_other(app, reader, o):
    first = reader(o.examiner)
    write(first, o)
    url = f"/bank/questions/{only(app).code}/edit"
    first.open(url)
    second = reader(o.head)
    second.open(url)
    second.submit("stem", press="act=save", stem="Bản của người thứ hai?")
    page = first.submit("stem", press="act=save", status=409, stem="Bản của người thứ nhất?")
    assert "nay là phiên bản 2" in page.text
    assert page.all("textarea[@name='stem']")[0].text.strip() == "Bản của người thứ nhất?"


def test_rows_and_preview_work_without_javascript(reader, o):
    def texts(page):
        return [(area.text or "").strip() for area in page.all("textarea[@data-rich-text='line']")]

    examiner = reader(o.examiner)
    before = len(texts(examiner.open("/bank/questions/new")))
    typed = {"stem": "Câu đang viết", "body-options-0-text": "Một", "body-options-1-text": "Hai"}
    page = examiner.submit("stem", press="act=add-body-options", **typed)
    assert len(texts(page)) == before + 1
    assert page.all("textarea[@name='stem']")[0].text.strip() == "Câu đang viết"
    page = examiner.submit("stem", press="act=up-body-options-1")
    assert texts(page)[:2] == ["Hai", "Một"]
    page = examiner.submit("stem", press="act=drop-body-options-0")
    assert texts(page)[0] == "Một"
    assert "Hai" not in texts(page)
    page = examiner.submit("stem", press="act=preview")
    assert "Câu đang viết" in page.texts("aside//div[@class='stem']")[0]
    assert "Cần sửa trước khi gửi thẩm định" in page.text
    assert examiner.submit("stem", press="act=add-citations").all("input[@name='citations-1-document']")


def test_the_preview_is_a_part_of_a_page(reader, o):
    examiner = reader(o.examiner)
    page = examiner.open("/bank/questions/new")
    token = page.all("input[@name='csrf_token']")[0].get("value")
    answer = examiner.client.post(
        "/bank/preview",
        data={"csrf_token": token, "kind": "true_false", "stem": "Nước sôi ở 100 độ?", "body-answer": "true"},
    )
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    assert "<html" not in html
    assert "Nước sôi ở 100 độ?" in html
    assert ">Đúng</span>" in html
    assert "Cần sửa" not in html


def test_what_is_missing_is_said_and_nothing_is_kept(app, reader, o):
    page = write(reader(o.examiner), o, positions=None, status=422)
    assert "Hãy chọn ít nhất một vị trí việc làm" in page.text
    with app.app_context():
        assert not db.session.scalars(select(Question)).all()


def test_a_question_without_sound_law_cannot_be_submitted(app, build, reader, o):
    build.document("99/2099/NĐ-CP", status_checked=False)
    examiner = reader(o.examiner)
    write(examiner, o, **{"citations-0-document": "99/2099/NĐ-CP"})
    page = examiner.open(f"/bank/questions/{only(app).code}")
    assert "99/2099/NĐ-CP chưa được xác nhận hiệu lực" in page.text
    page = examiner.submit("submit", status=422)
    assert "chưa được xác nhận hiệu lực" in page.text
    assert only(app).state is QuestionState.DRAFT


def test_positions_hide_what_is_not_ones_own(build, reader, o):
    ours = build.question(o.topic, o.justice, document=o.law)
    theirs = build.question(o.land_topic, o.land, document=o.law)
    shared = build.question(o.topic, document=o.law)
    both = build.question(o.topic, o.justice, o.land, document=o.law)
    examiner = reader(o.examiner)
    listed = examiner.open("/bank/")
    assert ours.code in listed.text
    assert "1 câu hỏi" in listed.text
    for question in (theirs, shared, both):
        assert question.code not in listed.text
        for path in ("", "/edit", "/versions/1"):
            examiner.open(f"/bank/questions/{question.code}{path}", status=404)
        examiner.post(f"/bank/questions/{question.code}/retire", status=404, reason="x")
    assert "4 câu hỏi" in reader(o.head).open("/bank/").text


def test_an_examiner_cannot_place_a_question_out_of_reach(reader, o):
    page = write(reader(o.examiner), o, positions=["nn_dat_dai"], status=422)
    assert "nn_dat_dai" in page.text or "lựa chọn" in page.text.lower()


def test_holding_needs_a_reason_and_keeps_the_question_out(build, reader, o):
    question = build.question(o.topic, o.justice, document=o.law)
    reviewer = reader(o.reviewer)
    reviewer.open(f"/bank/questions/{question.code}")
    reviewer.submit("reason", status=422)
    page = reviewer.submit("reason", reason="Có ý kiến về đáp án")
    assert "Tạm giữ từ" in page.text
    assert "Có ý kiến về đáp án" in page.text
    assert "0 câu hỏi" in reviewer.open("/bank/?usable=yes").text
    reviewer.open(f"/bank/questions/{question.code}")
    assert "Đã bỏ tạm giữ" in reviewer.submit("release").text


def test_reading_a_key_is_logged_and_a_list_is_not(app, build, reader, o):
    question = build.question(o.topic, o.justice, document=o.law)
    examiner = reader(o.examiner)
    examiner.open("/bank/")
    with app.app_context():
        assert not db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.read")).all()
    examiner.open(f"/bank/questions/{question.code}")
    examiner.open(f"/bank/questions/{question.code}/edit")
    examiner.open(f"/bank/questions/{question.code}/versions/1")
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.read")).all()
    assert [event.target_id for event in events] == [question.code] * 3
    assert {event.actor_id for event in events} == {o.examiner.id}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("chung thuc", {"Chứng thực chữ ký ở đâu?", "Chung thúc việc gì?"}),
        ("chứng thực", {"Chứng thực chữ ký ở đâu?"}),
        ("CHỨNG chữ", {"Chứng thực chữ ký ở đâu?"}),
        ("dat dai", {"Đất đai do ai quản lý?"}),
        ("100%", set()),
    ],
)
def test_search_reads_marks_only_where_they_are_typed(app, reader, o, query, found):
    from examapp.bank.bulk import insert_many
    from examapp.core.db import unit_of_work

    stems = ["Chứng thực chữ ký ở đâu?", "Chung thúc việc gì?", "Đất đai do ai quản lý?"]
    with app.app_context(), unit_of_work():
        insert_many([(content(stem, citations=()), o.topic.id, [o.justice]) for stem in stems], owner_id=None)
    page = reader(o.examiner).open(f"/bank/?q={query}")
    assert {text.split(" CH-")[0].strip() for text in page.texts("td[@class='lead-cell']/a")} == found


def test_exact_spelling_comes_first(app, reader, o):
    from examapp.bank.bulk import insert_many
    from examapp.core.db import unit_of_work

    stems = ["Thuc don la gi?", "Thực đơn là gì?"]
    with app.app_context(), unit_of_work():
        insert_many([(content(stem, citations=()), o.topic.id, [o.justice]) for stem in stems], owner_id=None)
    page = reader(o.examiner).open("/bank/?q=thuc+don")
    assert page.texts("td[@class='lead-cell']/a") == stems


def test_filters_stand_in_the_address_and_come_off_as_chips(build, reader, o):
    from question_bank.question import Level

    build.question(o.topic, o.justice, document=o.law, level=Level.APPLICATION)
    build.question(o.topic, o.justice, state=QuestionState.DRAFT)
    examiner = reader(o.examiner)
    page = examiner.open(
        f"/bank/?level=van_dung&state=approved&topic=tp_chung_thuc&kind=single_choice&law={o.law.id}&usable=yes"
    )
    assert "1 kết quả" in page.text
    chips = page.texts("a[@class='chip']")
    assert len(chips) == 6
    assert any("Mức độ: Vận dụng" in chip for chip in chips)
    assert "2 kết quả" in examiner.open(page.link("Xóa bộ lọc")).text
    assert "Không có câu hỏi nào khớp" in examiner.open("/bank/?state=retired").text
    for sort in ("stem", "-level", "used", "-edited", "nonsense"):
        assert "2 kết quả" in examiner.open(f"/bank/?sort={sort}").text
    assert "Không có câu hỏi nào khớp" in examiner.open("/bank/?law=x&page=9").text


def test_law_that_ends_soon_is_told_on_the_list(build, reader, o):
    from datetime import timedelta

    from examapp.core import clock

    ending = build.document("1/2000/QH10", title="Luật sắp hết", in_force_to=clock.today() + timedelta(days=30))
    over = build.document("2/2000/QH10", title="Luật đã hết", in_force_to=clock.today() - timedelta(days=1))
    build.question(o.topic, o.justice, document=ending)
    build.question(o.topic, o.justice, document=over)
    build.question(o.land_topic, o.land, document=ending)
    page = reader(o.examiner).open("/bank/")
    assert "1 câu hỏi dựa trên Luật sắp hết (1/2000/QH10), hết hiệu lực ngày" in page.text
    assert "đã hết hiệu lực sau ngày" in page.text
    assert "2 câu hỏi" in page.text
    assert "Sắp hết căn cứ" in page.text
    assert "Cần xem căn cứ" in page.text
