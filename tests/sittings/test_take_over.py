"""One sitting and several devices: who holds it, a press that comes late, what comes from the device before."""

from __future__ import annotations

import json

import pytest

from examapp.core import clock
from examapp.sittings.device import COOKIE
from examapp.sittings.models import Sitting
from examapp.sittings.token import HEADER
from tests.sittings.builders import hall

FIRST, SECOND, THIRD = "1" * 26, "2" * 26, "3" * 26


@pytest.fixture
def moving(build, reader):
    """A sitting that runs on the first device, and browsers on others, all signed in as its candidate."""
    place = hall(build)
    account, candidate = place.candidate()
    sitting = place.sitting(candidate, device=FIRST)

    def at(device: str):
        browser = reader(account)
        browser.client.set_cookie(COOKIE, device, path="/sittings")
        browser.open(f"/sittings/{sitting.ref}")
        return browser

    return sitting, at


def test_the_press_moves_the_sitting_once(build, moving):
    sitting, at = moving
    second = at(SECOND)
    asked = second.page
    assert asked.heading == "Bài đang mở trên thiết bị khác"
    assert "Câu 1" in second.submit("Làm tiếp").text
    second.page = asked
    assert "Câu 1" in second.submit("Làm tiếp").text, "pressed twice: it is here already"
    assert build.get(Sitting, sitting.id).lease == 2
    assert at(FIRST).page.heading == "Bài đang mở trên thiết bị khác"


def test_a_press_that_comes_late_moves_nothing_back(build, moving):
    """Sent once more by a bad line, or pressed on a page that lay open: the sitting has gone on to a third device."""
    sitting, at = moving
    second, third = at(SECOND), at(THIRD)
    asked = second.page
    second.submit("Làm tiếp")
    third.open(third.page.url)
    third.submit("Làm tiếp")
    second.page = asked
    page = second.submit("Làm tiếp", status=409)
    assert build.get(Sitting, sitting.id).lease == 3
    assert page.heading == "Bài đang mở trên thiết bị khác"
    assert f"bài đã được mở ở một máy khác nữa lúc {clock.local(clock.now()):%H:%M}" in page.text
    assert "Câu 1" in second.submit("Làm tiếp").text, "asked again, and pressed again: now it moves"
    assert build.get(Sitting, sitting.id).lease == 4


@pytest.mark.parametrize("told", [{}, {"lease": ""}, {"lease": "x"}, {"lease": "9" * 5000}, {"lease": "2"}])
def test_a_press_that_does_not_say_which_device_it_was_asked_about(build, moving, told):
    sitting, at = moving
    page = at(SECOND).post(f"/sittings/{sitting.ref}/take-over", status=409, **told)
    assert "Nếu vẫn muốn làm tiếp ở máy này, hãy bấm lại." in page.text
    assert build.get(Sitting, sitting.id).lease == 1


def send(app, sitting, device: str, lease: int, *events) -> dict:
    """A save of the device that held the sitting under this lease; the reply."""
    token = app.extensions["sitting_signer"].sign(
        sitting_id=sitting.id, lease=lease, device=device, deadline_ms=sitting.deadline_ms
    )
    body = {"writer": f"writer-{device[:4]}", "epoch": "", "events": list(events)}
    reply = app.test_client().post("/sittings/save", json=body, headers={HEADER: token})
    assert reply.status_code == 200
    return reply.get_json()


def told_at_load(browser) -> int:
    return json.loads(browser.page.form("s1").get("data-exam"))["older"]


def test_the_new_device_is_told_what_comes_from_the_one_before(app, moving):
    sitting, at = moving
    send(app, sitting, FIRST, 1, [1, 1, [2], 5])
    second = at(SECOND)
    second.submit("Làm tiếp")
    assert told_at_load(second) == 1, "what came before is on the page"
    assert send(app, sitting, SECOND, 2)["older"] == 1
    send(app, sitting, FIRST, 1, [2, 3, [4], 5], [3, -3, ["Ghi chú"], 5])
    assert send(app, sitting, SECOND, 2)["older"] == 2, "at a contact; a note is no answer"
    assert send(app, sitting, SECOND, 2, [1, 4, [1], 5])["older"] == 2, "and with an answer of its own"
    second.open(second.page.url)
    assert told_at_load(second) == 2
    late = second.page.form("s1").find(".//input[@name='s3'][@value='4']")
    assert late.get("checked") is not None, "now it is on the page"


def test_what_a_device_had_answered_itself_before_is_not_told(app, moving):
    sitting, at = moving
    second = at(SECOND)
    second.submit("Làm tiếp")
    first = at(FIRST)
    first.submit("Làm tiếp")
    send(app, sitting, FIRST, 1, [1, 1, [2], 5])
    assert "older" not in send(app, sitting, FIRST, 3)
    send(app, sitting, SECOND, 2, [1, 2, [2], 5])
    assert send(app, sitting, FIRST, 3)["older"] == 1


def test_a_page_that_took_nothing_over_is_told_of_no_device_before(app, moving):
    sitting, _at = moving
    assert "older" not in send(app, sitting, FIRST, 1, [1, 1, [2], 5])
