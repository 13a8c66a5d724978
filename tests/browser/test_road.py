"""The whole road in a real browser against the real server: from a Word file to the yearly evaluation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import organising, questions, results, sitting
from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser

ON_PHONE, WITHOUT_SCRIPT, BY_KEYBOARD = "cb0011", "cb0012", "cb0039"
"""Two officials of the round's commune who hold its position, and one of the demonstration's open round."""


def test_the_road(visitors: Visitors, tmp_path: Path, pictures: Path | None) -> None:
    if pictures:
        _take_pictures(visitors, pictures)
    _questions(visitors, tmp_path)
    organiser = visitors.open("tochuc")
    organising.build_matrix(organiser)
    organising.edit_common_matrix(organiser)
    url = organising.create(organiser)
    organising.choose_matrices(organiser, url)
    organising.add_shift(organiser, url)
    enrolled = organising.enrol(organiser, url)
    organising.seal_and_open(organiser, url)

    phone = visitors.open(ON_PHONE, width=360)
    code = sitting.sit_with_a_cut_network(phone, visitors.tab(phone.context), pictures)
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code)
    plain = visitors.open(WITHOUT_SCRIPT, width=360, java_script_enabled=False)
    assert sitting.sit_as_plain_form(plain) != code

    organising.watch(organiser, url, submitted=2, enrolled=enrolled, receipt=code)
    organising.close(organiser, url)
    name = url.rsplit("/", 1)[1]
    results.compute_and_publish(organiser, name)
    results.recognise(organiser, name)
    person = results.see_own_result(phone)
    results.export(organiser, name, person)
    results.evaluate(visitors.open("danhgia"), person)
    results.look_over(visitors.open("lanhdao"))


def _questions(visitors: Visitors, folder: Path) -> None:
    """From the file to the approved bank, by two people."""
    examiner = visitors.open("cauhoi")
    questions.upload(examiner, questions.write_file(folder))
    questions.mend(examiner)
    questions.confirm(examiner)
    questions.rewrite(examiner)
    questions.submit(examiner)
    questions.approve_all(visitors.open("thamdinh"))


def _take_pictures(visitors: Visitors, folder: Path) -> None:
    """Of the demonstration as it is before anybody has done anything."""
    for login, address, name in (("cauhoi", "/bank/", "bank"), ("lanhdao", "/overview", "overview")):
        page = visitors.open(login)
        page.goto(address)
        page.screenshot(path=folder / f"{name}-1280.png", clip={"x": 0, "y": 0, "width": 1280, "height": 720})


def test_the_keyboard_is_enough(visitors: Visitors) -> None:
    sitting.sit_by_keyboard(visitors.open(BY_KEYBOARD))


@pytest.mark.parametrize(
    ("login", "address", "heading"),
    [
        ("cauhoi", "/bank/", "Question bank"),
        ("tochuc", "/rounds/", "Round"),
        ("cb0032", "/sittings/", "My exams"),
        ("lanhdao", "/overview", "Overview"),
    ],
)
def test_english_and_back(visitors: Visitors, login: str, address: str, heading: str) -> None:
    page = visitors.open(login)
    page.goto(address)
    vietnamese = page.locator("h1").inner_text()
    page.get_by_role("link", name="English").first.click()
    page.get_by_role("heading", level=1, name=re.compile(heading, re.IGNORECASE)).wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Tiếng Việt").first.click()
    page.get_by_role("heading", level=1, name=vietnamese).wait_for()
