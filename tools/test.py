"""``make test``: everything that can run here, and one line about what cannot.

The suite runs on SQLite with the browser tests, and again on PostgreSQL: the server of ``TEST_DATABASE_URL``, or a
throw-away cluster when PostgreSQL is installed. At the end comes the short part of the fault suite on both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def chromium() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def postgresql_programs() -> Path | None:
    """The folder of ``initdb``, which Debian keeps off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def throw_away_cluster(programs: Path, *, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL of our own on a free loopback port; as the user ``postgres`` where we are root.

    ``durable`` keeps its commits on the disk, as an installation does; tests do without.
    """
    with tempfile.TemporaryDirectory(prefix="thuocdo-pg-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        _quietly([*as_user, str(programs / "initdb"), "-D", data, "-U", "thuocdo", "-A", "trust"])
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += "" if durable else " -c fsync=off"
        control = [*as_user, str(programs / "pg_ctl"), "-D", data, "-w"]
        _quietly([*control, "-o", options, "-l", f"{folder}/log", "start"])
        try:
            yield f"postgresql+psycopg://thuocdo@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL)


def run(*options: str, **environment: str) -> int:
    workers = str(min(4, os.cpu_count() or 2))
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "loadgroup", *options]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def main() -> None:
    extra = sys.argv[1:]
    missing: list[str] = []
    browser = chromium()
    if shutil.which("firefox-esr") is None and shutil.which("firefox") is None:
        missing.append("kiểm thử trên Firefox (không có Firefox: apt install firefox-esr)")
    if browser is None:
        missing.append("kiểm thử trên trình duyệt (không có Chromium: apt install chromium)")
    print("— SQLite", flush=True)
    codes = [run("-m", "not browser", *extra, TEST_DATABASE_URL="")]
    if browser:
        print("— Trình duyệt", flush=True)
        codes.append(run("-m", "browser", *extra, TEST_DATABASE_URL="", CHROMIUM=browser))
    url, programs = os.environ.get("TEST_DATABASE_URL"), postgresql_programs()
    if url or programs:
        print("— PostgreSQL", flush=True)
        with contextlib.nullcontext(url) if url else throw_away_cluster(programs) as server:  # type: ignore[arg-type]
            codes.append(run("-m", "not browser", *extra, TEST_DATABASE_URL=server or ""))
    else:
        missing.append("kiểm thử trên PostgreSQL (không có máy chủ: apt install postgresql)")
    if browser and programs:
        # a server that is killed and a disk that fills up: in a process of its own, with a cluster of its own
        print("— Sự cố (phần ngắn; cả bộ: make test-faults)", flush=True)
        codes.append(
            subprocess.run([sys.executable, "-m", "tests.faults", "--slice"], cwd=ROOT, check=False).returncode
        )
    else:
        missing.append("kiểm thử khi có sự cố (cần Chromium và PostgreSQL: apt install chromium postgresql)")
    print(f"Không chạy được: {'; '.join(missing)}." if missing else "Đã chạy mọi kiểm thử, không bỏ phần nào.")
    if missing and os.environ.get("REQUIRE_ALL"):
        sys.exit("REQUIRE_ALL: thiếu phần trên nên coi là chưa đạt.")
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
