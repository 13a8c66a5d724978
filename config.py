"""Settings from the environment: one typed object, every key documented in ``docs/operations.md``.

No secret has a default. In demonstration mode a random one is written into the instance folder once.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LONGEST_SPREAD_S = 60


class SettingsError(Exception):
    """A setting is missing or cannot be read; the message says which and what to do."""


NOT_SAID = "chưa khai báo"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation decides. Names are those of the environment, in lower case."""

    secret_key: str
    data: Path
    """The instance folder: SQLite files, queue, secrets of the demonstration."""
    database_url: str
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 2
    threads: int = 8
    system_name: str = "Thước Đo — Thi kỹ năng định kỳ"
    parent_body: str = "Ủy ban nhân dân tỉnh (mẫu)"
    managing_body: str = "Sở Nội vụ (mẫu)"
    support_phone: str = NOT_SAID
    emblem_url: str = ""
    """Path or address of the organisation's emblem; empty shows the neutral one."""
    exam_word: str = "kỳ thi"
    """What the organisation calls an exam: "kỳ thi" or "kỳ kiểm tra"."""
    secure_cookies: bool = False
    """Set when the site is reached by HTTPS only."""
    trusted_hosts: str = ""
    """Names this site is reached by, separated by commas; requests for other names are refused. Empty: any name."""
    trusted_proxies: int = 0
    """How many reverse proxies stand in front, whose X-Forwarded-* headers are believed."""
    max_upload_mb: int = 20
    session_hours: int = 12
    sign_in_code_days: int = 14
    late_window_minutes: int = 15
    """Default of a round: how long after the deadline an answer given in time may still arrive."""
    start_spread_seconds: int = 5
    """Over how many seconds after a shift's start the candidates' papers open; everyone's deadline moves by as much."""
    law_notice_days: int = 60
    """How long before a document's end the questions resting on it are shown to their owners."""
    exchange_key_file: str = ""
    """Private key that signs exchanged packages; empty: made in ``data`` when it is first needed."""
    testing: bool = False

    @property
    def known_phone(self) -> str:
        """The support phone where there is one: it stands beside other contacts."""
        return "" if self.support_phone == NOT_SAID else self.support_phone

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (the process environment by default); raises `SettingsError`."""
    env = os.environ if environ is None else environ
    demo = _boolean("DEMO", env.get("DEMO", ""))
    data = Path(env.get("DATA") or ROOT / "instance").expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    values: dict[str, object] = {"data": data, "demo": demo}
    values["secret_key"] = env.get("SECRET_KEY") or (_demonstration_secret(data) if demo else "")
    if not values["secret_key"]:
        raise SettingsError(
            "Chưa có SECRET_KEY. Hãy đặt biến môi trường SECRET_KEY bằng một chuỗi ngẫu nhiên dài ít nhất 32 ký tự, "
            "hoặc đặt DEMO=1 để chạy bản trình diễn."
        )
    values["database_url"] = env.get("DATABASE_URL") or f"sqlite:///{data / 'thuocdo.sqlite'}"
    for field in fields(Settings):
        raw = env.get(field.name.upper())
        if field.name not in values and raw is not None and raw != "":
            values[field.name] = _convert(field.name, str(field.type), raw)
    if demo:
        values.setdefault("support_phone", "0203 000 000 (số mẫu)")
    settings = Settings(**values)  # type: ignore[arg-type]
    if not 0 <= settings.start_spread_seconds <= LONGEST_SPREAD_S:
        raise SettingsError(f"START_SPREAD_SECONDS phải từ 0 đến {LONGEST_SPREAD_S}.")
    return settings


def _convert(name: str, type_name: str, raw: str) -> object:
    if type_name == "bool":
        return _boolean(name.upper(), raw)
    if type_name == "int":
        try:
            return int(raw)
        except ValueError:
            raise SettingsError(f"{name.upper()} phải là số nguyên, không phải {raw!r}.") from None
    return raw


def _boolean(name: str, raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise SettingsError(f"{name} phải là 1 hoặc 0, không phải {raw!r}.")


def _demonstration_secret(data: Path) -> str:
    path = data / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()
