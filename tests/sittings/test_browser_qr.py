"""At zero without network, in a real Chromium: QR codes on the screen, photos of them taken in, and what counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Delivery, DeliveryWay, Sitting, UnsentCode
from examapp.sittings.parts import joined, parts_in
from tests.browser.test_pages import AXE, overflow, violations
from tests.chromium import CHROMIUM
from tests.invigilation.test_codes import invigilator
from tests.sittings.access import Looks
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.codes import cut, encoded, photo
from tests.sittings.test_browser import change, choose, enter, the_sitting, wait_saved
from tests.sittings.test_browser_page import left_for

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

KINDS = one_of_each_kind()
CHOICE, ESSAY = KINDS[0], KINDS[10]
WORDS = ["hồ sơ", "hộ tịch", "chứng thực", "tiếp nhận", "giải quyết", "thẩm quyền", "thời hạn", "biên bản", "đất đai"]
SHORT = "Tiếp nhận hồ sơ, hẹn ngày trả (mẫu)."
MORE_MS = 3_600_000


def essay(count: int) -> str:
    """A text that does not squeeze away."""
    chance = random.Random(7)
    return " ".join(f"{chance.choice(WORDS)} {chance.randrange(1000)}" for _ in range(count))


def stuck(app, page, typed: str) -> str:
    """Something arrives, the script of the codes with it; then the network goes, and time is over. The code shown."""
    choose(page, 1, 1)
    wait_saved(page)
    page.wait_for_selector("script[src*='/qr-']", state="attached")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Tiếp").click()
    left_for(app, 6000)
    with page.expect_response("**/sittings/save"):
        page.locator("#q2 textarea").first.fill("Nháp (mẫu)")
        page.locator("#q2 textarea").first.blur()
    wait_saved(page)
    page.context.set_offline(True)
    page.locator("#q2 textarea").first.fill(typed)
    page.locator("#q2 textarea").first.blur()
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for()
    return page.locator("#ending .receipt-code").inner_text()


def show(page) -> int:
    """The codes, and how many there are."""
    page.get_by_role("button", name="Hiện mã QR").click()
    told = page.locator(".codes-place")
    told.wait_for()
    number, _of, total = told.inner_text().removeprefix("Mã ").split()
    assert number == "1"
    return int(total)


def as_a_camera(screen: bytes) -> bytes:
    """Held askew, out of focus, saved as cameras save."""
    picture = Image.open(BytesIO(screen)).convert("RGB").rotate(5, expand=True, fillcolor="#777")
    out = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=60)
    return out.getvalue()


def photos_of(page, total: int) -> list[bytes]:
    """The screen as it is with each code, the last first."""
    taken = []
    back, on = page.get_by_role("button", name="Mã trước"), page.get_by_role("button", name="Mã tiếp")
    for _ in range(total - 1):
        on.click()
    assert total == 1 or (back.is_enabled(), on.is_enabled()) == (True, False)
    for number in range(total, 0, -1):
        if number < total:
            back.click()
        page.get_by_text(f"Mã {number} / {total}", exact=True).wait_for()
        page.locator(".codes-frame").scroll_into_view_if_needed()
        page.locator(".codes-frame svg").evaluate("svg => svg.scrollIntoView({block: 'center'})")
        taken.append(as_a_camera(page.screenshot()))
    return taken


def rows(app, kind) -> list:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        order = Delivery.id if kind is Delivery else AnswerEvent.received_ms
        return list(session.scalars(select(kind).order_by(order)))


@pytest.fixture
def desk(app, phone) -> Iterator:
    """The intake page of the round, as an invigilator of it has it open on a PC."""

    def open_desk(place):
        page = phone(invigilator(place), width=1280)
        page.goto(f"/invigilation/{place.round.code}/file")
        return page

    return open_desk


def upload(desk_page, *photos: bytes) -> None:
    files = [{"name": f"anh-{n}.jpg", "mimeType": "image/jpeg", "buffer": data} for n, data in enumerate(photos, 1)]
    desk_page.get_by_label("Ảnh chụp mã QR").set_input_files(files)
    desk_page.get_by_role("button", name="Nhận ảnh").click()
    desk_page.wait_for_load_state()


@pytest.mark.parametrize("squeezes", [True, False], ids=["squeezed", "an old browser"])
def test_codes_photographed_in_parts_and_in_the_wrong_order_are_the_answers(app, build, phone, desk, squeezes):
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account, device_scale_factor=2)
    if not squeezes:
        page.add_init_script("delete window.CompressionStream")
    enter(page, candidate)
    typed = essay(90)
    code = stuck(app, page, typed)
    sitting = the_sitting(app)
    change(app, lambda s: s.add(UnsentCode(sitting_id=sitting.id, code=code, by_id=account.id, noted_ms=0)))
    total = show(page)
    assert total >= 3
    photos = photos_of(page, total)

    intake = desk(place)
    upload(intake, photos[0], photos[2])
    missing = ", ".join(str(n) for n in range(1, total + 1) if n not in (total, total - 2))
    assert f"Bài {code}: thiếu mã {' và '.join(missing.rsplit(', ', 1))} trong {total}" in intake.content()
    assert {event.slot for event in rows(app, AnswerEvent)} == {1, 2}
    assert rows(app, Delivery) == []
    upload(intake, *photos[1:])
    intake.get_by_role("heading", name="Đã nhận bài làm khẩn cấp").wait_for()
    assert f"Mã {code} khớp mã giám thị đã ghi" in intake.content()
    (delivery,) = rows(app, Delivery)
    assert (delivery.way, delivery.code, delivery.matched) == (DeliveryWay.QR, code, True)
    assert (delivery.events, delivery.stored) == (1, 1), "what had arrived before is not on the codes"
    newest = rows(app, AnswerEvent)[-1]
    assert newest.slot == 2
    assert typed in newest.response


def test_the_same_rules_as_by_file(app, build, phone, desk, tmp_path: Path):
    """The file after the codes of the same device brings nothing new, and the network after both neither."""
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account, device_scale_factor=2)
    enter(page, candidate)
    code = stuck(app, page, SHORT)
    photos = photos_of(page, show(page))
    with page.expect_download() as download:
        page.get_by_role("button", name="Lưu tệp bài làm khẩn cấp").click()
    download.value.save_as(tmp_path / "bai.json")
    intake = desk(place)
    upload(intake, *photos)
    intake.get_by_text("Cách nhận").wait_for()
    assert "bằng mã QR" in intake.content()
    intake.get_by_role("link", name="Nhận bài làm khẩn cấp").first.click()
    intake.get_by_label("Tệp bài làm khẩn cấp").set_input_files(tmp_path / "bai.json")
    intake.get_by_role("button", name="Nhận tệp").click()
    intake.get_by_text("Máy chủ đã có sẵn mọi lượt trả lời").wait_for()
    assert [(one.way, one.code, one.stored) for one in rows(app, Delivery)] == [
        (DeliveryWay.QR, code, 1),
        (DeliveryWay.FILE, code, 0),
    ]
    assert len(rows(app, AnswerEvent)) == 3
    change(app, lambda s: s.execute(update(Sitting).values(late_ms=Sitting.late_ms + MORE_MS)))
    page.context.set_offline(False)
    page.get_by_role("heading", name="Đã nộp bài").wait_for(timeout=30_000)
    expect(page.locator(".codes"), "they go with the state they belong to").to_have_count(0)
    assert len([event for event in rows(app, AnswerEvent) if event.slot]) == 3


def test_what_is_said_at_zero_without_network(app, build, phone):
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    code = stuck(app, page, SHORT)
    ending = page.locator("#ending")
    text = ending.inner_text()
    assert "Mất mạng. Bài đã khóa, còn 1 câu chưa gửi" in text
    assert "Cần giúp: 0203 000 000 (mẫu)." in text
    assert "Đừng đóng" not in text
    assert "dự phòng" not in page.content()
    with page.expect_download() as download:
        page.get_by_role("button", name="Lưu tệp bài làm khẩn cấp").click()
    page.get_by_text(f"Đã tạo tệp {download.value.suggested_filename}").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Lưu tệp bài làm khẩn cấp"
    expect(page.locator("#ending .receipt-code")).to_have_text(code)


def test_codes_by_the_keyboard_and_as_large_as_the_screen_allows(app, build, phone):
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account, device_scale_factor=2)
    enter(page, candidate)
    code = stuck(app, page, essay(90))
    total = show(page)
    assert page.evaluate("document.activeElement.className") == "codes"
    place_told = page.locator(".codes-place")
    page.keyboard.press("ArrowRight")
    assert place_told.inner_text() == f"Mã 2 / {total}"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert place_told.inner_text() == f"Mã 1 / {total}", "before the first there is none"
    for _ in range(total):
        page.keyboard.press("ArrowRight")
    assert place_told.inner_text() == f"Mã {total} / {total}"
    expect(page.locator(".codes-frame svg")).to_have_attribute("aria-label", f"Mã {total} / {total}")
    shapes = page.evaluate(
        """() => { const svg = document.querySelector('.codes-frame svg'), at = svg.getBoundingClientRect();
        return [at.width, svg.viewBox.baseVal.width, at.left, innerWidth - at.right] }"""
    )
    width, modules, left, right = shapes
    assert (2 * width / modules) % 1 == 0, "every module has whole points of the screen"
    assert width / modules >= 3, shapes
    assert width >= 300, shapes
    assert min(left, right) >= 0, shapes
    (part,) = parts_in(page.locator(".codes-frame svg").screenshot())
    assert (part.code, part.number, part.total) == (code, total, total)
    page.keyboard.press("Escape")
    expect(page.locator(".codes")).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent") == "Hiện mã QR"


def test_codes_shown_again_fit_to_photos_taken_before(app, build, phone):
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    code = stuck(app, page, essay(60))
    total = show(page)
    assert total > 1
    first = parts_in(page.locator(".codes-frame svg").screenshot())
    page.get_by_role("button", name="Đóng mã QR").click()
    assert show(page) == total
    others = []
    for _ in range(total - 1):
        page.get_by_role("button", name="Mã tiếp").click()
        others += parts_in(page.locator(".codes-frame svg").screenshot())
    with app.test_request_context():
        assert joined([*others, *first])[0] == code


def test_the_script_of_the_codes_comes_once_and_only_after_a_contact(app, build, phone):
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    enter(page, candidate)
    assert not any("/qr-" in url for url in asked), "not on the first load"
    for option in (1, 2, 3):
        choose(page, 1, option)
        wait_saved(page)
    page.wait_for_selector("script[src*='/qr-']", state="attached")
    page.wait_for_load_state("networkidle")
    assert sum("/qr-" in url for url in asked) == 1


@pytest.mark.skipif(not AXE.exists(), reason="axe-core chưa được cài: make assets")
def test_everybody_can_use_it(app, build, phone):
    looks = Looks()
    place = hall(build, questions=[CHOICE, ESSAY])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    stuck(app, page, essay(60))
    with page.expect_download():
        page.get_by_role("button", name="Lưu tệp bài làm khẩn cấp").click()
    page.get_by_text("Đã tạo tệp").wait_for()
    looks.at(page, "file saved", desk=True)
    show(page)
    looks.at(page, "codes", desk=True)
    page.evaluate("document.documentElement.classList.add('contrast')")
    looks.at(page, "codes, high contrast")
    assert looks.problems == []
    assert len(looks.states) == 3


@pytest.mark.skipif(not AXE.exists(), reason="axe-core chưa được cài: make assets")
def test_everybody_can_use_the_intake_page(build, phone, desk):
    page = desk(hall(build))
    upload(page, b"no picture")
    page.get_by_text("Tệp không phải là ảnh đọc được").wait_for()
    assert list(violations(page)) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert list(violations(page)) == []
    assert not overflow(page)


def shown_size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


def test_a_heavy_photo_is_sent_light_and_read(build, phone, desk):
    place = hall(build)
    page = desk(place)
    noise = Image.effect_noise((4000, 3000), 60).convert("RGB")
    with Image.open(BytesIO(photo(*cut("7K2QX-M94TB", b"{" + b"x" * 2000)[:2], scale=8))) as codes:
        noise.paste(codes, (600, 800))
    heavy = encoded(noise, "JPEG")
    assert len(heavy) > 3_000_000
    page.get_by_label("Ảnh chụp mã QR").set_input_files(
        [{"name": "nang.jpg", "mimeType": "image/jpeg", "buffer": heavy}]
    )
    note = page.locator("[data-file-note=photos]")
    note.filter(has_not_text=shown_size(len(heavy))).filter(has_text="nang.jpg").wait_for()
    assert page.locator("#photos").evaluate("input => input.files[0].size") < len(heavy) / 2
    page.get_by_role("button", name="Nhận ảnh").click()
    page.get_by_text("thiếu mã 3, 4 và 5 trong 5").wait_for()
