"""The life of questions in the demonstration: one review set closed with its decision, one under way, tasks to write.

Through the bank's own services, by the demonstration's own examiner, reviewer and keeper of the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.bank import review_sets, writing
from examapp.bank.matrices import create_matrix, save_matrix
from examapp.bank.models import Matrix, Question, ReviewSet, Topic, Verdict
from examapp.bank.reviews import CHECKLIST, open_version
from examapp.bank.services import create_question, review, submit_for_review
from examapp.core import clock
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.question import Citation, Level, Option

POSITION = "vp_van_thu"
LAW = Citation("30/2020/NĐ-CP")
REASON = "Câu dẫn chưa nói rõ là văn bản đến bản giấy hay bản điện tử; đề nghị ghi rõ."
WANTED = {Level.RECALL: 6, Level.COMPREHENSION: 5, Level.APPLICATION: 5, Level.ADVANCED_APPLICATION: 3}
"""Of each topic, in the matrix planned for next year: more than the bank has."""

SAMPLES: tuple[tuple[str, str, Level, tuple[str, ...], str], ...] = (
    (
        "vt_van_thu",
        "Trình tự quản lý văn bản đến gồm các bước theo thứ tự nào? (mẫu)",
        Level.COMPREHENSION,
        (
            "Tiếp nhận, đăng ký, trình và chuyển giao, giải quyết và theo dõi",
            "Đăng ký, tiếp nhận, giải quyết, trình và chuyển giao",
            "Trình, tiếp nhận, đăng ký, giải quyết và lưu",
            "Tiếp nhận, giải quyết, đăng ký, trình và chuyển giao",
        ),
        "Văn bản đến được tiếp nhận và đăng ký trước khi trình, chuyển giao; sau đó mới giải quyết và theo dõi.",
    ),
    (
        "vt_van_thu",
        "Số của văn bản đi trong năm được lấy như thế nào? (mẫu)",
        Level.RECALL,
        ("Theo thứ tự thời gian ban hành", "Theo tên người soạn thảo", "Theo độ dài văn bản", "Theo nơi nhận"),
        "Số văn bản lấy theo thứ tự và trình tự thời gian ban hành trong năm.",
    ),
    (
        "vt_van_ban",
        "Trên văn bản hành chính, tên cơ quan ban hành đứng ở đâu so với Quốc hiệu? (mẫu)",
        Level.RECALL,
        ("Bên trái Quốc hiệu", "Ngay dưới Quốc hiệu", "Phía trên Quốc hiệu", "Bên phải Quốc hiệu"),
        "Tên cơ quan ban hành ở bên trái, Quốc hiệu ở bên phải phần đầu văn bản.",
    ),
    (
        "vt_van_thu",
        "Văn bản đến được chuyển cho người giải quyết vào lúc nào? (mẫu)",
        Level.COMPREHENSION,
        ("Sau khi người có thẩm quyền cho ý kiến", "Trước khi đăng ký", "Khi hết tháng", "Sau khi lưu hồ sơ"),
        "Văn bản đến đã đăng ký được trình người có thẩm quyền rồi chuyển theo ý kiến chỉ đạo.",
    ),
    (
        "vt_van_thu",
        "Dấu của cơ quan đóng lên chữ ký phải trùm lên khoảng bao nhiêu chữ ký? (mẫu)",
        Level.RECALL,
        ("Khoảng một phần ba, về bên trái", "Toàn bộ chữ ký", "Khoảng một nửa, về bên phải", "Không trùm lên chữ ký"),
        "Dấu đóng trùm lên khoảng 1/3 chữ ký về phía bên trái.",
    ),
    (
        "vt_ky_nang",
        "Việc nào sau đây không nên làm khi gửi dự thảo văn bản qua hệ thống điều hành? (mẫu)",
        Level.APPLICATION,
        ("Gửi tệp không có tên và trích yếu", "Ghi rõ hạn góp ý", "Đính kèm căn cứ", "Chọn đúng nơi nhận"),
        "",
    ),
    (
        "vt_van_ban",
        "Một công chức trình dự thảo công văn có phông chữ khác phông quy định. Trước khi trình ký, văn thư xử lý dự "
        "thảo này thế nào để bảo đảm đúng thể thức? (mẫu)",
        Level.APPLICATION,
        ("Trả lại để sửa phông chữ", "Đóng dấu rồi phát hành", "Chuyển ngay cho nơi nhận", "Ghi chú ở sổ rồi lưu"),
        "Văn thư kiểm tra thể thức, kỹ thuật trình bày trước khi làm thủ tục ban hành.",
    ),
    (
        "vt_van_ban",
        "Địa danh và thời gian ban hành đứng ở đâu trên văn bản hành chính? (mẫu)",
        Level.RECALL,
        ("Dưới Quốc hiệu và Tiêu ngữ", "Dưới tên cơ quan", "Cuối văn bản, bên trái", "Trên Quốc hiệu"),
        "Địa danh và thời gian ban hành ở dưới Quốc hiệu, Tiêu ngữ, bên phải.",
    ),
)
"""Topic, stem, level, options with the right one first, explanation."""


def build_reviewing(staff: Mapping[Role, Account]) -> None:
    _planned_matrix(staff)
    waiting = list(_waiting(staff[Role.EXAMINER]))
    _closed_set(waiting[:4], staff)
    _open_set(waiting[4:7], staff)


def _planned_matrix(staff: Mapping[Role, Account]) -> Matrix:
    """A matrix the bank cannot fill yet; some of what it lacks is being written."""
    position = db.session.scalars(select(Position).where(Position.code == POSITION)).one()
    topics = list(db.session.scalars(select(Topic).where(Topic.position_id == position.id).order_by(Topic.code)))
    made = create_matrix(
        code="MT-VAN-THU-DU-KIEN",
        name="Văn thư, đề dự kiến năm sau (mẫu)",
        position_id=position.id,
        author_id=staff[Role.ORGANISER].id,
    )
    counts = {(topic.id, level): count for topic in topics for level, count in WANTED.items()}
    save_matrix(made, minutes=45, counts=counts, points=dict.fromkeys(Level, 1000), author_id=staff[Role.ORGANISER].id)
    for topic, level, count, days in ((topics[0], Level.RECALL, 3, 14), (topics[-1], Level.APPLICATION, 2, 2)):
        writing.assign(
            {(topic.id, level): count},
            position_id=position.id,
            assignee_id=staff[Role.EXAMINER].id,
            due_on=clock.today() + timedelta(days=days),
            note="Bổ sung cho đề dự kiến năm sau",
            creator=staff[Role.BANK_MANAGER],
        )
    return made


def _waiting(examiner: Account) -> Iterator[Question]:
    """Written and sent to review."""
    position = db.session.scalars(select(Position).where(Position.code == POSITION)).one()
    topics = {topic.code: topic for topic in db.session.scalars(select(Topic))}
    for code, stem, level, texts, explanation in SAMPLES:
        content = domain.Question(
            kind="single_choice",
            stem=stem,
            options=tuple(Option(text, correct=index == 0) for index, text in enumerate(texts)),
            level=level,
            topic=code,
            explanation=explanation,
            citations=(LAW,),
        )
        made = create_question(
            content=content, topic=topics[code], positions=[position], is_common=False, author=examiner
        )
        submit_for_review(made)
        yield made


def _set(name: str, questions: list[Question], days: int, staff: Mapping[Role, Account]) -> ReviewSet:
    return review_sets.create_set(
        name=name,
        due_on=clock.today() + timedelta(days=days),
        member_ids=[staff[Role.REVIEWER].id],
        version_ids=[question.current.id for question in questions],
        creator=staff[Role.BANK_MANAGER],
    )


def _decide(question: Question, reviewer: Account, comment: str = "") -> None:
    open_version(question.current.id, reviewer.id, session=db.session)
    if comment:
        points = [name for name in CHECKLIST if name != "wording"]
        review(question, reviewer=reviewer, verdict=Verdict.RETURNED, comment=comment, passed=points)
    else:
        review(question, reviewer=reviewer, verdict=Verdict.APPROVED)


def _closed_set(questions: list[Question], staff: Mapping[Role, Account]) -> None:
    made = _set("Văn thư, đợt 1 (mẫu)", questions, 7, staff)
    for question in questions[:-1]:
        _decide(question, staff[Role.REVIEWER])
    _decide(questions[-1], staff[Role.REVIEWER], REASON)
    review_sets.close_set(made, left=0)
    review_sets.enter_decision(made, number="15/QĐ-MAU", day=clock.today())


def _open_set(questions: list[Question], staff: Mapping[Role, Account]) -> None:
    _set("Văn thư, đợt 2 (mẫu)", questions, 10, staff)
    _decide(questions[0], staff[Role.REVIEWER])
