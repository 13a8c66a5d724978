"""Texts of the interface: which are not in any English catalogue (``make words``)."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


def texts(package: Path) -> dict[str, str]:
    """Every text marked in ``package`` and where it stands."""
    found: dict[str, str] = {}
    options = {"**.html": {"silent": "false"}}
    for name, line, message, *_ in extract_from_dir(str(package), METHODS, options, keywords=KEYWORDS):
        key = message[0] if isinstance(message, tuple) else message
        found.setdefault(key, f"{(package / name).relative_to(ROOT)}:{line}")
    return found


def untranslated() -> dict[str, str]:
    """Texts without an English translation."""
    from examapp.core.words import english

    known = english()
    all_texts = texts(ROOT / "examapp") | texts(ROOT / "question_bank")
    return {text: place for text, place in all_texts.items() if text not in known}


def main() -> None:
    sys.path.insert(0, str(ROOT))
    missing = untranslated()
    for text, place in sorted(missing.items(), key=lambda item: item[1]):
        print(f"{place}\t{text}")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
