"""The candidate: on a phone, with the network cut in the middle; without JavaScript; with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.organising import CONTACT, NAME, QUESTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page


def enter(page: Page) -> None:
    """From the home page, by today's exam of the commune, over the rules, to the first question."""
    page.goto("/")
    page.locator("section", has_text=NAME).get_by_role("link", name="Vào thi").click()
    page.get_by_role("heading", name=NAME).wait_for()
    expect(page.get_by_text("Làm bài một mình, không dùng tài liệu.")).to_be_visible()
    expect(page.get_by_text(re.compile(rf"{QUESTIONS} câu hỏi, \d+ phút"))).to_be_visible()
    page.get_by_role("button", name="Bắt đầu làm bài").click()


def enter_first(page: Page) -> None:
    """The first exam that is no rehearsal: its questions are choices."""
    page.goto("/sittings/")
    exams = page.locator(".sheet", has=page.locator("h3"), has_not_text="Thi thử")
    exams.get_by_role("link", name="vào thi").first.click()
    page.get_by_role("button", name="Bắt đầu làm bài").click()


def choose(page: Page, slot: int, option: int) -> None:
    """Tick the option; the question is the one on the screen where the script shows one at a time."""
    page.locator(f"#q{slot} label.choice").nth(option - 1).click()


def following(page: Page) -> None:
    page.get_by_role("button", name="Tiếp").click()


def wait_saved(page: Page) -> None:
    page.locator("#state.good", has_text="Đã lưu").wait_for()


def chosen(page: Page) -> dict[int, list[int]]:
    """What is ticked, by question."""
    ticked = page.evaluate(
        """() => [...document.querySelectorAll(".q")].map((q) => [Number(q.id.slice(1)),
            [...q.querySelectorAll("input:checked")].map((input) => Number(input.value))])"""
    )
    return {slot: options for slot, options in ticked if options}


def kept(page: Page) -> list[str]:
    """What the browser's storage holds of a sitting."""
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('thuocdo.sitting.'))")


def sit_with_a_cut_network(page: Page, second_tab: Page, pictures: Path | None) -> str:
    """Answers, a flag, the network gone and back, a reload, a second tab, review, receipt; gives the receipt code."""
    enter(page)
    page.locator("#q1").wait_for()
    expect(page.locator(".q:visible")).to_have_count(1)
    choose(page, 1, 1)
    following(page)
    choose(page, 2, 2)
    page.get_by_role("button", name="Đánh dấu", exact=True).click()
    wait_saved(page)
    if pictures:
        page.screenshot(path=pictures / "exam-360.png")
    answers = _answer_offline(page, chosen(page))
    _reload(page, answers)
    _same_in(second_tab, page.url, answers)
    return _review_and_submit(page, answers)


def _answer_offline(page: Page, answers: dict[int, list[int]]) -> dict[int, list[int]]:
    page.context.set_offline(True)
    following(page)
    choose(page, 3, 1)
    page.locator("#offline").get_by_text("Mất mạng.").wait_for()
    expect(page.locator("#state")).to_have_text("1 câu chưa gửi")
    following(page)
    choose(page, 4, 1)
    page.locator("#offline").get_by_text("Bài vẫn giữ trên máy này (2 câu chưa gửi)").wait_for()
    expect(page.locator("#offline")).to_contain_text(CONTACT, use_inner_text=True)
    page.get_by_role("button", name="Danh sách câu").click()
    expect(page.get_by_label("Câu 4, còn trên máy này, chưa gửi")).to_be_visible()
    expect(page.get_by_label("Câu 2, đã trả lời, đánh dấu xem lại")).to_be_visible()
    page.get_by_role("button", name="Quay lại làm bài").click()
    now = chosen(page)
    assert len(now) == len(answers) + 2
    return now


def _reload(page: Page, answers: dict[int, list[int]]) -> None:
    """The page can be reached again but saves cannot: it shows what only the device knows. Then everything is sent."""
    page.route("**/sittings/save", lambda route: route.abort("internetdisconnected"))
    page.context.set_offline(False)
    page.reload()
    page.get_by_text("2 câu chưa gửi", exact=True).wait_for()
    assert chosen(page) == answers
    page.unroute("**/sittings/save")
    wait_saved(page)
    expect(page.locator("#offline")).to_be_hidden()


def _same_in(tab: Page, url: str, answers: dict[int, list[int]]) -> None:
    tab.goto(url)
    wait_saved(tab)
    assert chosen(tab) == answers
    tab.close()


def _review_and_submit(page: Page, answers: dict[int, list[int]]) -> str:
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.get_by_text(f"Còn {QUESTIONS - len(answers)} câu chưa trả lời.").wait_for()
    page.get_by_label("Câu 5, chưa trả lời").click()
    for slot in range(5, QUESTIONS + 1):
        choose(page, slot, 1)
        following(page)
    wait_saved(page)
    page.get_by_text(f"Đã trả lời đủ {QUESTIONS} câu.").wait_for()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    code = page.locator("#ending .receipt-code").inner_text()
    assert kept(page) == []
    page.get_by_role("link", name="Xem giấy biên nhận").click()
    page.get_by_text(code).wait_for()
    return code


def sit_as_plain_form(page: Page) -> str:
    """Without JavaScript: the whole paper is a form, saved and handed in by its buttons; gives the receipt code."""
    enter(page)
    expect(page.locator(".q:visible")).to_have_count(QUESTIONS)
    for slot in (1, 2, 3):
        choose(page, slot, 2)
    page.get_by_role("button", name="Lưu bài", exact=True).click()
    page.get_by_text(re.compile(r"Đã lưu \d\d:\d\d")).wait_for()
    expect(page.locator(".q input:checked")).to_have_count(3)
    for slot in range(4, QUESTIONS + 1):
        choose(page, slot, 1)
    page.get_by_role("button", name="Lưu, xem lại và nộp bài").click()
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("heading", name=re.compile("biên nhận|Đã nộp bài", re.IGNORECASE)).first.wait_for()
    return page.locator(".receipt-code").inner_text()


def sit_by_keyboard(page: Page) -> None:
    """Answer, take another option, move on, answer again: no pointer."""
    enter_first(page)
    page.locator("#q1").wait_for()
    _tab_to(page, "#q1 input")
    page.keyboard.press("Space")
    wait_saved(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page) == {1: [2]}
    _tab_to(page, "#next")
    page.keyboard.press("Enter")
    expect(page.locator("#q2")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "q2"
    _tab_to(page, "#q2 input")
    page.keyboard.press("Space")
    wait_saved(page)
    assert set(chosen(page)) == {1, 2}


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")
