"""QR codes after a reload without network: the service worker keeps their script as well."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from examapp.core import clock
from examapp.sittings.models import Sitting
from examapp.sittings.parts import parts_in
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall
from tests.sittings.test_browser_waiting import (
    change,
    choose,
    line,  # noqa: F401 - a fixture
    phone,  # noqa: F401 - a fixture
)
from tests.sittings.test_browser_worker import begin

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
SCRIPT_KEPT = """async () => {
    for (const name of await caches.keys())
        for (const one of await (await caches.open(name)).keys()) if (one.url.includes('/qr-')) return true;
    return false;
}"""


def test_codes_after_a_reload_without_network(app, build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    begin(page, candidate)
    assert page.evaluate(SCRIPT_KEPT)
    now = clock.to_ms(clock.now())
    change(app, update(Sitting).values(deadline_ms=now + 8000, late_ms=now + 600_000))
    with page.expect_response("**/sittings/save"):
        choose(page, 1, 2)
    page.wait_for_selector("#place.good")
    line.cut()
    choose(page, 1, 3)
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for(timeout=40_000)
    page.locator("#ending .receipt-code").wait_for(timeout=40_000)
    code = page.locator("#ending .receipt-code").inner_text()
    page.reload()
    page.wait_for_selector("#paper[data-age]", state="attached")
    page.get_by_role("button", name="Hiện mã QR").click(timeout=40_000)
    expect(page.locator("#ending .receipt-code")).to_have_text(code)
    (part,) = parts_in(page.locator(".codes-frame svg").screenshot())
    assert (part.code, part.number, part.total) == (code, 1, 1)
