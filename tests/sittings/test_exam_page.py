"""What the exam page tells and what it weighs: no key, no more than the script needs, few bytes, few statements."""

from __future__ import annotations

import json
import re
from pathlib import Path

from examapp.core.assets import asset_file
from question_bank.formats import read as read_questions
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.counting import statements
from tests.sittings.road import begin, path_of

OF_THE_PAPER = {"movement", "behind", "sections", "notes", "shared", "integrity", "round", "contact"}
STARTER = Path(__file__).parents[2] / "question_bank" / "starter"


def volatile_parts_out(html: str) -> str:
    """Without what differs between any two sittings: references, tokens, secrets, clock."""
    html = re.sub(r"[0-9a-z]{26}", "REF", html)
    html = re.sub(r'name="token" value="[^"]*"', "TOKEN", html)
    html = re.sub(r"(now|left)(&#34;|\"): ?\d+", r"\1", html)
    html = re.sub(r"(secrets|signOut)(&#34;|\"): ?\{[^}]*\}", r"\1", html)
    return re.sub(r"\d\d:\d\d:\d\d", "TIME", html)


def test_the_page_is_the_same_whichever_option_is_the_key(app, build, reader):
    """For every kind: the bytes of the page do not depend on the answers in the bank."""
    pages = set()
    for right in range(4):
        place = hall(build, questions=one_of_each_kind(right), code=f"K{right}")
        account, _candidate = place.candidate()
        browser = begin(reader, account)
        pages.add(volatile_parts_out(browser.page.html))
        html = browser.page.html.lower().replace("autocorrect", "")
        assert not any(word in html for word in ("correct", "nhan_biet", "van_dung", "nhận biết", "digest"))
    assert len(pages) == 1


def forty_questions():
    found = [q for name in ("chung_1.gift", "chung_2.gift") for q in read_questions(str(STARTER / name)).questions]
    assert len(found) >= 40
    return found[:40]


def test_the_first_load_is_small_and_the_next_smaller(app, build, reader):
    place = hall(build, questions=forty_questions())
    account, _candidate = place.candidate()
    browser = begin(reader, account)
    page = browser.client.get(path_of(browser), headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
    static = sum(Path(f"{asset_file(name)}.br").stat().st_size for name in ("exam.css", "exam.js", "qr.js"))
    html = len(page.get_data())
    assert html < 15_000, html
    assert html + static < 50_000, (html, static)
    assert Path(f"{asset_file('exam.js')}.br").stat().st_size <= 14 * 1024


def test_the_exam_page_asks_the_database_a_fixed_number_of_times(app, build, reader):
    place = hall(build, questions=forty_questions())
    browser = begin(reader, place.candidate()[0])
    with statements(app) as sent:
        browser.open(path_of(browser))
    assert len([s for s in sent if s.startswith("SELECT")]) <= 10, sent


def test_what_the_script_is_told_is_enough_and_no_more(build, reader):
    browser = begin(reader, hall(build).candidate()[0])
    data = json.loads(browser.page.form("s1").get("data-exam"))
    of_the_sitting = {
        "ref",
        "save",
        "submit",
        "receipt",
        "qr",
        "now",
        "left",
        "whole",
        "lease",
        "older",
        "epoch",
        "secrets",
        "signOut",
    }
    assert set(data) == of_the_sitting | OF_THE_PAPER | {"words"}
    assert (data["movement"], data["behind"], data["sections"], data["notes"]) == ("free", 0, [2, 4], {})
    assert data["integrity"] is False
    assert 44 * 60_000 < data["left"] <= 45 * 60_000
