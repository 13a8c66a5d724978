"""The page of an error leads back to where the reader came from, if that was this site."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/help?q=1", 'href="/help?q=1"'),
        ("http://elsewhere.example/help", ""),
        ("http://localhost/nowhere", ""),
        ("http://localhost//elsewhere.example/help", ""),
        ("http://localhost/\\elsewhere.example/help", ""),
        ("http://localhost/\t/elsewhere.example/help", ""),
        ("", ""),
    ],
)
def test_the_way_back(app, came_from: str, back: str) -> None:
    answer = app.test_client().get("/nowhere", headers={"Referer": came_from} if came_from else {})
    assert answer.status_code == 404
    assert ("Quay lại trang trước</a>" in answer.text) == bool(back)
    assert back in answer.text
    assert "Về trang đầu" in answer.text
