"""Settings: typed, from the environment, no secret by default."""

from __future__ import annotations

import pytest

from config import SettingsError, load_settings


def test_a_missing_secret_stops_the_start(tmp_path):
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings({"DATA": str(tmp_path)})


def test_the_demonstration_makes_its_own_secret_and_keeps_it(tmp_path):
    first = load_settings({"DATA": str(tmp_path), "DEMO": "1"})
    again = load_settings({"DATA": str(tmp_path), "DEMO": "1"})
    assert len(first.secret_key) >= 43
    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "secret_key").read_text().startswith("dev")


def test_values_are_typed(tmp_path):
    settings = load_settings(
        {"DATA": str(tmp_path), "SECRET_KEY": "x" * 40, "PORT": "8080", "SECURE_COOKIES": "yes", "SYSTEM_NAME": "Thi"}
    )
    assert (settings.port, settings.secure_cookies, settings.system_name) == (8080, True, "Thi")
    assert settings.is_sqlite
    assert str(tmp_path) in settings.database_url


@pytest.mark.parametrize(("name", "value"), [("PORT", "năm nghìn"), ("SECURE_COOKIES", "có lẽ"), ("DEMO", "?")])
def test_a_value_that_cannot_be_read_is_named(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        load_settings({"DATA": str(tmp_path), "SECRET_KEY": "x" * 40, name: value})


def test_every_setting_is_documented():
    from dataclasses import fields

    from config import ROOT, Settings

    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [f.name.upper() for f in fields(Settings) if f.name != "testing" and f"`{f.name.upper()}`" not in text]
    assert missing == []
