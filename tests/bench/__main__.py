"""``python -m tests.bench [--only save,import]``: measure, print, keep in ``build/bench.json``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.bench import figures
from tests.bench.bank import measure_bank
from tests.bench.domain import measure_draw, measure_duplicates
from tests.bench.faults import measure_faults
from tests.bench.figures import DATABASES, Figure, chosen_parts, keep, machine
from tests.bench.files import measure_demonstration, measure_export, measure_import
from tests.bench.growth import measure_growth
from tests.bench.importing import measure_large_import, measure_word_import
from tests.bench.ladder import measure_ladder
from tests.bench.saving import measure_saves
from tests.bench.signin import measure_sign_in
from tests.bench.sitting import measure_page, measure_sittings
from tests.bench.slow import measure_slow_page
from tests.bench.stage import CannotMeasureError, Instance, demonstration

Act = Callable[[], list[Figure]]


def _on(kind: str, measure: Callable[[Instance], list[Figure]]) -> Act:
    """Measure on a copy of the demonstration in that database."""

    def act() -> list[Figure]:
        with demonstration(kind) as built:
            return measure(built.copy(measure.__name__))

    return act


ACTS: dict[str, list[Act]] = {
    "save": [*(_on(kind, measure_saves) for kind in DATABASES), _on("postgresql", measure_growth)],
    "sitting": [_on(kind, measure_sittings) for kind in DATABASES],
    "page": [_on("sqlite", measure) for measure in (measure_page, measure_slow_page)],
    "import": [_on("sqlite", measure) for measure in (measure_import, measure_large_import, measure_word_import)],
    "export": [_on("sqlite", measure_export)],
    "demo": [measure_demonstration],
    "bank": [_on(kind, measure_bank) for kind in DATABASES],
    "draw": [measure_draw],
    "duplicates": [measure_duplicates],
    "signin": [_on("postgresql", measure_sign_in)],
    "ladder": [_on(kind, measure_ladder) for kind in DATABASES],
    "faults": [measure_faults],
}
"""How each part is measured, in this order."""


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    arguments.add_argument("--only", help=f"các phần cần đo, cách nhau bởi dấu phẩy: {', '.join(figures.PARTS)}")
    try:
        parts = chosen_parts(arguments.parse_args().only)
    except ValueError as error:
        sys.exit(str(error))
    _say(machine())
    for part in parts:
        conditions = machine()
        found = [figure for act in ACTS[part] for figure in _measured(part, act)]
        if found:
            keep(found, part=part, conditions=conditions)
    _say(f"Đã ghi {figures.FILE.relative_to(figures.ROOT)}")


def _measured(part: str, act: Act) -> list[Figure]:
    try:
        found = act()
    except CannotMeasureError as error:
        _say(f"Không đo được {part}: {error}.")
        return []
    _say(*found)
    return found


def _say(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
