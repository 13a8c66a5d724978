"""A whole sitting, from the sign-in page to the published result, and what the exam page weighs on the wire."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.demonstration.accounts import PASSWORD
from examapp.results.services import compute_results, publish_round
from examapp.rounds.models import Candidate, ExamRound, Paper
from examapp.rounds.services import close_round
from tests.bench.browser import Answer, Browser
from tests.bench.cpu import cpu_seconds
from tests.bench.examined import NOT_BEGUN
from tests.bench.figures import Figure
from tests.bench.stage import Instance, serving

SITTINGS = 40
WARM_UP = 20
"""Sittings before those that are measured: a server compiles its templates and a database plans its statements once."""
QUESTIONS = 40


@dataclass(frozen=True)
class Examinee:
    login: str
    candidate_id: int
    round_id: int
    round_code: str


def examinees(app: Flask, number: int) -> list[Examinee]:
    """People of the open round with a password and a paper of forty questions, who have not begun."""
    rows = (
        select(Account.login, Candidate.id, ExamRound.id, ExamRound.code, Paper.layout)
        .join(Candidate, Candidate.official_id == Account.official_id)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .join(Paper, Paper.candidate_id == Candidate.id)
        .where(
            NOT_BEGUN,
            Account.password_hash.is_not(None),
        )
        .order_by(Candidate.number)
    )
    with app.app_context():
        found = [
            Examinee(*row[:4]) for row in db.session.execute(rows) if len(json.loads(row[4])["slots"]) == QUESTIONS
        ]
        db.session.rollback()
    if len(found) < number:
        raise RuntimeError(f"the demonstration has only {len(found)} papers of {QUESTIONS} questions")
    return found[:number]


def sign_in_and_start(browser: Browser, person: Examinee) -> Answer:
    """As far as the exam page that Start leads to."""
    address = "/account/sign-in?next=/sittings/"
    page, _ = browser.open(address)
    home = browser.submit(page, address, login=person.login, password=PASSWORD)
    enter = f"/sittings/enter/{person.candidate_id}"
    if enter not in home.text:
        raise RuntimeError(f"{person.login} does not see the exam at {home.url}")
    rules, _ = browser.open(enter)
    return browser.submit(rules, enter)


def sit(browser: Browser, person: Examinee) -> None:
    """Everything the candidate does, as browser and script do it."""
    page = sign_in_and_start(browser, person)
    browser.load(page)
    token, writer = page.field("token"), secrets.token_urlsafe(12)
    slots = sorted({int(slot) for slot in re.findall(r'name="s(\d+)"', page.text)})
    for seq, slot in enumerate(slots, start=1):
        event = [seq, slot, [seq % 2 + 1], _now_ms()]
        told = browser.send("/sittings/save", {"writer": writer, "events": [event], "epoch": ""}, token)
        if told["ack"] != [seq]:
            raise RuntimeError(f"answer {seq} was not acknowledged: {told}")
    submission = {"writer": writer, "events": [], "epoch": "", "submit": [len(slots) + 1, _now_ms()]}
    told = browser.send(f"{page.url}/submit", submission, token)
    receipt, _ = browser.open(f"{page.url}/receipt")
    if told["receipt"] not in receipt.text or told["answered"] != QUESTIONS:
        raise RuntimeError(f"not a receipt of {QUESTIONS} answers: {told}")


def _now_ms() -> int:
    return int(time.time() * 1000)


def measure_sittings(instance: Instance) -> list[Figure]:
    app = instance.app()
    people = examinees(app, WARM_UP + SITTINGS)
    with serving(instance) as server:
        browsers = [Browser(server.port) for _ in people]

        def spent() -> tuple[float, float]:
            return server.cpu, _database_cpu(instance)

        for browser, person in zip(browsers[:WARM_UP], people, strict=False):
            sit(browser, person)
        begun = spent()
        for browser, person in zip(browsers[WARM_UP:], people[WARM_UP:], strict=True):
            sit(browser, person)
        sat = spent()
        services = _publish(app, people[0].round_id)
        published = spent()
        for browser, person in zip(browsers[:WARM_UP], people, strict=False):
            _see_result(browser, person)
        warm = spent()
        for browser, person in zip(browsers[WARM_UP:], people[WARM_UP:], strict=True):
            _see_result(browser, person)
        seen = spent()
        for browser in browsers:
            browser.close()
    web, database = (sat[i] - begun[i] + seen[i] - warm[i] for i in (0, 1))
    marking = (services + published[1] - sat[1]) / len(people)
    conditions = (
        f"{instance.kind}, mean of {SITTINGS} sittings of {QUESTIONS} questions in a row after {WARM_UP} others, from "
        "the sign-in page to the published result: pages with their assets, 40 saves of one answer, submission, "
        "receipt, marking, result"
    )
    values = {
        "sitting.cpu_s": (web + database) / SITTINGS + marking,
        "sitting.web_cpu_s": web / SITTINGS,
        "sitting.database_cpu_s": database / SITTINGS,
        "sitting.marking_cpu_s": marking,
    }
    return [Figure(f"{name}.{instance.kind}", value, "s", conditions) for name, value in values.items()]


def _see_result(browser: Browser, person: Examinee) -> None:
    page, _ = browser.open(f"/results/mine/round/{person.round_code}")
    if person.round_code not in page.text:
        raise RuntimeError("the result page does not show the round")


def _database_cpu(instance: Instance) -> float:
    return cpu_seconds(instance.cluster.pid) if instance.cluster else 0.0


def _publish(app: Flask, round_id: int) -> float:
    """Close, compute and publish by the services; the CPU seconds that this process took for it."""
    began = time.process_time()
    with app.app_context():
        with unit_of_work() as session:
            close_round(session.get_one(ExamRound, round_id), now=clock.now(), confirmed=True)
        with unit_of_work():
            compute_results(round_id)
        with unit_of_work() as session:
            publish_round(session.get_one(ExamRound, round_id))
        db.engine.dispose()
    return time.process_time() - began


def measure_page(instance: Instance) -> list[Figure]:
    """The exam page in a browser that knows nothing yet, and once more in the same browser."""
    person = examinees(instance.app(), 1)[0]
    with serving(instance) as server:
        browser = Browser(server.port)
        address = sign_in_and_start(browser, person).url
        fresh = browser.with_empty_cache()
        first, again = fresh.open(address), fresh.open(address)
    conditions = (
        f"bytes on the wire as brotli, headers included, of the page of {QUESTIONS} questions "
        "({requests} requests) in 1000 bytes"
    )
    return [
        _weight("page.exam.first_kb", first, conditions + ", nothing kept"),
        _weight("page.exam.again_kb", again, conditions + ", assets kept"),
    ]


def _weight(name: str, loaded: tuple[Answer, list[Answer]], conditions: str) -> Figure:
    answers = [loaded[0], *loaded[1]]
    total = sum(answer.wire for answer in answers)
    return Figure(name, total / 1000, "kB", conditions.format(requests=len(answers)))
