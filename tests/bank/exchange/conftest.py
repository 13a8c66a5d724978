"""Two installations: the province is the application of all tests, the commune one with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from config import Settings
from examapp import create_app
from examapp.accounts.models import Account, Role
from examapp.bank.models import LegalDocument, Question, QuestionState, QuestionVersion, Topic
from examapp.bank.questions import edit_question
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.core.models import Deployment, File, FileContent, Job
from examapp.models import Base
from examapp.organisation.models import Position
from tests.bank.builders import content
from tests.builders import Builder
from tests.conftest import _clear
from tests.reader import Page, Reader


@pytest.fixture(scope="session")
def other_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("commune")
    settings = Settings(
        secret_key="only for tests, never served",
        data=folder,
        database_url=f"sqlite:///{folder / 'commune.sqlite'}",
        managing_body="Ủy ban nhân dân xã Mẫu",
        demo=True,
        testing=True,
    )
    app = create_app(settings)
    with app.app_context():
        event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        with database.writing(), db.engine.begin() as connection:
            Base.metadata.create_all(connection)
    yield app
    with app.app_context():
        db.engine.dispose()


@dataclass
class Place:
    """One installation with the keeper of its bank, a position, a topic and a checked document."""

    app: Flask
    build: Builder
    keeper: Account
    second: Account
    """Another keeper: what counts as reviewed takes two."""
    justice: Position
    topic: Topic
    law: LegalDocument
    name: str

    def open(self) -> Reader:
        return Reader(self.app, self.keeper)

    def question(self, stem: str = "Sổ chứng thực do ai giữ?", **columns: Any) -> Question:
        said = content(stem, topic=self.topic.code, positions=(self.justice.code,))
        return self.build.question(self.topic, self.justice, content=said, document=self.law, **columns)

    def edit(self, uid: str, stem: str, **columns: Any) -> None:
        """A new version, by somebody who writes questions here."""
        writer = self.build.account(None, Role.EXAMINER)
        with self.app.app_context(), database.unit_of_work() as session:
            found = session.scalars(select(Question).where(Question.uid == uid)).one()
            edit_question(
                found,
                content=content(stem, **columns),
                topic=found.current.topic,
                positions=list(found.positions),
                is_common=found.is_common,
                editor=session.get_one(Account, writer.id),
            )

    def put(self, uid: str, **columns: Any) -> None:
        """Columns of the question as an act elsewhere would have left them."""
        with self.app.app_context(), database.unit_of_work() as session:
            session.execute(update(Question).where(Question.uid == uid).values(**columns))

    def stems(self, uid: str) -> list[str]:
        """What the versions ask, the oldest first; the present one is the last."""
        query = (
            select(QuestionVersion.stem, QuestionVersion.id, Question.current_id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.uid == uid)
            .order_by(QuestionVersion.number)
        )
        rows = self.all(query)
        assert not rows or rows[-1][1] == rows[-1][2]
        return [row[0] for row in rows]

    def state(self, uid: str) -> QuestionState | None:
        return self.ask(select(Question.state).where(Question.uid == uid))

    def work(self) -> None:
        with self.app.app_context():
            run_waiting()

    def ask(self, query: Any) -> Any:
        with self.app.app_context():
            return db.session.scalar(query)

    def all(self, query: Any) -> list[Any]:
        with self.app.app_context():
            return list(db.session.execute(query).all())

    def count(self, kind: Any) -> int:
        return self.ask(select(func.count()).select_from(kind))

    def pack(self, **fields: str) -> bytes:
        """The package that the page gives of everything that passes the filters."""
        reader = self.open()
        reader.open("/bank/exchange/pack")
        page = reader.submit("bank", **fields)
        self.work()
        assert "Đã lập gói" in reader.open(page.url).text, reader.page.text
        return self.newest_file()

    def newest_file(self) -> bytes:
        """What the last job gave."""
        newest = select(File.sha256).join(Job, Job.result_file_id == File.id).order_by(File.id.desc()).limit(1)
        return self.ask(select(FileContent.data).where(FileContent.sha256 == newest.scalar_subquery()))

    def trust(self, other: Place, *, review: bool = False) -> None:
        """Copy the key from the other installation's page into this one's."""
        theirs = other.open()
        if "Tạo khóa" in theirs.open("/bank/exchange").text:
            theirs.submit("Tạo khóa")
        key = theirs.page.texts("code")[0]
        mine = self.open()
        mine.open("/bank/exchange")
        mine.submit("Thêm", name=other.name, key=key)
        if review:
            second = Reader(self.app, self.second)
            second.open("/bank/exchange")
            second.submit("Công nhận thẩm định")

    def upload(self, data: bytes, *, status: int = 200, name: str = "goi.thuocdo") -> tuple[Reader, Page]:
        reader = self.open()
        reader.open("/bank/exchange")
        return reader, reader.submit("file", file=(BytesIO(data), name), status=status)

    def receive(self, data: bytes) -> Page:
        """Upload, take what is chosen by default, and see what came of it."""
        reader, page = self.upload(data)
        reader.submit("Nhận")
        self.work()
        return reader.open(page.url)


def place(app: Flask, name: str) -> Place:
    build = Builder(app)
    keeper = build.account(None, Role.BANK_MANAGER, display_name=f"Phụ trách ngân hàng {name} (mẫu)")
    justice = build.position("tp_tu_phap", "Tư pháp (mẫu)")
    topic = build.topic("tp_chung_thuc", "Chứng thực", position_id=justice.id)
    law = build.document("23/2015/NĐ-CP", title="Nghị định về chứng thực (mẫu)")
    second = build.account(None, Role.BANK_MANAGER, display_name=f"Phụ trách thứ hai {name} (mẫu)")
    return Place(app, build, keeper, second, justice, topic, law, name)


@pytest.fixture
def province(app: Flask) -> Iterator[Place]:
    yield place(app, "Sở Nội vụ (mẫu)")
    (app.config["SETTINGS"].data / "exchange_key.pem").unlink(missing_ok=True)


@pytest.fixture
def commune(other_app: Flask) -> Iterator[Place]:
    with other_app.app_context(), database.unit_of_work() as session:
        session.add(Deployment(id=1, epoch="epoch-of-tests"))
    yield place(other_app, "Xã Mẫu")
    (other_app.config["SETTINGS"].data / "exchange_key.pem").unlink(missing_ok=True)
    _clear(other_app)


@pytest.fixture
def friends(province, commune):
    """Each trusts the other's key; the commune takes the province's review as its own."""
    commune.trust(province, review=True)
    province.trust(commune)
