"""Builders: rows for tests with as few words as possible. All names are invented."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, Grant, Role
from examapp.bank.models import (
    BankKind,
    Citation,
    LegalDocument,
    Mark,
    Question,
    QuestionState,
    QuestionText,
    QuestionVersion,
    Strand,
    Topic,
)
from examapp.core import db as database
from examapp.core import text
from examapp.core.db import Base
from examapp.organisation.models import (
    Official,
    Position,
    Post,
    PostReason,
    StaffCategory,
    Unit,
    UnitKind,
    UnitParent,
)
from question_bank import question as domain

START = date(2025, 7, 1)


class Builder:
    """Each method stores one thing, commits it, and returns it detached with its columns loaded."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    def save(self, *rows: Any) -> Any:
        with self.app.app_context(), database.writing():
            engine = database.db.engine
            with Session(engine, expire_on_commit=False) as session, session.begin():
                session.add_all(rows)
        return rows[0]

    def get(self, kind: type[Base], key: Any) -> Any:
        """The row as it stands in the database now."""
        with self.app.app_context(), Session(database.db.engine, expire_on_commit=False) as session:
            return session.get_one(kind, key)

    def unit(
        self, name: str = "Xã Mẫu", *, parent: Unit | None = None, kind: UnitKind = UnitKind.COMMUNE, **columns: Any
    ) -> Unit:
        number = next(self._numbers)
        columns.setdefault("valid_from", START)
        columns.setdefault("code", f"dv{number}")
        unit = self.save(Unit(name=name, name_fold=text.fold(name), kind=kind, **columns))
        if parent is not None:
            self.save(UnitParent(unit_id=unit.id, parent_id=parent.id, valid_from=columns["valid_from"]))
        return unit

    def position(self, code: str = "", name: str = "Tư pháp (mẫu)", **columns: Any) -> Position:
        columns.setdefault("staff_category", StaffCategory.CIVIL_SERVANT)
        columns.setdefault("valid_from", START)
        columns.setdefault("catalogue", "361_2025")
        return self.save(
            Position(code=code or f"vt{next(self._numbers)}", name=name, name_fold=text.fold(name), **columns)
        )

    def official(self, full_name: str = "Nguyễn Văn Mẫu", **columns: Any) -> Official:
        columns.setdefault("staff_category", StaffCategory.CIVIL_SERVANT)
        columns.setdefault("staff_code", f"CB{next(self._numbers):05d}")
        given = columns.pop("given_name", text.given_name_of(full_name))
        return self.save(
            Official(
                full_name=full_name,
                given_name=given,
                sort_key=text.sort_key(full_name, given),
                name_fold=text.fold(full_name),
                **columns,
            )
        )

    def post(self, official: Official, position: Position, unit: Unit, **columns: Any) -> Post:
        columns.setdefault("valid_from", START)
        columns.setdefault("is_primary", True)
        columns.setdefault("reason", PostReason.APPOINTMENT)
        return self.save(Post(official_id=official.id, position_id=position.id, unit_id=unit.id, **columns))

    def account(
        self, official: Official | None = None, *roles: Role, unit: Unit | None = None, **columns: Any
    ) -> Account:
        """An account with these roles, each over ``unit`` (everything without one)."""
        number = next(self._numbers)
        columns.setdefault("login", official.staff_code.lower() if official else f"tk{number}")
        columns.setdefault("display_name", official.full_name if official else f"Tài khoản {number} (mẫu)")
        account = self.save(Account(official_id=official.id if official else None, **columns))
        for role in roles:
            self.grant(account, role, unit=unit)
        return account

    def grant(
        self, account: Account, role: Role, *, unit: Unit | None = None, position: Position | None = None
    ) -> Grant:
        return self.save(
            Grant(
                account_id=account.id,
                role=role,
                unit_id=unit.id if unit else None,
                position_id=position.id if position else None,
                valid_from=START,
            )
        )

    def topic(self, code: str = "", name: str = "Chuyên đề mẫu", **columns: Any) -> Topic:
        columns.setdefault("strand", Strand.PROFESSIONAL)
        return self.save(Topic(code=code or f"cd{next(self._numbers)}", name=name, **columns))

    def document(self, symbol: str = "", **columns: Any) -> LegalDocument:
        columns.setdefault("title", "Văn bản mẫu")
        columns.setdefault("mark", Mark.VERIFIED)
        columns.setdefault("status_checked", True)
        columns.setdefault("in_force_from", date(2020, 1, 1))
        return self.save(LegalDocument(symbol=symbol or f"{next(self._numbers)}/2025/NĐ-CP", **columns))

    def question(
        self,
        topic: Topic,
        *positions: Position,
        level: domain.Level = domain.Level.RECALL,
        state: QuestionState = QuestionState.APPROVED,
        content: domain.Question | None = None,
        document: LegalDocument | None = None,
        author: Account | None = None,
        bank: BankKind = BankKind.EXAM,
        **columns: Any,
    ) -> Question:
        """A stored question; without positions it is common to all."""
        number = next(self._numbers)
        content = content or domain.Question(
            kind="single_choice",
            stem=f"Câu hỏi mẫu số {number} là gì?",
            options=tuple(domain.Option(f"Phương án {x} của câu {number}", correct=x == "A") for x in "ABCD"),
            level=level,
            topic=topic.code,
        )
        data = domain.canonical_json(content.as_json())
        question = self.save(
            Question(
                code=f"CH-{number:06d}",
                bank=bank,
                state=state,
                is_common=not positions,
                owner_id=author.id if author else None,
                **columns,
            )
        )
        version = self.save(
            QuestionVersion(
                question_id=question.id,
                number=1,
                kind=content.kind,
                level=content.level or level,
                topic_id=topic.id,
                stem=content.stem,
                content=data,
                digest=domain.digest(data),
                points=content.points,
                author_id=author.id if author else None,
            )
        )
        folded, marked = text.fold(content.stem), content.stem.lower()
        self.save(QuestionText(question_id=question.id, folded=folded, marked=marked))
        if document is not None:
            self.save(Citation(version_id=version.id, document_id=document.id, symbol=document.symbol))
        from examapp.bank.models import QuestionPosition

        for position in positions:
            self.save(QuestionPosition(question_id=question.id, position_id=position.id))
        self._point_at(question, version)
        return self.get(Question, question.id)

    def _point_at(self, question: Question, version: QuestionVersion) -> None:
        with self.app.app_context(), database.unit_of_work() as session:
            session.get_one(Question, question.id).current_id = version.id
