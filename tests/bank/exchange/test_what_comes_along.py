"""What comes along with questions: law, topics and positions, images, figures."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from sqlalchemy import select

from examapp.bank.exchange.models import (
    ExchangeItem,
    Fate,
    ForeignStatistic,
    VersionAlias,
)
from examapp.bank.media import image_bytes, keep_image
from examapp.bank.models import (
    Citation,
    ItemStatistic,
    LegalAmendment,
    LegalDocument,
    Mark,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionVersion,
    Topic,
)
from examapp.core import db as database
from examapp.core.room import HeldRound
from examapp.organisation.models import Position
from tests.bank.builders import content


def fates(place):
    return dict(place.all(select(ExchangeItem.uid, ExchangeItem.fate).order_by(ExchangeItem.id)))


def digests(place, uid):
    query = select(QuestionVersion.digest).join(Question, Question.id == QuestionVersion.question_id)
    return [row[0] for row in place.all(query.where(Question.uid == uid).order_by(QuestionVersion.number))]


def test_law_comes_unconfirmed_and_ours_is_never_overwritten(province, commune):
    successor = province.build.document("7/2026/NĐ-CP", title="Nghị định thay thế (mẫu)")
    with province.app.app_context(), database.unit_of_work() as session:
        law = session.get_one(LegalDocument, province.law.id)
        law.superseded_by_id, law.superseded_on = successor.id, successor.in_force_from.replace(year=2027)
    new = province.build.document("9/2026/NĐ-CP", title="Nghị định mới (mẫu)")
    amending = province.build.document("8/2026/NĐ-CP")
    province.build.save(LegalAmendment(document_id=new.id, amended_by_id=amending.id, from_on=new.in_force_from))
    said = content("Câu theo luật mới?", citations=citing("9/2026/NĐ-CP", "23/2015/NĐ-CP"))
    question = province.build.question(province.topic, province.justice, content=said, document=new)
    commune.trust(province, review=True)
    reader, page = commune.upload(province.pack())
    assert "Khác ngày" in page.text
    assert "Được thay bằng: ở đây –, nơi gửi ghi 7/2026/NĐ-CP" in page.text
    reader.submit("Nhận")
    commune.work()
    query = select(
        LegalDocument.symbol, LegalDocument.mark, LegalDocument.status_checked, LegalDocument.superseded_by_id
    )
    assert {row[0]: tuple(row[1:]) for row in commune.all(query)} == {
        "23/2015/NĐ-CP": (Mark.VERIFIED, True, None),
        "9/2026/NĐ-CP": (Mark.UNVERIFIED, False, None),
        "8/2026/NĐ-CP": (Mark.UNVERIFIED, False, None),
    }
    assert commune.count(LegalAmendment) == 1
    assert commune.all(select(Citation.document_id).where(Citation.document_id.is_(None))) == []
    assert commune.state(question.uid) is QuestionState.APPROVED  # and not drawn before its law is confirmed
    page = commune.open().open(f"/bank/questions/{commune.ask(select(Question.code))}")
    assert "chưa được xác nhận hiệu lực" in page.text


def citing(*symbols):
    from question_bank.question import Citation as Cited

    return tuple(Cited(symbol, "1") for symbol in symbols)


def test_topics_are_made_under_their_strand_or_mapped(friends, province, commune):
    above = province.build.topic("ho_tich", "Hộ tịch", position_id=province.justice.id)
    below = province.build.topic("khai_sinh", "Khai sinh", parent_id=above.id, position_id=province.justice.id)
    said = content("Khai sinh ở đâu?", topic=below.code, positions=(province.justice.code,))
    question = province.build.question(below, province.justice, content=said)
    reader, page = commune.upload(province.pack())
    assert "Chuyên đề “Khai sinh”" in page.text
    reader.submit("topic_code", topic=[commune.topic.code, ""])
    reader.submit("Bỏ gói này")
    data = province.pack()
    commune.receive(data)
    rows = commune.all(select(Topic.code, Topic.id, Topic.parent_id, Topic.position_id).order_by(Topic.id))
    made = {row.code: row for row in rows}
    assert made["khai_sinh"].parent_id == made["ho_tich"].id
    assert made["khai_sinh"].position_id == commune.justice.id
    assert digests(commune, question.uid) == digests(province, question.uid)


def test_a_mapped_topic_and_position_do_not_make_it_another_question(friends, province, commune):
    land = province.build.position("nn_dat_dai", "Đất đai (mẫu)")
    topic = province.build.topic("dd_quan_ly", "Quản lý đất đai", position_id=land.id)
    said = content("Ai lập sổ địa chính?", topic=topic.code, positions=(land.code,))
    question = province.build.question(topic, land, content=said)
    data = province.pack()
    reader, page = commune.upload(data)
    assert "Chưa rõ vị trí (1)" in page.text
    assert "Chưa biết vị trí nn_dat_dai" in page.text
    reader.submit("position_code", position=commune.justice.code, topic=commune.topic.code)
    assert fates(commune) == {question.uid: Fate.NEW}
    reader.submit("Nhận")
    commune.work()
    assert digests(commune, question.uid) != digests(province, question.uid)
    assert digests(province, question.uid) == [commune.ask(select(VersionAlias.digest))]
    province.upload(commune.pack())
    assert fates(province) == {question.uid: Fate.SAME}
    commune.edit(question.uid, "Xã sửa?")
    province.receive(commune.pack())
    assert province.stems(question.uid) == ["Ai lập sổ địa chính?", "Xã sửa?"]
    query = (
        select(Position.code, Topic.code)
        .join(QuestionPosition)
        .join(Question, Question.id == QuestionPosition.question_id)
    )
    query = query.join(QuestionVersion, QuestionVersion.id == Question.current_id).join(
        Topic, Topic.id == QuestionVersion.topic_id
    )
    assert province.all(query) == [(land.code, topic.code)], "where it stands there is not where it stands here"


def test_unmapped_positions_are_left_and_named(friends, province, commune):
    land = province.build.position("nn_dat_dai", "Đất đai (mẫu)")
    province.build.question(province.topic, land, content=content("Ai lập sổ?", positions=(land.code,)))
    page = commune.receive(province.pack())
    assert "Chưa biết vị trí nn_dat_dai" in page.text
    assert commune.count(Question) == 0


def picture(colour="red"):
    out = BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return out.getvalue()


def test_images_come_along(friends, province, commune):
    with province.app.app_context(), database.unit_of_work():
        sha256 = keep_image(picture(), None)
    html = f'<p>Biển này là gì? <img src="media:{sha256}" alt="Biển đỏ"></p>'
    said = content("Biển này là gì? [Hình: Biển đỏ]", stem_html=html, positions=(province.justice.code,))
    question = province.build.question(province.topic, province.justice, content=said)
    reader, page = commune.upload(province.pack())
    assert [image.get("alt") for image in page.all("main//img")] == ["Biển đỏ"]
    reader.submit("Nhận")
    commune.work()
    assert commune.stems(question.uid) == ["Biển này là gì? [Hình: Biển đỏ]"]
    with commune.app.app_context():
        assert set(image_bytes([sha256])) == {sha256}


def test_figures_of_the_sender_stand_apart(province, commune, monkeypatch):
    question = province.question()
    unit = province.build.unit()
    first, second = province.build.save(*rounds(unit, 1)), province.build.save(*rounds(unit, 2))
    province.build.save(
        ItemStatistic(version_id=question.current_id, round_id=first.id, papers=100, answered=90, facility=400),
        ItemStatistic(
            version_id=question.current_id,
            round_id=second.id,
            papers=300,
            answered=300,
            facility=800,
            discrimination=250,
        ),
    )
    held = [HeldRound(one.id, "Kỳ mẫu", "", one.posts_on, True) for one in (first, second)]
    monkeypatch.setitem(province.app.extensions, "rounds", [lambda: held])
    commune.trust(province)
    commune.receive(province.pack())
    data = province.pack()
    commune.receive(data)
    assert commune.all(
        select(
            ForeignStatistic.year,
            ForeignStatistic.papers,
            ForeignStatistic.answered,
            ForeignStatistic.facility,
            ForeignStatistic.discrimination,
        )
    ) == [(2026, 400, 390, 700, 250)]
    code = commune.ask(select(Question.code).where(Question.uid == question.uid))
    page = commune.open().open(f"/bank/questions/{code}/usage")
    assert "Số liệu từ nơi khác" in page.text
    assert "0,70" in page.text
    assert commune.count(ItemStatistic) == 0


def rounds(unit, number):
    from datetime import date

    from examapp.rounds.models import ExamRound, Period, Setting

    return [
        ExamRound(
            code=f"Q{number}",
            name="Kỳ thi mẫu",
            year=2026,
            period=Period.QUARTER,
            period_number=number,
            legal_basis_number="01/KH",
            legal_basis_date=date(2026, 1, 5),
            setting=Setting.SUPERVISED,
            minutes=45,
            unit_id=unit.id,
            posts_on=date(2026, 3, number),
        )
    ]
