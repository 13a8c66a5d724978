"""Work lists: to write (from the gaps of a matrix), to review, flagged by figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.bank import item_flags, matrices, writing
from examapp.bank.models import ItemStatistic, Matrix, QuestionState, WritingTask
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.rounds.models import ExamRound, Period, Setting
from question_bank.question import Level
from tests.bank.builders import office

POINTS = dict.fromkeys(Level, 1000)


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def manager(build):
    return build.account(None, Role.BANK_MANAGER, display_name="Phụ trách (mẫu)")


@pytest.fixture
def below(build, o):
    return build.topic("tp_con", "Bản sao", parent_id=o.topic.id, position_id=o.justice.id)


@pytest.fixture
def matrix(app, build, o, below):
    """Three recall and two application questions of the topic; the bank has one of recall."""
    build.question(o.topic, o.justice, document=o.law)
    with app.app_context(), unit_of_work():
        made = matrices.create_matrix(code="MT-TP", name="Ma trận tư pháp (mẫu)", position_id=o.justice.id)
        counts = {(o.topic.id, Level.RECALL): 3, (o.topic.id, Level.APPLICATION): 2}
        matrices.save_matrix(made, minutes=20, counts=counts, points=POINTS)
        return made.code


def write(build, o, topic, level=Level.RECALL, **columns):
    return build.question(topic, o.justice, level=level, author=o.examiner, **columns)


def test_gaps_become_tasks_and_tasks_count_what_is_written(app, build, reader, o, manager, matrix, below):
    browser = reader(manager)
    page = browser.open(f"/bank/matrices/{matrix}")
    assert page.texts("a").count("Giao viết") == 2
    page = browser.open(page.link("Giao viết mọi ô thiếu"))
    names = [field.get("name") for field in page.all("input") if (field.get("name") or "").startswith("cell_")]
    assert [page.all(f"input[@name='{name}']")[0].get("value") for name in names] == ["2", "2"]
    due = text.format_date(clock.today() + timedelta(days=10))
    browser.submit("assignee", status=422, due_on=due)
    browser.submit("assignee", status=422, assignee=str(o.other_examiner.id))  # has another position
    browser.submit("assignee", status=422, assignee=str(o.examiner.id), **{names[0]: "nhiều"})
    assert browser.page.all(f"input[@name='{names[0]}']")[0].get("value") == "nhiều"
    page = browser.submit("assignee", assignee=str(o.examiner.id), due_on=due, note="Theo luật mới", **{names[0]: "2"})
    assert "Đã giao viết 4 câu" in page.text
    page = browser.open(f"/bank/writing/new?matrix={matrix}")
    assert "Bản sao" not in page.text
    assert [page.all(f"input[@name='{name}']")[0].get("value") for name in names] == ["0", "0"]  # being written

    write(build, o, o.topic)
    write(build, o, below, state=QuestionState.DRAFT)
    write(build, o, below, state=QuestionState.RETIRED)
    write(build, o, o.land_topic)
    build.question(o.topic, o.justice, author=o.head)  # somebody else's
    page = reader(o.examiner).open("/bank/work")
    assert "Chứng thực" in page.texts("table")[0]
    assert "Vận dụng" in page.texts("table")[0]
    assert "Nhận biết" not in page.texts("table")[0]  # two of two: done
    assert "Theo luật mới" in page.text
    editor = reader(o.examiner).open(page.link("Viết câu hỏi"))
    chosen = [option.get("value") for option in editor.all("option[@selected]")]
    assert {"tp_chung_thuc", "van_dung"} <= set(chosen)
    assert editor.all("input[@value='tp_tu_phap']")[0].get("checked") is not None
    home = reader(o.examiner).open("/")
    assert "Câu hỏi được giao viết" in home.text
    page = browser.open("/bank/writing")
    assert "2 trên 2" in page.text
    assert "đã duyệt 1" in page.text
    page = browser.submit("close")
    assert "Đã kết thúc việc viết câu hỏi" in page.text
    assert len(page.all("table//tr")) == 2


def test_the_same_person_and_cell_make_one_task(app, o, manager, matrix):
    place = (o.topic.id, Level.RECALL)
    with app.app_context(), unit_of_work() as session:
        creator = session.get(Account, manager.id)
        given = {"position_id": o.justice.id, "assignee_id": o.examiner.id, "due_on": None, "creator": creator}
        writing.assign({place: 2}, **given)
        writing.assign({place: 3}, **given)
        assert [task.count for task in session.scalars(select(WritingTask))] == [5]
        version = matrices.load_version(session.scalars(select(Matrix)).one().current_id)
        gap = writing.gaps_of(version, on=clock.today(), demo=True)[0]
        assert (gap.missing, gap.asked, gap.left) == (2, 5, 0)
        for counts, words in (({}, "ít nhất một ô"), ({place: 0}, "ít nhất một ô"), ({place: 201}, "từ 1 đến 200")):
            with pytest.raises(Invalid, match=words):
                writing.assign(counts, **given)
        with pytest.raises(Invalid, match="từ hôm nay trở đi"):
            writing.assign({place: 1}, **{**given, "due_on": clock.today() - timedelta(days=1)})


def test_common_cells_are_written_by_who_reaches_all(app, o, manager, build):
    common = build.topic("chung", "Chung")
    with app.app_context(), unit_of_work() as session:
        given = {"position_id": None, "due_on": None, "creator": session.get(Account, manager.id)}
        with pytest.raises(Invalid, match="chưa được giao ra câu hỏi"):
            writing.assign({(common.id, Level.RECALL): 1}, assignee_id=o.examiner.id, **given)
        writing.assign({(common.id, Level.RECALL): 1}, assignee_id=o.head.id, **given)
    build.question(common, author=o.head)
    with app.app_context():
        task = db.session.scalars(select(WritingTask)).one()
        assert writing.written([task])[task.id].total == 1
        assert writing.tasks_of(db.session.get(Account, o.head.id)) == []


def test_only_who_keeps_the_bank_assigns(reader, o, matrix):
    browser = reader(o.examiner)
    assert "Giao viết" not in browser.open(f"/bank/matrices/{matrix}").text
    browser.open(f"/bank/writing/new?matrix={matrix}", status=404)
    browser.open("/bank/writing", status=404)


@pytest.fixture
def exam_round(build):
    def make(number):
        return build.save(
            ExamRound(
                code=f"Q{number}",
                name="Kỳ thi mẫu",
                year=2026,
                period=Period.QUARTER,
                period_number=number,
                legal_basis_number="01/KH",
                legal_basis_date=clock.today(),
                setting=Setting.SUPERVISED,
                minutes=45,
                unit_id=build.unit().id,
                posts_on=clock.today(),
            )
        ).id

    return make


@pytest.mark.parametrize(
    ("papers", "facility", "apart", "reason"),
    [
        (20, 199, 300, "hard"),
        (20, 200, 300, None),
        (20, 951, None, "easy"),
        (20, 950, 300, None),
        (20, 500, 99, "flat"),
        (20, 500, 100, None),
        (20, 100, -1, "hard"),
        (20, 500, -360, "flat"),
        (20, 500, -370, "reversed"),
        (200, 500, -130, "reversed"),
        (19, 0, -900, None),
        (30, None, None, None),
    ],
)
def test_figures_flag_a_question(app, build, o, exam_round, papers, facility, apart, reason):
    question = build.question(o.topic, o.justice, author=o.examiner)
    figures = {"papers": papers, "answered": papers, "facility": facility, "discrimination": apart}
    build.save(ItemStatistic(version_id=question.current_id, round_id=exam_round(1), **figures))
    with app.app_context():
        person = db.session.get(Account, o.examiner.id)
        found = list(db.session.scalars(item_flags.flagged(person, mine=True)))
        assert [flag.reason for flag in item_flags.flags_of(found)] == ([reason] if reason else [])
        assert item_flags.count(person, mine=True) == len(found)


def test_the_last_round_counts_and_the_figures_are_shown(app, build, reader, o, exam_round, manager):
    mended, bad = (build.question(o.topic, o.justice, author=author) for author in (o.examiner, o.head))
    first, second = exam_round(1), exam_round(2)
    for question, facility in ((mended, 100), (bad, 500)):
        for round_id, figure in ((first, facility), (second, 600 - facility)):
            build.save(
                ItemStatistic(
                    version_id=question.current_id, round_id=round_id, papers=40, answered=40, facility=figure
                )
            )
    assert mended.code not in reader(o.examiner).open("/bank/work").text
    page = reader(o.head).open("/bank/work")
    assert bad.code in page.text
    assert "10,0%" in page.text
    assert "Rất ít người làm đúng" in page.text
    assert "Câu hỏi cần xem lại theo kết quả thi" in reader(o.head).open("/").text
    page = reader(manager).open("/bank/flagged")
    assert bad.code in page.text
    assert "Không có câu nào cần xem lại" in reader(manager).open("/bank/flagged?whose=mine").text


def test_nothing_to_do_is_said(reader, o):
    assert "Không có việc nào đang chờ" in reader(o.examiner).open("/bank/work").text
    assert "Không có việc nào đang chờ" in reader(o.reviewer).open("/bank/work").text


def test_what_waits_for_review_and_for_mending_is_counted(build, reader, o):
    build.question(o.topic, o.justice, state=QuestionState.IN_REVIEW, author=o.examiner)
    ended = build.document(in_force_to=clock.today() - timedelta(days=1))
    build.question(o.topic, o.justice, document=ended, author=o.examiner)
    assert "Danh sách chờ thẩm địnhNgoài các gói – 1" in reader(o.reviewer).open("/bank/work").texts("tbody")[0]
    assert "Đã hết căn cứ 1" in reader(o.examiner).open("/bank/work").texts("tbody")[0]


def test_the_page_takes_a_fixed_number_of_statements(build, reader, o, manager, matrix, count_statements):
    for number in range(6):
        build.save(
            WritingTask(
                assignee_id=o.examiner.id,
                position_id=o.justice.id,
                topic_id=build.topic(name=f"Chuyên đề {number}").id,
                level=Level.RECALL,
                count=2,
                created_by_id=manager.id,
            )
        )
    with count_statements() as statements:
        assert "Chuyên đề 5" in reader(o.examiner).open("/bank/work").text
    assert len(statements) <= 26, len(statements)
