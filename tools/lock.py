"""Pin every package with its hashes and no address: ``make lock`` (needs the package ``uv``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = {
    "requirements.txt": [],
    "requirements-dev.txt": ["--extra", "dev", "-c", "requirements.txt"],
    "requirements-node.txt": ["--extra", "node", "-c", "requirements.txt"],
}


def main() -> None:
    for name, options in LISTS.items():
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-q", "--generate-hashes"),
                *("--universal", "--python-version", "3.11", "--no-emit-index-url", "--no-annotate", "--no-header"),
                *options,
                *("-o", name),
            ],
            cwd=ROOT,
            check=True,
        )


if __name__ == "__main__":
    main()
