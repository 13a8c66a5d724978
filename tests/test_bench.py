"""What ``make bench`` promises apart from the figures: names, parts, the file. Nothing here looks at a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.__main__ import ACTS
from tests.bench.browser import Answer
from tests.bench.cpu import cpu_seconds, family
from tests.bench.figures import LIMITS, NAMES, PARTS, ROOT, Figure, chosen_parts, keep
from tests.bench.files import varied_questions
from tests.bench.stage import free_port

PROMISED = [
    "save.cpu_ms.sqlite",
    "save.cpu_ms.postgresql",
    "save.ratio.sqlite",
    "save.ratio.postgresql",
    "save.growth_10m_ratio",
    "sitting.cpu_s.sqlite",
    "sitting.cpu_s.postgresql",
    "page.exam.first_kb",
    "page.exam.again_kb",
    "page.exam.slow_s",
    "import.excel_1000_s",
    "import.excel_10000_s",
    "import.word_2000_s",
    "export.results_10000_s",
    "demo.build_s",
    "bank.list_50000_ms",
    "bank.search_50000_ms.sqlite",
    "bank.search_50000_ms.postgresql",
    "draw.1000x60_s",
    "duplicates.bank_50000_s",
    "duplicates.one_ms",
    "signin.cpu_ms",
    "ladder.1000.start_p95_ms.postgresql",
    "ladder.1000.save_p99_ms.sqlite",
    "ladder.2500.save_p99_ms.postgresql",
    "ladder.10000.save_p99_ms.postgresql",
    "faults.events_sent",
    "faults.lost",
    "faults.doubled",
]


def test_every_promised_figure_has_its_name_and_its_part() -> None:
    assert list(NAMES) == PROMISED
    assert tuple(ACTS) == PARTS
    assert set(LIMITS) <= set(NAMES)


@pytest.mark.parametrize(
    ("only", "parts"),
    [
        (None, PARTS),
        ("", PARTS),
        ("page", ("page",)),
        ("import,save", ("save", "import")),
        (" save , page ", ("save", "page")),
    ],
)
def test_only_names_parts(only: str | None, parts: tuple[str, ...]) -> None:
    assert chosen_parts(only) == parts


def test_an_unknown_part_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "save,sitings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sitings" in done.stderr
    assert all(part in done.stderr for part in PARTS)


def test_measuring_a_part_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    keep(
        [Figure("save.p50_ms", 1, "ms", "a"), Figure("save.old", 1, "ms", "a")], part="save", conditions="m", file=file
    )
    keep([Figure("demo.build_s", 9.87654321, "s", "b")], part="demo", conditions="m", file=file)
    keep([Figure("save.p50_ms", 2, "ms", "c")], part="save", conditions="n", file=file)
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "demo.build_s": {"value": 9.8765, "unit": "s", "conditions": "b; m"},
        "save.p50_ms": {"value": 2, "unit": "ms", "conditions": "c; n"},
    }


def test_a_rung_of_the_ladder_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    for value, rungs in ((1.0, ("ladder.100.a.sqlite", "ladder.100.b.sqlite", "ladder.100.a.postgresql")), (2.0, ())):
        figures = [Figure(name, value, "ms", "") for name in rungs or ("ladder.100.a.sqlite", "ladder.2500.a.sqlite")]
        keep(figures, part="ladder", conditions="", file=file)
    kept = {name: entry["value"] for name, entry in json.loads(file.read_text(encoding="utf-8")).items()}
    assert kept == {"ladder.100.a.sqlite": 2.0, "ladder.2500.a.sqlite": 2.0, "ladder.100.a.postgresql": 1.0}


@pytest.mark.parametrize(("value", "kept"), [(1.3, True), (1.31, False)])
def test_a_figure_says_when_it_is_above_its_limit(value: float, kept: bool) -> None:
    figure = Figure("save.ratio.sqlite", value, "x", "")
    assert figure.kept is kept
    assert ("QUÁ MỨC" in str(figure)) is not kept
    assert Figure("save.p50_ms.sqlite", value, "ms", "").kept is None


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[object, ...]]]:
    """The floor on SQLite, called once; gives the rows it has stored."""
    import sqlite3

    from tests.bench import floor

    url = str(tmp_path / "floor.sqlite")
    monkeypatch.setenv(floor.URL, url)
    floor.create_table(url)
    client = floor.create_app().test_client()
    answer = client.post("/sittings/save", json={"writer": "w" * 16, "events": [[3, 7, [2], 5]], "epoch": ""})
    assert answer.get_json() == {"ack": [3]}

    def rows() -> list[tuple[object, ...]]:
        connection = sqlite3.connect(url)
        try:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            return connection.execute("SELECT writer, seq, slot, response, answered_ms FROM answers").fetchall()
        finally:
            connection.close()

    return rows


def test_the_floor_stores_the_answer_for_good(saved: Callable[[], list[tuple[object, ...]]]) -> None:
    assert saved() == [("w" * 16, 3, 7, "[2]", 5)]


def test_cpu_time_counts_children_that_have_ended() -> None:
    before = cpu_seconds(os.getpid())
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert cpu_seconds(os.getpid()) - before >= 0.25
    assert os.getpid() in set(family(os.getpid()))


def test_a_page_tells_what_it_loads() -> None:
    html = (
        '<link rel="stylesheet" href="/a.css"><script src="b.js" defer></script><img alt="" src="/c.svg?x=1&amp;y=2">'
        '<a href="/no">x</a><input name="token" type="hidden" value="1&amp;2">'
    )
    page = Answer(200, "/sittings/1", html, len(html), lasting=False)
    assert page.parts() == ["/a.css", "/sittings/b.js", "/c.svg?x=1&y=2"]
    assert page.field("token") == "1&2"


def test_the_questions_of_the_import_differ() -> None:
    questions = varied_questions(1000)
    assert len({question.stem for question in questions}) == 1000
    assert len({question.kind for question in questions}) > 1


def test_ports_are_free_ones() -> None:
    assert 1024 < free_port() < 65536
