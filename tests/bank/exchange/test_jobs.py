"""Merging in steps: all of a package at one moment or nothing, whatever happens to the runner on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from examapp.bank.exchange.models import ExchangeItem, ExchangePackage, PackageState
from examapp.bank.models import Question, QuestionText, QuestionVersion, Topic
from examapp.core import clock, jobs
from examapp.core.db import db, unit_of_work
from examapp.core.jobs import Work
from examapp.core.models import Job, JobState
from tests.bank.builders import content


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr("examapp.bank.exchange.merge.CHUNK", 2)
    monkeypatch.setattr("examapp.bank.exchange.receive.CHUNK", 2)
    monkeypatch.setattr("examapp.bank.exchange.gather.CHUNK", 2)


@pytest.fixture
def interrupted(monkeypatch):
    """The call of progress with this number kills the runner; nothing of it is caught."""
    tell = Work.progress

    def at(number, error):
        calls = []

        def progress(self, done, total, message=""):
            calls.append(done)
            if len(calls) == number:
                raise error
            tell(self, done, total, message)

        monkeypatch.setattr(Work, "progress", progress)
        return calls

    return at


@pytest.fixture
def waiting(province, commune):
    """A package at the commune: two questions that are here and were edited there, five new ones of a new topic."""
    known = [province.question(f"Câu có sẵn {n}?") for n in (1, 2)]
    commune.trust(province, review=True)
    commune.receive(province.pack())
    for question in known:
        province.edit(question.uid, "Tỉnh sửa?")
    topic = province.build.topic("moi", "Chuyên đề mới", position_id=province.justice.id)
    for n in range(5):
        said = content(f"Câu mới {n}?", topic="moi", positions=(province.justice.code,))
        province.build.question(topic, province.justice, content=said)
    reader, page = commune.upload(province.pack())
    reader.submit("Nhận 7")
    return known, page.url


def seen(place):
    """What the list shows."""
    page = place.open().open("/bank/")
    return [text for text in page.texts("td") if "mới" in text or "sửa" in text]


def after_a_while(place):
    with place.app.app_context():
        with unit_of_work():
            db.session.execute(update(Job).values(heartbeat_at=clock.now() - timedelta(minutes=5)))
        jobs.sweep()


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_killed_runner_leaves_nothing_to_be_seen_and_the_next_one_goes_on(commune, waiting, interrupted, number):
    known, _url = waiting
    interrupted(number, SystemExit())
    with pytest.raises(SystemExit):
        commune.work()
    assert seen(commune) == []
    assert commune.stems(known[0].uid) == ["Câu có sẵn 1?"]
    assert commune.ask(select(ExchangePackage.state).order_by(ExchangePackage.id.desc())) is PackageState.MERGING
    after_a_while(commune)
    assert len(seen(commune)) == 7
    assert commune.stems(known[0].uid) == ["Câu có sẵn 1?", "Tỉnh sửa?"]
    assert commune.count(Question) == 7
    assert commune.count(QuestionVersion) == 9


@pytest.mark.parametrize("error", [jobs.Cancelled(), RuntimeError("đĩa đầy")])
def test_whoever_stops_it_finds_the_bank_as_it_was(commune, waiting, interrupted, error):
    _known, url = waiting
    interrupted(3, error)
    commune.work()
    assert (commune.count(Question), commune.count(QuestionVersion), commune.count(QuestionText)) == (2, 2, 2)
    assert commune.ask(select(Topic.id).where(Topic.code == "moi")) is None
    assert commune.ask(select(Job.state).order_by(Job.id.desc())) in {JobState.CANCELLED, JobState.FAILED}
    reader = commune.open()
    page = reader.open(url)
    assert "chọn nhận 7 câu" in page.text
    reader.submit("Nhận 7")
    commune.work()
    assert commune.count(Question) == 7


def test_one_package_at_a_time(province, commune, waiting):
    province.question("Câu nữa?")
    reader, page = commune.upload(province.pack())
    assert "Một gói khác đang được nhận" in reader.submit("Nhận", status=409).text
    commune.work()
    reader.open(page.url)
    reader.submit("Nhận")
    commune.work()
    assert commune.count(Question) == 8


def test_a_large_package_is_compared_by_a_job(province, commune, monkeypatch):
    monkeypatch.setattr("examapp.bank.exchange.receive.AT_ONCE", 2)
    for n in range(5):
        province.question(f"Câu {n}?")
    commune.trust(province)
    reader, page = commune.upload(province.pack())
    assert page.heading == "So gói từ Sở Nội vụ (mẫu) với ngân hàng"
    commune.work()
    page = reader.open(reader.open(page.url).link("Xem kết quả"))
    assert "5 câu trong gói, chọn nhận 5 câu" in page.text
    page = reader.submit("So lại")
    assert page.heading == "So gói từ Sở Nội vụ (mẫu) với ngân hàng"
    commune.work()
    assert commune.count(ExchangeItem) == 5


def test_an_image_that_is_none_keeps_its_question_out(province, commune):
    from examapp.core.files import store_file

    with province.app.app_context(), unit_of_work():
        fake = store_file(b"no image", name="x.png", kind="question_image", media_type="image/png", owner_id=None)
        sha256 = fake.sha256
    said = content("Hình gì?", stem_html=f'<p>Hình gì? <img src="media:{sha256}" alt="x"></p>')
    province.build.question(province.topic, province.justice, content=said)
    province.question("Không hình?")
    commune.trust(province)
    page = commune.receive(province.pack())
    assert "Hình của câu này thiếu hoặc không dùng được" in page.text
    assert commune.all(select(QuestionVersion.stem)) == [("Không hình?",)]
