"""Addresses of the built assets: a logical name becomes one that tells its content and may be cached for ever."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

BUILD = Path(__file__).resolve().parent / "static" / "build"
PREFIX = "/static/build/"
YEAR = 365 * 86400


class AssetsMissingError(Exception):
    """The assets have not been built, or one is asked for that is not among them."""


@lru_cache(maxsize=2)
def _manifest(path: Path, changed_at: int) -> dict[str, str]:
    """The manifest as it was at ``changed_at``: a new build is seen without a restart."""
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _hashed(name: str) -> str:
    path = BUILD / "manifest.json"
    try:
        known = _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsMissingError("Chưa dựng tài nguyên giao diện. Hãy chạy lệnh: make assets") from None
    if name not in known:
        raise AssetsMissingError(f"Không có tài nguyên “{name}”. Hãy chạy lại lệnh: make assets")
    return known[name]


def asset(name: str) -> str:
    """The address of an asset, for example ``asset("staff.css")``."""
    return PREFIX + _hashed(name)


def asset_file(name: str) -> Path:
    """The file of an asset on disk, for example a font of the documents."""
    return BUILD / _hashed(name)


def init_assets(app: Flask) -> None:
    """Serve the built files before the application is asked: compressed as they lie there, to be kept for ever."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(BUILD) if BUILD.is_dir() else None,
        prefix=PREFIX,
        max_age=YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: not url.endswith((".txt", ".json")),
        add_headers_function=_headers,
    )


def _headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
