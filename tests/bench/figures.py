"""What is measured: names, values, conditions, and the file they are kept in."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "build" / "bench.json"

DATABASES = ("sqlite", "postgresql")
NAMES = (
    *(f"save.cpu_ms.{database}" for database in DATABASES),
    *(f"save.ratio.{database}" for database in DATABASES),
    "save.growth_10m_ratio",
    *(f"sitting.cpu_s.{database}" for database in DATABASES),
    "page.exam.first_kb",
    "page.exam.again_kb",
    "page.exam.slow_s",
    "import.excel_1000_s",
    "import.excel_10000_s",
    "import.word_2000_s",
    "export.results_10000_s",
    "demo.build_s",
    "bank.list_50000_ms",
    *(f"bank.search_50000_ms.{database}" for database in DATABASES),
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
)
"""The figures that are promised; parts may give further ones under their first segment."""
PARTS = tuple(dict.fromkeys(name.split(".")[0] for name in NAMES))

LIMITS = {
    "save.ratio.sqlite": 1.3,
    "save.ratio.postgresql": 1.3,
    "save.growth_10m_ratio": 1.10,
    "sitting.cpu_s.postgresql": 0.12,
    "page.exam.first_kb": 50.0,
    "page.exam.again_kb": 15.0,
    "page.exam.slow_s": 15.0,
    "import.excel_1000_s": 3.0,
    "import.excel_10000_s": 8.0,
    "import.word_2000_s": 15.0,
    "export.results_10000_s": 5.0,
    "demo.build_s": 60.0,
    "bank.list_50000_ms": 60.0,
    "bank.search_50000_ms.sqlite": 100.0,
    "bank.search_50000_ms.postgresql": 100.0,
    "draw.1000x60_s": 5.0,
    "duplicates.bank_50000_s": 30.0,
    "duplicates.one_ms": 50.0,
    "signin.cpu_ms": 30.0,
    "ladder.1000.start_p95_ms.postgresql": 500.0,
    "ladder.2500.save_p99_ms.postgresql": 100.0,
    "ladder.10000.save_p99_ms.postgresql": 250.0,
    "faults.lost": 0.0,
    "faults.doubled": 0.0,
}
"""What the product promises: no figure above its limit."""


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    conditions: str

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; ``None`` where none was made."""
        limit = LIMITS.get(self.name)
        return None if limit is None else self.value <= limit

    def __str__(self) -> str:
        verdict = {None: "", True: f"  (≤ {LIMITS.get(self.name)})", False: f"  QUÁ MỨC {LIMITS.get(self.name)}"}
        return f"{self.name:<34} {self.value:>10.3f} {self.unit:<8}{verdict[self.kept]}"


def chosen_parts(only: str | None) -> tuple[str, ...]:
    """The parts that ``ONLY=save,import`` names, in the order of measuring; all of them without it."""
    if not only:
        return PARTS
    wanted = [word.strip() for word in only.split(",") if word.strip()]
    if unknown := [word for word in wanted if word not in PARTS]:
        raise ValueError(f"Không có phần đo {', '.join(unknown)}. Các phần: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in wanted)


def keep(figures: Iterable[Figure], *, part: str, conditions: str, file: Path = FILE) -> None:
    """Write the figures of a part in place of its older ones; those of other parts stay as they were measured."""
    figures = list(figures)
    replaced = {(part,), *(_taken_together(figure.name) for figure in figures)}
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept = {name: entry for name, entry in kept.items() if _taken_together(name) not in replaced}
    for figure in figures:
        said = f"{figure.conditions}; {conditions}"
        kept[figure.name] = {"value": round(figure.value, 4), "unit": figure.unit, "conditions": said}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _taken_together(name: str) -> tuple[str, ...]:
    """What one run measures: a part, or a rung of the ladder on one database."""
    words = name.split(".")
    return (words[0], words[1], words[-1]) if words[0] == "ladder" else (words[0],)


def machine() -> str:
    """The conditions that hold for every figure of a run."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "gunicorn", "sqlalchemy"))
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    return (
        f"{date.today()}, {cores} cores, Python {platform.python_version()}, {packages}, load {load:.1f} at the start"
    )
