"""The candidate's road without JavaScript, as far as the exam page, and what it left behind."""

from __future__ import annotations

import re

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core import db as database
from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Sitting


def only_sitting(app) -> Sitting:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.scalars(select(Sitting)).one()


def events(app) -> list[tuple[int, str]]:
    with app.app_context(), Session(db.engine) as session:
        order = (AnswerEvent.received_ms, AnswerEvent.slot)
        return [(e.slot, e.response) for e in session.scalars(select(AnswerEvent).order_by(*order))]


def change(app, table, **values) -> None:
    with app.app_context(), database.writing(), db.engine.begin() as connection:
        connection.execute(update(table).values(values))


def begin(reader, account):
    browser = reader(account)
    browser.open("/sittings/")
    browser.open(browser.page.link("Đọc nội quy và vào thi"))
    browser.submit("Bắt đầu làm bài")
    return browser


def path_of(browser) -> str:
    return "/sittings/" + re.search(r"/sittings/([0-9a-z]{26})", browser.page.url)[1]
