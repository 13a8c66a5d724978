"""``python -m tests.faults [--slice] [--seed N] [--only sqlite] [--faults cut,disk]``: break it, then count."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import signal
import sys
import time

from tests.bench.figures import DATABASES
from tests.faults.run import Report, run
from tools.test import chromium, postgresql_programs


def missing() -> list[str]:
    """What cannot be done on this machine."""
    found = []
    if chromium() is None:
        found.append("phần trên trình duyệt (không có Chromium: apt install chromium)")
    if postgresql_programs() is None:
        found.append("phần trên PostgreSQL (không có máy chủ: apt install postgresql)")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    arguments.add_argument("--slice", action="store_true", help="phần ngắn, trong hai phút")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    arguments.add_argument("--only", choices=DATABASES, help="chỉ một cơ sở dữ liệu")
    arguments.add_argument("--faults", default="", help="chỉ những sự cố này, cách nhau bởi dấu phẩy")
    given = arguments.parse_args()
    # an end asked for from outside ends what was started too, as Ctrl+C does
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    say(f"Hạt giống {given.seed} (chạy lại: --seed {given.seed})")
    lacking = missing()
    began, reports = time.monotonic(), []
    for kind in (given.only,) if given.only else DATABASES:
        if kind == "postgresql" and postgresql_programs() is None:
            continue
        chance = random.Random(f"{given.seed} {kind}")
        only = tuple(word for word in given.faults.split(",") if word)
        reports.append(asyncio.run(run(kind, chance=chance, short=given.slice, only=only, say=say)))
    say(f"Trong {time.monotonic() - began:.0f} s. {summary(reports)}")
    if lacking:
        say(f"Không chạy được: {'; '.join(lacking)}.")
    if not all(report.good for report in reports) or (lacking and os.environ.get("REQUIRE_ALL")):
        sys.exit(1)


def summary(reports: list[Report]) -> str:
    sent, lost, doubled, differing = (
        sum(getattr(report, name) for report in reports) for name in ("sent", "lost", "doubled", "differing")
    )
    return f"Đã gửi {sent} câu trả lời: mất {lost}, trùng {doubled}, bài sai điểm {differing}."


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
