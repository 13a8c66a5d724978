"""Several files at once, archives, what headings mean, old encodings, images, and the marked copy of a workbook."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import func, select

from examapp.accounts.models import Role
from examapp.bank.content import content_of
from examapp.bank.models import ImportMapping, ImportState, Question, QuestionImport, QuestionVersion
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from question_bank.formats import write
from question_bank.question import Citation, Option
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


def send(examiner, *files, **values):
    examiner.open("/bank/import")
    fields = {"position": "tp_tu_phap", "topic": "", "level": "nhan_biet", **values}
    return examiner.submit("file", file=[(io.BytesIO(data), name) for data, name in files], **fields)


def gift(*stems, **columns):
    columns.setdefault("options", (Option("Có", correct=True), Option("Không")))
    columns.setdefault("topic", "")
    columns.setdefault("citations", ())
    return write([content(stem, **columns) for stem in stems], "gift").data


def packed(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def stored(app):
    with app.app_context():
        return set(db.session.scalars(select(QuestionVersion.stem)))


def states(app):
    with app.app_context():
        return list(db.session.scalars(select(QuestionImport.state).order_by(QuestionImport.id)))


class TestSeveralFiles:
    def test_each_is_an_import_of_its_own(self, app, reader, o):
        examiner = reader(o.examiner)
        bad = content("Thiếu đáp án?", options=(Option("Có"), Option("Không")))
        page = send(
            examiner,
            (gift("Một?", "Hai?"), "tot.gift"),
            (write([content("Ba?"), bad], "gift").data, "loi.gift"),
            (b"%PDF-1.7", "sach.pdf"),
        )
        assert page.heading == "Các tệp gửi cùng lúc"
        assert states(app) == [ImportState.READ, ImportState.READ, ImportState.UNREADABLE]
        assert "PDF" in page.text
        page = examiner.submit("Lưu 1 tệp không có lỗi")
        assert "Đã lưu 2 câu hỏi dạng bản nháp." in page.text
        assert stored(app) == {"Một?", "Hai?"}
        assert states(app) == [ImportState.STORED, ImportState.READ, ImportState.UNREADABLE]
        page = examiner.open(page.link("loi.gift"))
        assert "2 câu đọc được, 1 câu sẽ lưu, 1 câu lỗi" in page.text
        assert examiner.open(page.link("Các tệp gửi cùng lúc")).heading == "Các tệp gửi cùng lúc"

    def test_a_file_that_lost_a_question_waits_for_a_person(self, reader, o):
        lost = gift("Đủ?") + "\n\n::Hỏng::Câu hỏng? {=Có ~Không\n".encode()
        page = send(reader(o.examiner), (gift("Một?"), "tot.gift"), (lost, "hong.gift"))
        assert "Lưu 1 tệp không có lỗi" in page.text

    def test_an_archive_is_opened_and_its_bad_members_are_named(self, app, reader, o):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bom.gift", b" " * 20_000_000)
            archive.writestr("thư mục/câu hỏi.gift", gift("Trong tệp nén?"))
            archive.writestr("../../ra ngoài.gift", gift("Ngoài?"))
            archive.writestr("C:\\ổ đĩa.gift", gift("Ngoài?"))
            archive.writestr("lồng.zip", packed(("a.gift", gift("Lồng?"))))
            archive.writestr("__MACOSX/._x", b"x")
            archive.writestr(".DS_Store", b"x")
        page = send(reader(o.examiner), (bomb.getvalue(), "goi.zip"))
        assert states(app) == [ImportState.READ]
        assert "câu hỏi.gift" in page.text
        refused = page.texts("div[@class='notice bad']//li")
        assert [line.split(":")[0] for line in refused] == [
            "goi.zip › bom.gift",
            "goi.zip › ra ngoài.gift",
            "goi.zip › ổ đĩa.gift",
            "goi.zip › lồng.zip",
        ]
        assert "lớn bất thường" in refused[0]
        assert "không an toàn" in refused[1]
        assert "giải nén trước" in refused[3]

    def test_only_so_many_at_once(self, app, reader, o, monkeypatch):
        monkeypatch.setattr("examapp.bank.import_files.MOST_FILES", 2)
        files = [(f"{n}.gift", gift(f"Câu {n}?")) for n in range(4)]
        page = send(reader(o.examiner), (packed(*files), "goi.zip"))
        assert len(states(app)) == 2
        assert page.text.count("nhiều nhất 2 tệp") == 2

    def test_an_archive_without_files_is_refused(self, app, reader, o):
        examiner = reader(o.examiner)
        examiner.open("/bank/import")
        file = (io.BytesIO(packed((".DS_Store", b"x"))), "rong.zip")
        assert "không có tệp nào để đọc" in examiner.submit("file", file=file, status=422).text

    def test_large_ones_are_read_in_the_background(self, app, reader, o, monkeypatch):
        monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 300)
        examiner = reader(o.examiner)
        small = gift("Một?")
        large = gift(*(f"Câu khá dài số {n}?" for n in range(40)))
        page = send(examiner, (small, "nho.gift"), (large, "lon.gift"))
        assert states(app) == [ImportState.READ, ImportState.WAITING]
        assert page.all("div[@hx-trigger='every 2s']")
        with app.app_context():
            run_waiting()
        page = examiner.open(page.url)
        assert states(app) == [ImportState.READ, ImportState.READ]
        assert not page.all("div[@hx-trigger='every 2s']")

    def test_a_batch_is_its_owners_alone(self, reader, o):
        page = send(reader(o.examiner), (gift("Một?"), "a.gift"), (gift("Hai?"), "b.gift"))
        reader(o.head).open(page.url, status=404)
        reader(o.head).post(page.url + "/confirm", status=404)


class TestWhatWordsMean:
    def test_a_category_is_mapped_once_and_remembered(self, app, reader, o):
        examiner = reader(o.examiner)
        page = send(examiner, (gift("Một?", "Hai?", topic="Chương lạ"), "a.gift"))
        assert "Mục chưa rõ là chuyên đề hay vị trí nào" in page.text
        assert "Chương lạ 2 câu" in page.text
        assert "Chuyên đề “Chương lạ” không có trong danh mục" in page.text
        page = examiner.submit("written", topic="tp_chung_thuc")
        assert "Đã ghép 1 mục" in page.text
        assert "Mục chưa rõ" not in page.text
        assert "không có trong danh mục" not in page.text
        examiner.submit("confirm")
        with app.app_context():
            assert set(db.session.scalars(select(QuestionVersion.topic_id))) == {o.topic.id}
        page = send(examiner, (gift("Ba?", topic="CHƯƠNG  lạ"), "b.gift"))
        assert "Mục chưa rõ" not in page.text
        page = send(reader(o.other_examiner), (gift("Bốn?", topic="Chương lạ"), "c.gift"), position="nn_dat_dai")
        assert "Mục chưa rõ" in page.text

    def test_an_unknown_position_is_mapped_for_all_its_questions(self, app, reader, o):
        examiner = reader(o.examiner)
        page = send(examiner, (gift("Một?", "Hai?", positions=("Tư pháp cấp xã",)), "a.gift"))
        assert "2 câu lỗi" in page.text
        page = examiner.submit("written", position="tp_tu_phap")
        assert "2 câu sẽ lưu, 0 câu lỗi" in page.text
        examiner.submit("confirm")
        with app.app_context():
            found = db.session.scalars(select(Question)).all()
            assert [[position.code for position in question.positions] for question in found] == [["tp_tu_phap"]] * 2

    def test_nothing_out_of_reach_can_be_chosen(self, app, reader, o):
        examiner = reader(o.examiner)
        page = send(examiner, (gift("Một?", positions=("lạ",)), "a.gift"))
        examiner.post(f"{page.url}/mapping", status=422, written="lạ", topic="", position="nn_dat_dai")
        examiner.post(f"{page.url}/mapping", status=422, written="lạ", topic="", position="chung")
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(ImportMapping)) == 0

    def test_law_that_is_not_in_the_registry_is_listed_and_matched_when_it_comes(self, app, build, reader, o):
        cited = (Citation("9/2031/NĐ-CP", "2"),)
        examiner = reader(o.examiner)
        page = send(examiner, (gift("Một?", "Hai?", citations=cited), "a.gift"))
        assert "Căn cứ chưa khớp danh mục" in page.text
        assert "9/2031/NĐ-CP 2 câu, đầu tiên ở câu 1" in page.text
        assert "Một?" in examiner.open(page.url + "?show=warnings").text
        build.document("9/2031/NĐ-CP")
        page = examiner.open(page.url)
        assert "Căn cứ chưa khớp" not in page.text
        assert "Một?" not in examiner.open(page.url + "?show=warnings").text

    def test_who_keeps_the_registry_gets_a_link_to_add_the_document(self, build, reader, o):
        both = build.account(None, Role.EXAMINER, Role.BANK_MANAGER)
        person = reader(both)
        page = send(person, (gift("Một?", citations=(Citation("9/2031/NĐ-CP"),)), "a.gift"))
        page = person.open(page.link("Thêm văn bản 9/2031/NĐ-CP"))
        assert page.all("input[@name='symbol']")[0].get("value") == "9/2031/NĐ-CP"


def test_questions_may_go_to_the_practice_bank(app, reader, o):
    examiner = reader(o.examiner)
    send(examiner, (gift("Ôn tập?"), "a.gift"), bank="practice")
    examiner.submit("confirm")
    with app.app_context():
        assert db.session.scalars(select(Question)).one().bank.value == "practice"


TCVN3 = "C©u 1: C¬ quan nµo ®­îc cÊp giÊy chøng nhËn?\n*A. ñy ban nh©n d©n x·\nB. Tßa ¸n\nC. Ng­êi kh¸c\n"


def test_text_of_an_old_encoding_is_compared_before_it_is_stored(app, reader, o):
    examiner = reader(o.examiner)
    page = send(examiner, (TCVN3.encode("cp1252"), "cu.txt"))
    assert "Chữ theo bảng mã cũ đã đổi sang Unicode" in page.text
    assert "giÊy chøng nhËn" in page.text
    assert "giấy chứng nhận" in page.text
    examiner.submit("confirm", status=422)
    assert stored(app) == set()
    examiner.open(page.url)
    examiner.submit("conversion", right="yes")
    page = examiner.submit("/confirm")
    assert "Đã lưu 1 câu" in page.text
    assert stored(app) == {"Cơ quan nào được cấp giấy chứng nhận?"}


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    return stream.getvalue()


def test_images_of_a_file_are_shown_and_stored_with_their_questions(app, reader, o):
    from docx import Document

    document = Document()
    document.add_paragraph("Câu 1: Biển báo này có ý nghĩa gì?")
    document.add_picture(io.BytesIO(picture()))
    for line in ("A. Cấm đi", "B. Được đi", "Đáp án: A"):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    examiner = reader(o.examiner)
    page = send(examiner, (stream.getvalue(), "hinh.docx"))
    assert page.all("main//img")[0].get("src").startswith("data:image/png")
    mended = examiner.open(page.link("Sửa câu 1"))
    assert mended.all("main//img")[0].get("src").startswith("data:image/png")
    shown = mended.all("main//textarea[@name='stem']")[0].text
    digest = re.search("media:([0-9a-f]{64})", shown + mended.html)[1]
    where = mended.all("main//dialog[@id='picture-dialog']")[0].get("data-images")
    assert examiner.client.get(where + digest).data.startswith(b"\x89PNG")
    assert examiner.client.get(where + "0" * 64).status_code == 404
    examiner.open(page.url)
    examiner.submit("confirm")
    with app.app_context():
        code = db.session.scalars(select(Question.code)).one()
    assert examiner.open(f"/bank/questions/{code}").all("main//img")[0].get("src").startswith("data:image/")


class TestMarkedCopy:
    def test_faulty_rows_are_coloured_and_told(self, reader, o):
        bad = content("Thiếu đáp án?", options=(Option("Có"), Option("Không")))
        lost = content("Vị trí lạ?", positions=("khong_co",))
        data = write([content("Tốt?"), bad, lost], "excel").data
        examiner = reader(o.examiner)
        send(examiner, (data, "de.xlsx"))
        answer = examiner.client.post(examiner.page.url + "/marked", data={"csrf_token": examiner._token()})
        assert "de-can-sua.xlsx" in answer.headers["Content-Disposition"]
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        last = sheet.max_column
        assert sheet.cell(1, last).value == "Cần sửa"
        assert sheet.cell(2, last).value is None
        assert "chưa có đáp án đúng" in sheet.cell(3, last).value
        assert "“khong_co”" in sheet.cell(4, last).value
        assert sheet.cell(3, 3).fill.fgColor.rgb == "00FFC7CE"
        assert sheet.cell(2, 3).fill.fgColor.rgb != "00FFC7CE"
        assert "Thiếu đáp án?" in [cell.value for cell in sheet[3]]

    def test_a_large_one_is_marked_by_a_job(self, app, reader, o, monkeypatch):
        monkeypatch.setattr("examapp.bank.marked_copies.AT_ONCE", 1)
        bad = content("Thiếu đáp án?", options=(Option("Có"), Option("Không")))
        examiner = reader(o.examiner)
        send(examiner, (write([bad], "excel").data, "de.xlsx"))
        page = examiner.submit("đánh dấu lỗi")
        with app.app_context():
            run_waiting()
        page = examiner.open(page.url)
        assert "Đã đánh dấu 1 dòng cần sửa." in page.text
        assert examiner.download(page.link("Tải tệp kết quả")).data.startswith(b"PK")

    def test_other_formats_and_too_large_ones_are_refused(self, reader, o, monkeypatch):
        examiner = reader(o.examiner)
        page = send(examiner, (gift("Một?"), "de.gift"))
        assert "đánh dấu lỗi" not in page.text
        examiner.post(f"{page.url}/marked", status=422)
        monkeypatch.setattr("examapp.bank.marked_copies.MOST_CELLS", 1)
        page = send(examiner, (write([content("Hai?")], "excel").data, "de.xlsx"))
        examiner.post(f"{page.url}/marked", status=422)


def test_a_file_that_stopped_on_the_way_can_be_taken_up_again(app, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 0)
    examiner = reader(o.examiner)
    send(examiner, (gift("Một?"), "de.gift"))
    monkeypatch.setattr("examapp.bank.import_reading.read_upload", lambda *_args, **_named: 1 / 0)
    with app.app_context():
        run_waiting()
        ref = db.session.scalars(select(QuestionImport.ref)).one()
    monkeypatch.undo()
    page = examiner.open(f"/bank/import/{ref}")
    assert "dừng giữa chừng" in page.text
    examiner.submit("/read")
    with app.app_context():
        run_waiting()
    assert "1 câu sẽ lưu" in examiner.open(f"/bank/import/{ref}").text


ASKED = [content(f"Câu hỏi số {n}?", options=(Option("Một"), Option("Hai"), Option("Ba"))) for n in (1, 2, 3)]


def answers(*rows):
    return "".join(f"{number}. {letter}\n" for number, letter in rows).encode()


class TestAnswersInASecondFile:
    def test_they_come_along(self, app, reader, o):
        examiner = reader(o.examiner)
        examiner.open("/bank/import")
        key = (io.BytesIO(answers((1, "B"), (2, "A"), (3, "C"))), "dap-an.txt")
        paper = (io.BytesIO(write(ASKED, "word").data), "de.docx")
        page = examiner.submit("file", file=paper, key=key, position="tp_tu_phap")
        assert "3 câu đọc được, 3 câu sẽ lưu" in page.text

    def test_they_come_later_and_what_was_mended_stays(self, app, reader, o):
        examiner = reader(o.examiner)
        page = send(examiner, (write(ASKED, "word").data, "de.docx"))
        assert "0 câu sẽ lưu, 3 câu lỗi" in page.text
        examiner.open(page.link("Sửa câu 2"))
        page = examiner.submit("stem", **{"body-options-2-correct": "y"})
        page = examiner.submit("/key", key=(io.BytesIO(answers((1, "B"), (2, "A"), (3, "C"))), "dap-an.txt"))
        assert "Đã lấy đáp án từ tệp dap-an.txt." in page.text
        assert "3 câu đọc được, 3 câu sẽ lưu" in page.text
        examiner.submit("/confirm")
        with app.app_context():
            found = db.session.scalars(select(QuestionVersion).order_by(QuestionVersion.id)).all()
            assert [content_of(version).key for version in found] == [(1,), (2,), (2,)]

    def test_a_large_file_gets_them_from_its_job(self, app, reader, o, monkeypatch):
        monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 0)
        examiner = reader(o.examiner)
        examiner.open("/bank/import")
        key = (io.BytesIO(answers((1, "B"), (2, "A"), (3, "C"))), "dap-an.txt")
        paper = (io.BytesIO(write(ASKED, "word").data), "de.docx")
        page = examiner.submit("file", file=paper, key=key, position="tp_tu_phap")
        with app.app_context():
            run_waiting()
        assert "3 câu sẽ lưu" in examiner.open(examiner.open(page.url).link("Xem kết quả")).text

    def test_a_file_without_answers_is_refused_and_one_belongs_to_one(self, reader, o):
        examiner = reader(o.examiner)
        examiner.open("/bank/import")
        paper = write(ASKED, "word").data
        nothing = (io.BytesIO(b"Xin chao"), "khong.txt")
        page = examiner.submit("file", file=(io.BytesIO(paper), "de.docx"), key=nothing, status=422)
        assert "không có bảng số câu và đáp án đọc được" in page.text
        examiner.open("/bank/import")
        two = [(io.BytesIO(paper), "a.docx"), (io.BytesIO(paper), "b.docx")]
        page = examiner.submit("file", file=two, key=(io.BytesIO(answers((1, "A"))), "dap-an.txt"), status=422)
        assert "chỉ dùng được với một tệp câu hỏi" in page.text
