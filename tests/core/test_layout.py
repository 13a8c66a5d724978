"""What every page has around its content, and the pages that belong to no room: errors, confirmation, long work."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string

from examapp.core import clock
from examapp.core.models import Job, JobState
from tests.reader import text_of


class TestLayout:
    def test_the_page_of_all_macros_is_sound_in_both_languages(self, reader: Callable[..., Any]):
        for language in ("vi", "en"):
            page = reader(language=language).open("/styleguide")
            assert page.root.get("lang") == language
            assert page.heading == {"vi": "Mẫu giao diện", "en": "Style guide"}[language]

    def test_a_stranger_sees_who_runs_it_and_whom_to_call(self, reader: Callable[..., Any], app: Flask):
        page = reader().open("/styleguide")
        settings = app.config["SETTINGS"]
        assert settings.parent_body in page.text
        assert f"Đơn vị quản lý: {settings.managing_body}" in page.text
        assert f"Điện thoại hỗ trợ: {settings.support_phone}" in page.text
        assert "Bản trình diễn." in page.text
        assert "Đăng xuất" not in page.text
        assert page.texts("title") == [f"Mẫu giao diện — {settings.system_name}"]

    def test_the_first_link_skips_to_the_content(self, reader: Callable[..., Any]):
        page = reader().open("/styleguide")
        first = page.all("a")[0]
        assert (first.get("href"), text_of(first)) == ("#main", "Đến nội dung chính")

    def test_the_language_switch_comes_back_to_the_same_page(self, reader: Callable[..., Any]):
        person = reader()
        page = person.open("/styleguide?q=x")
        assert person.open(page.link("English")).root.get("lang") == "en"
        assert person.page.url.endswith("/styleguide?q=x")

    def test_an_error_says_what_where_and_what_to_do(self, reader: Callable[..., Any]):
        page = reader().open("/nowhere/at/all", status=404)
        assert page.heading == "Không tìm thấy"
        assert "/nowhere/at/all" in page.text
        assert "Hãy quay lại" in page.text

    def test_confirmation_tells_what_will_change(self, app: Flask):
        with app.test_request_context("/x"):
            html = render_template(
                "core/confirm.html", title="Niêm phong", question="Niêm phong 312 đề?", changes=["312 đề được khoá"],
                action="/seal", submit="Niêm phong", cancel="/back", fields={"version": 2},
            )  # fmt: skip
        assert "312 đề được khoá" in html
        assert 'name="version" value="2"' in html
        assert 'name="csrf_token"' in html

    @pytest.fixture
    def long_work(self, app: Flask) -> Callable[..., str]:
        def run(*, fragment: bool = False, **changes: Any) -> str:
            job = Job(ref="abc", title="Nhập 1.000 câu", state=JobState.RUNNING, done=640, total=1000, message="")
            job.created_at, job.result_url, job.cancel_asked = clock.now(), "", False
            for name, value in changes.items():
                setattr(job, name, value)
            running = job.state in {JobState.WAITING, JobState.RUNNING}
            with app.test_request_context("/jobs/abc"):
                return render_template("core/job.html", job=job, running=running, fragment=fragment)

        return run

    def test_running_work_asks_again_and_can_be_cancelled(self, long_work: Callable[..., str]):
        html = long_work(message="Đã đọc 640 dòng")
        assert "640 trên 1.000" in html
        assert 'hx-trigger="every 2s"' in html
        assert '<noscript><meta http-equiv="refresh"' in html
        assert 'action="/jobs/abc/cancel"' in html
        assert "Đã đọc 640 dòng" in html

    def test_the_poll_gets_the_inner_part_only(self, long_work: Callable[..., str]):
        html = long_work(fragment=True).strip()
        assert html.startswith('<div id="job"')
        assert "<html" not in html

    def test_work_asked_to_stop_cannot_be_asked_twice(self, long_work: Callable[..., str]):
        html = long_work(cancel_asked=True)
        assert "Đang dừng lại" in html
        assert "/cancel" not in html

    def test_finished_work_stops_asking_and_keeps_its_result(self, long_work: Callable[..., str]):
        html = long_work(state=JobState.DONE, result_url="/bank/imports/1", result_file_id=3)
        assert "hx-trigger" not in html
        assert "http-equiv" not in html
        assert 'href="/bank/imports/1"' in html
        assert 'href="/jobs/abc/result"' in html

    def test_failed_work_says_why(self, long_work: Callable[..., str]):
        html = long_work(state=JobState.FAILED, message="Dòng 12: thiếu đáp án.")
        assert "Không làm xong" in html
        assert "Dòng 12: thiếu đáp án." in html

    def test_the_candidates_page_loads_its_own_two_files_only(self, app: Flask):
        with app.test_request_context("/x"):
            html = render_template_string(
                '{% extends "core/exam_base.html" %}{% block title %}Câu 1{% endblock %}'
                "{% block content %}<h1>Câu 1</h1>{% endblock %}"
            )
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
        kinds = sorted(re.sub(r"-[0-9a-f]{12}", "", path.rsplit("/", 1)[1]) for path in loaded)
        assert kinds == ["exam.css", "exam.js", "favicon.svg"]
