"""Practice in the demonstration: a small practice bank of samples, and people who used it these weeks."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank.content import content_of
from examapp.bank.models import BankKind
from examapp.core import clock
from examapp.core.db import db
from examapp.demonstration.accounts import example_officials
from examapp.demonstration.answers import make_up
from examapp.demonstration.samples import store_approved
from examapp.organisation.models import Official
from examapp.organisation.posts import posts_of
from examapp.practice.answers import keep_answer, sheet
from examapp.practice.choosing import next_question
from examapp.practice.reach import Reach, Wish
from question_bank.formats import read

FILE = Path(__file__).with_name("practice.gift")
PEOPLE = 40
"""So many practise, beside the examples to sign in with."""
RIGHT = 0.7


def build_practice(owner: Account, reviewer: Account, *, seed: int) -> None:
    """The bank, then its use. Chance of its own: what else is made up stays the same."""
    _build_bank(owner, reviewer)
    rng = random.Random(seed)  # noqa: S311 - invented data, no secret
    for official_id in _people(rng):
        _practise(official_id, rng)


def _build_bank(owner: Account, reviewer: Account) -> None:
    with FILE.open("rb") as stream:
        questions = read(stream, format="gift").questions
    store_approved(questions, bank=BankKind.PRACTICE, owner=owner, reviewer=reviewer)


def _people(rng: random.Random) -> list[int]:
    """The examples to sign in with, and people taken by chance."""
    codes = [login.upper() for login, _words in example_officials()]
    rows = db.session.execute(select(Official.id, Official.staff_code).order_by(Official.id)).all()
    examples = [official_id for official_id, code in rows if code in codes]
    others = [official_id for official_id, code in rows if code not in codes]
    return [*examples, *rng.sample(others, min(PEOPLE, len(others)))]


def _practise(official_id: int, rng: random.Random) -> None:
    """Some days of the last weeks, a few questions each."""
    today = clock.today()
    positions = tuple(dict.fromkeys(post.position for post in posts_of(official_id, on=today)))
    reach = Reach(official_id, today, positions, frozenset())
    for days in sorted(rng.sample(range(1, 26), rng.randrange(1, 4)), reverse=True):
        _sit_down(reach, clock.now() - timedelta(days=days), rng)


def _sit_down(reach: Reach, moment: datetime, rng: random.Random) -> None:
    for _turn in range(rng.randrange(3, 8)):
        question = next_question(reach, Wish(), now=moment)
        if question is None:
            return
        shown, moment = moment, moment + timedelta(seconds=rng.randrange(15, 90))
        content = content_of(question.current)
        ticket = sheet(question, reach, now=shown).ticket
        response = make_up(content, ticket.order(content), rng.random() < RIGHT, rng)
        keep_answer(question, ticket, response, now=moment)
