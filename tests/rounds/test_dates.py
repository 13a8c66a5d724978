"""Dates typed into the forms of a round: which of them cannot be meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import Builder
from tests.reader import Reader
from tests.rounds.builders import World, world

Open = Callable[..., Reader]


@pytest.fixture
def here(build: Builder) -> World:
    return world(build)


@pytest.fixture(autouse=True)
def _before_the_exam(time_machine: Any) -> None:
    time_machine.move_to("2026-03-02 08:00 +0700", tick=False)


def test_a_basis_of_a_day_to_come_is_refused(here: World, reader: Open) -> None:
    here.round()
    browser = reader(here.organiser)
    for address in ("/rounds/new", "/rounds/KT-2026-Q1/information"):
        browser.open(address)
        page = browser.submit(
            "legal_basis_number", name="Kỳ thi", legal_basis_number="1/KH", legal_basis_date="03/03/2026", status=422
        )
        assert page.texts("main//*[@id='legal_basis_date-error']") == [
            "Lỗi: Ngày này chưa đến: hôm nay là 02/03/2026. Hãy ghi ngày đã ban hành văn bản."
        ]
    browser.submit("legal_basis_number", legal_basis_date="02/03/2026")


def test_a_shift_does_not_end_in_the_past(here: World, reader: Open, time_machine: Any) -> None:
    here.round()
    browser = reader(here.organiser)
    browser.open("/rounds/KT-2026-Q1/shifts/new")
    times = {"starts_at": "02/03/2026 07:00", "ends_at": "02/03/2026 08:00"}
    page = browser.submit("starts_at", **times, place="Phòng 2", status=422)
    assert page.texts("main//*[@id='ends_at-error']") == [
        "Lỗi: Giờ này đã qua: bây giờ là 02/03/2026 08:00. Ca thi phải kết thúc sau lúc này."
    ]
    time_machine.move_to("2026-03-20 08:00 +0700", tick=False)
    browser = reader(here.organiser)
    browser.open(browser.open("/rounds/KT-2026-Q1/shifts").link("Ca 1"))
    browser.submit("starts_at", contact="Ông Mẫu")
    browser.open(browser.open("/rounds/KT-2026-Q1/shifts").link("Ca 1"))
    browser.submit("starts_at", ends_at="10/03/2026 10:00", status=422)


def test_a_day_that_does_not_exist_is_told_from_one_badly_written(here: World, reader: Open) -> None:
    here.round()
    browser = reader(here.organiser)
    browser.open("/rounds/KT-2026-Q1/shifts/new")
    for written, told in (
        ("31/02/2026 08:00", "Không có ngày 31/02/2026 trong lịch. Hãy xem lại ngày và tháng."),
        ("31.02.26 08:00", "Hãy ghi ngày và giờ dạng 05/02/2026 08:30."),
        ("28/02/2026 25:00", "Hãy ghi ngày và giờ dạng 05/02/2026 08:30."),
    ):
        page = browser.submit("starts_at", starts_at=written, ends_at="10/03/2026 09:30", status=422)
        assert page.texts("main//*[@id='starts_at-error']") == [f"Lỗi: {told}"]
    browser.open("/rounds/KT-2026-Q1/information")
    page = browser.submit("legal_basis_number", legal_basis_date="5/13/2026", status=422)
    assert "Không có ngày 5/13/2026 trong lịch." in page.text
