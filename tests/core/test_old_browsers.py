"""The candidate's pages in browsers of 2018: what iOS 12 and Chrome 70 do not know is not in the built files.

esbuild turns newer syntax into older; it adds no functions. The names below came later than Safari 12.0 or Chrome 70
(compatibility tables of MDN). What is asked for before it is used (``in``, ``typeof``) is named in ``ASKED_FOR``.
"""

from __future__ import annotations

import re

import pytest

from examapp.core.assets import asset_file
from tools import assets as tool

FILES = ("exam.js", "waiting.js", "qr.js")
LATER_FUNCTIONS = [
    r"\.replaceAll\(",
    r"\.at\(",
    r"\.matchAll\(",
    r"\.findLast(Index)?\(",
    r"\.to(Sorted|Reversed|Spliced)\(",
    r"\.replaceChildren\(",
    r"\.trim(Start|End)\(",
    r"Object\.(fromEntries|hasOwn|groupBy)",
    r"Promise\.(allSettled|any|withResolvers)",
    r"\bglobalThis\b",
    r"\bstructuredClone\b",
    r"\bqueueMicrotask\b",
    r"\bBigInt\b",
    r"\bWeakRef\b",
    r"\bResizeObserver\b",
    r"randomUUID",
    r"Intl\.(RelativeTimeFormat|ListFormat|Segmenter)",
    r"showModal\(",
    r"\bAbortSignal\.",
]
LATER_SYNTAX = [
    r"\?\.[\[a-zA-Z_(]",
    r"\?\?",
    r"\|\|=",
    r"&&=",
    r"\(\?<[=!]",
    r"\b\d+n\b",
    r"\bstatic\s*\{",
    r"import\(",
]
LATER_STYLE = [
    r":has\(",
    r":is\(",
    r":where\(",
    r"aspect-ratio",
    r"[{;]inset:",
    r"clamp\(",
    r"\d[dsl]v[hw]\b",
    r"@layer",
    r"@container",
]
ASKED_FOR = {
    "DecompressionStream": r"DecompressionStream",
    "CompressionStream": r"\bCompressionStream",
    "serviceWorker": r"serviceWorker",
    "crypto.subtle": r"subtle",
    "visualViewport": r"visualViewport",
}
QUESTION = {
    "DecompressionStream": r"typeof DecompressionStream|self\.DecompressionStream[)&|!?;,]",
    "CompressionStream": r"typeof CompressionStream",
    "serviceWorker": r"\"serviceWorker\"in|navigator\.serviceWorker[)&|!?;,]",
    "crypto.subtle": r"crypto\.subtle[)&|!?;,]|isSecureContext",
    "visualViewport": r"(window\.)?visualViewport[)&|!?;,]",
}


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    tool.build()


def read(name: str) -> str:
    return asset_file(name).read_text(encoding="utf-8")


def without_texts(script: str) -> str:
    """The script without what stands in quotation marks."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', script)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("pattern", LATER_FUNCTIONS)
def test_no_function_is_called_that_came_later(name: str, pattern: str):
    assert re.findall(pattern, without_texts(read(name))) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("pattern", LATER_SYNTAX)
def test_no_syntax_is_left_that_came_later(name: str, pattern: str):
    assert re.findall(pattern, without_texts(read(name))) == []


@pytest.mark.parametrize("pattern", LATER_STYLE)
def test_no_style_is_used_that_came_later(pattern: str):
    assert re.findall(pattern, read("exam.css")) == []


def test_gaps_stand_in_grids_only():
    """Safari knows gaps between flexible boxes since 14.1 only."""
    rules = re.findall(r"\{([^{}]*)\}", read("exam.css"))
    assert [rule for rule in rules if "display:flex" in rule and re.search(r"(^|;)gap:", rule)] == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("feature", ASKED_FOR)
def test_what_some_browsers_lack_is_asked_for_before_it_is_used(name: str, feature: str):
    script = read(name)
    if re.search(ASKED_FOR[feature], script):
        assert re.search(QUESTION[feature], script), f"{name} uses {feature} without asking"
