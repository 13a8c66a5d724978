"""The macros every page is written with: labels, errors that lead to their field, ids once, the address kept."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, IntegerField, PasswordField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired

from examapp.core.forms import HouseForm
from examapp.core.styleguide import SampleForm, sample_form
from tests.reader import text_of

Render = Callable[..., Element]
IMPORTS = """
{% from "core/macros/forms.html" import act_button, csrf, error_summary, field, form_page %}
{% from "core/macros/tables.html" import address, cell, data_table, filter_select, filters %}
{% from "core/macros/tables.html" import lead_cell, pager, select_cell %}
{% from "core/macros/status.html" import empty, facts, kpi, notice, page_head, progress, steps, tag %}
{% from "core/macros/charts.html" import bar_chart, heat_table, line_chart %}
"""


@pytest.fixture
def render(app: Flask) -> Render:
    def run(source: str, url: str = "/list", **values: Any) -> Element:
        with app.test_request_context(url):
            page = "<!doctype html><html><head><title>t</title></head><body>" + render_template_string(
                IMPORTS + source, **values
            )
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root: Element = parser.parse(page + "</body></html>")
        assert not parser.errors, parser.errors[:3]
        for element in root.iter():
            element.tag = str(element.tag).rpartition("}")[2]  # SVG stands in a namespace of its own
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), "double ids"
        return root

    return run


def by_id(root: Element, name: str) -> Element:
    return next(element for element in root.iter() if element.get("id") == name)


def links(root: Element) -> dict[str, str]:
    return {text_of(link): link.get("href") or "" for link in root.iter("a")}


class TestForms:
    @pytest.fixture
    def page(self, app: Flask, render: Render) -> Element:
        with app.test_request_context("/"):
            form = sample_form()
        return render("{{ form_page(form, 'Lưu', cancel='/back') }}", form=form)

    def test_every_control_has_a_label_or_legend(self, page: Element):
        labelled = {label.get("for") for label in page.iter("label")}
        controls = [c for tag in ("input", "select", "textarea") for c in page.iter(tag) if c.get("type") != "hidden"]
        assert len(controls) == 14
        assert all(control.get("id") in labelled for control in controls)
        assert {text_of(legend) for legend in page.iter("legend")} == {"Mục đích", "Ca thi"}

    def test_an_error_stands_at_its_field_and_is_named_by_it(self, page: Element):
        control = by_id(page, "opens_on")
        assert control.get("aria-invalid") == "true"
        named = [by_id(page, name) for name in (control.get("aria-describedby") or "").split()]
        assert any("Không có ngày 32/13/2026 trong lịch" in text_of(note) for note in named)
        assert by_id(page, "code").get("aria-invalid") is None

    def test_hint_and_error_are_both_described(self, page: Element):
        assert by_id(page, "code").get("aria-describedby") == "code-hint"
        assert "KT-2026-04" in text_of(by_id(page, "code-hint"))

    def test_the_summary_leads_to_each_field_in_error(self, page: Element):
        summary = by_id(page, "error-summary")
        assert summary.get("role") == "alert"
        targets = [(link.get("href") or "")[1:] for link in summary.iter("a")]
        assert targets == ["name", "opens_on", "minutes", "purpose-0"]
        for target in targets:
            assert by_id(page, target).tag == "input"

    def test_what_was_typed_is_kept(self, page: Element):
        assert by_id(page, "opens_on").get("value") == "32/13/2026"
        assert by_id(page, "pass_mark").get("value") == "5,5"

    def test_dates_and_decimals_are_typed_as_text(self, page: Element):
        assert by_id(page, "opens_on").get("type") == "text"
        assert by_id(page, "opens_on").get("placeholder") == "ngày/tháng/năm"
        assert (by_id(page, "pass_mark").get("type"), by_id(page, "pass_mark").get("inputmode")) == ("text", "decimal")
        assert by_id(page, "minutes").get("inputmode") == "numeric"

    def test_a_file_makes_the_form_multipart_and_knows_the_limit(self, app: Flask, page: Element):
        form = next(page.iter("form"))
        assert form.get("enctype") == "multipart/form-data"
        assert form.get("novalidate") is not None
        assert by_id(page, "list_file").get("data-max-bytes") == str(app.config["MAX_CONTENT_LENGTH"])

    def test_token_button_and_way_back(self, page: Element):
        tokens = [field for field in page.iter("input") if field.get("name") == "csrf_token"]
        assert len(tokens) == 1
        assert tokens[0].get("value")
        assert [text_of(button) for button in page.iter("button")] == ["Lưu"]
        assert links(page)["Hủy, quay lại"] == "/back"

    def test_optional_fields_say_so(self, page: Element):
        texts = {label.get("for"): text_of(label) for label in page.iter("label")}
        assert texts["code"] == "Ký hiệu (không bắt buộc)"
        assert texts["name"] == "Tên kỳ thi"

    def test_a_form_without_errors_has_no_summary(self, app: Flask, render: Render):
        with app.test_request_context("/"):
            form = SampleForm(meta={"csrf": False})
        root = render("{{ form_page(form, 'Lưu') }}", form=form)
        assert "error-summary" not in {element.get("id") for element in root.iter()}

    def test_an_error_of_no_field_stands_on_top(self, app: Flask, render: Render):
        with app.test_request_context("/"):
            form = SampleForm(meta={"csrf": False})
        form.form_errors.append("Kỳ thi đã mở, không sửa được.")
        assert "Kỳ thi đã mở" in text_of(by_id(render("{{ error_summary(form) }}", form=form), "error-summary"))

    def test_what_a_person_typed_is_never_markup(self, app: Flask, render: Render):
        with app.test_request_context("/"):
            form = SampleForm(formdata=MultiDict({"name": "<b>x</b>"}), meta={"csrf": False})
        form.name.errors = ["<script>alert(1)</script>"]
        root = render("{{ error_summary(form) }}{{ field(form.name) }}", form=form)
        assert not list(root.iter("script"))
        assert by_id(root, "name").get("value") == "<b>x</b>"

    def test_other_keywords_reach_the_control(self, app: Flask, render: Render):
        class SignIn(HouseForm):
            password = PasswordField("Mật khẩu")

        with app.test_request_context("/"):
            form = SignIn(meta={"csrf": False})
        control = by_id(
            render("{{ field(form.password, autofocus=true, autocomplete='current-password') }}", form=form), "password"
        )
        assert control.get("autocomplete") == "current-password"
        assert control.get("autofocus") is not None
        assert control.get("type") == "password"

    def test_errors_inside_a_group_lead_to_the_inner_field(self, app: Flask, render: Render):
        class Row(PlainForm):
            count = IntegerField("Số câu", [InputRequired("Chưa nhập số câu.")])

        class Matrix(HouseForm):
            rows = FieldList(FormField(Row), label="Các dòng", min_entries=2)
            title = StringField("Tên")

        with app.test_request_context("/"):
            form = Matrix(
                formdata=MultiDict({"rows-0-count": "3", "rows-1-count": "", "title": "x"}), meta={"csrf": False}
            )
        assert not form.validate()
        root = render("{{ form_page(form, 'Lưu') }}", form=form)
        assert list(links(by_id(root, "error-summary")).values()) == ["#rows-1-count"]
        assert by_id(root, "rows-1-count").get("aria-invalid") == "true"

    def test_an_act_is_a_post_with_its_token(self, render: Render):
        root = render("{{ act_button('Mở kỳ thi', '/rounds/1/open', 'primary', {'version': 3}) }}")
        form = next(root.iter("form"))
        assert (form.get("method"), form.get("action")) == ("post", "/rounds/1/open")
        assert {field.get("name") for field in form.iter("input")} == {"csrf_token", "version"}


class TestLists:
    COLUMNS = [
        {"key": "pick", "label": "Chọn", "select": True},
        {"key": "name", "label": "Họ tên", "sortable": True},
        {"key": "score", "label": "Điểm", "num": True, "sortable": True},
        {"key": "acts", "label": "Thao tác", "hidden": True},
    ]
    TABLE = """{% call data_table(columns, 'Kết quả', sort='name') %}
      <tr>{{ select_cell('pick', 7, 'Chọn người này') }}{{ lead_cell('Người mẫu', '/p/7', 'Xã mẫu') }}
      {{ cell('Điểm', '8,5', num=true) }}{% call cell('Thao tác') %}<a href="/x">Mở</a>{% endcall %}</tr>
    {% endcall %}"""

    def test_heads_sort_by_the_address(self, render: Render):
        root = render(self.TABLE, "/list?level=apply&page=4", columns=self.COLUMNS)
        found = links(root)
        assert found["Họ tên ▲"] == "/list?level=apply&sort=-name", "in order already, so the link turns it"
        assert found["Điểm"] == "/list?level=apply&sort=score", "the page number falls away"
        assert [head.get("aria-sort") for head in root.iter("th")] == [None, "ascending", None, None]

    def test_the_address_wins_over_the_order_of_the_page(self, render: Render):
        root = render(self.TABLE, "/list?sort=-score", columns=self.COLUMNS)
        assert [head.get("aria-sort") for head in root.iter("th")] == [None, None, "descending", None]
        assert links(root)["Điểm ▼"] == "/list?sort=score"

    def test_cells_carry_their_label_for_phones(self, render: Render):
        root = render(self.TABLE, columns=self.COLUMNS)
        assert [cell.get("data-label") for cell in root.iter("td")] == [None, None, "Điểm", "Thao tác"]
        assert text_of(next(root.iter("caption"))) == "Kết quả"
        assert all(head.get("scope") == "col" for head in root.iter("th"))

    def test_nothing_is_a_dash_and_zero_is_zero(self, render: Render):
        root = render("<table><tr>{{ cell('A', none) }}{{ cell('B', '') }}{{ cell('C', 0, num=true) }}</tr></table>")
        assert [text_of(cell) for cell in root.iter("td")] == ["–", "–", "0"]

    def test_ticks_are_labelled(self, render: Render):
        root = render(self.TABLE, columns=self.COLUMNS)
        ticks = [label for label in root.iter("label") if label.find("input") is not None]
        assert [text_of(label) for label in ticks] == ["Chọn cả trang", "Chọn người này"]

    def test_address_keeps_repeated_values_and_escapes(self, render: Render):
        root = render(
            "<a href=\"{{ address({'level': none}) }}\">x</a>", "/list?unit=1&unit=2&q=h%E1%BB%99+t%E1%BB%8Bch&level=a"
        )
        assert links(root)["x"] == "/list?unit=1&unit=2&q=h%E1%BB%99+t%E1%BB%8Bch"

    def test_chips_take_one_filter_off(self, render: Render):
        root = render(
            "{{ filters('Tìm người', chips, total=12) }}",
            "/list?q=an&unit=3&state=passed&sort=-score&page=2",
            chips=[{"label": "Xã mẫu", "drop": "unit"}, {"label": "Đạt", "drop": "state"}],
        )
        found = links(root)
        assert found["Bỏ lọc: Xã mẫu ✕"] == "/list?q=an&state=passed&sort=-score"
        assert found["Xóa bộ lọc"] == "/list"
        fields = {field.get("name"): field.get("value") for field in root.iter("input")}
        assert fields == {"q": "an", "sort": "-score"}
        assert "12 kết quả" in text_of(root)

    def test_a_filter_keeps_its_choice(self, render: Render):
        root = render("{{ filter_select('level', 'Mức độ', [(1, 'Nhận biết'), (2, 'Vận dụng')]) }}", "/list?level=2")
        chosen = [option for option in root.iter("option") if option.get("selected") is not None]
        assert [text_of(option) for option in chosen] == ["Vận dụng"]
        assert text_of(next(root.iter("option"))) == "Mức độ: tất cả"

    @pytest.mark.parametrize(
        ("number", "pages", "names"),
        [(1, 1, []), (1, 2, ["Tiếp ›"]), (2, 2, ["‹ Trước"]), (2, 5, ["‹ Trước", "Tiếp ›", "Trang cuối"])],
    )
    def test_pager_offers_only_what_exists(self, render: Render, number: int, pages: int, names: list[str]):
        page = SimpleNamespace(number=number, pages=pages, total=38, url=lambda n: f"/list?page={n}")
        root = render("{{ pager(page) }}", page=page)
        assert list(links(root)) == names
        assert "38 kết quả" in text_of(root)


class TestStates:
    @pytest.mark.parametrize("kind", ["good", "warn", "bad", "act", "neutral"])
    def test_a_tag_says_its_state_in_words(self, render: Render, kind: str):
        span = next(render(f"{{{{ tag('Đã duyệt', '{kind}') }}}}").iter("span"))
        assert (text_of(span), span.get("class")) == ("Đã duyệt", f"tag {kind}")

    def test_steps_say_their_state_and_a_blocked_one_has_no_link(self, render: Render):
        tasks = [
            {"label": "Ma trận", "url": "/m", "state": "now"},
            {"label": "Đề", "url": "/d", "state": "blocked"},
        ]
        root = render("{{ steps(tasks) }}", tasks=tasks)
        assert list(links(root)) == ["Ma trận"]
        assert [item.get("aria-current") for item in root.iter("li")] == ["step", None]
        assert "Chưa làm được" in text_of(root)

    def test_progress_is_a_real_one_with_figures_as_written_here(self, render: Render):
        root = render("{{ progress(640, 1000, 'Nhập') }}")
        bar = next(root.iter("progress"))
        assert (bar.get("value"), bar.get("max"), bar.get("aria-label")) == ("640", "1000", "Nhập")
        assert "640 trên 1.000" in text_of(root)

    def test_progress_of_unknown_length_claims_none(self, render: Render):
        assert next(render("{{ progress(3) }}").iter("progress")).get("value") is None

    def test_an_empty_list_says_what_to_do_first(self, render: Render):
        root = render("{{ empty('Chưa có kỳ thi', 'Tạo ma trận trước.', '/m', 'Tạo ma trận') }}")
        assert links(root) == {"Tạo ma trận": "/m"}

    def test_one_heading_with_figures_and_actions(self, render: Render):
        root = render(
            "{% call page_head('Kỳ thi', '3 đang mở', back) %}<a href='/n'>Tạo</a>{% endcall %}",
            back={"url": "/", "label": "Trang đầu"},
        )
        assert [text_of(heading) for heading in root.iter("h1")] == ["Kỳ thi"]
        assert links(root) == {"‹ Trang đầu": "/", "Tạo": "/n"}

    def test_facts_and_figures(self, render: Render):
        root = render("{{ facts([('Đơn vị', 'Xã mẫu'), ('Ghi chú', none)]) }}{{ kpi('Đạt', '88,4%', '61 trên 69') }}")
        assert [text_of(value) for value in root.iter("dd")] == ["Xã mẫu", "–"]
        assert "61 trên 69" in text_of(root)


class TestPictures:
    def lines(self, render: Render, values: list[float | None], **options: Any) -> Element:
        return render(
            "{{ line_chart('Đạt', [{'name': 'Đạt', 'values': values}], labels, unit='%', **options) }}",
            values=values,
            labels=[str(2022 + at) for at in range(len(values))],
            options=options,
        )

    def test_figures_come_with_the_picture(self, render: Render):
        root = self.lines(render, [88.1, 90.0, None])
        rows = [[text_of(cell) for cell in row] for row in next(root.iter("tbody"))]
        assert rows == [["2022", "88,1"], ["2023", "90,0"], ["2024", "–"]]
        assert text_of(next(root.iter("summary"))) == "Số liệu"
        assert next(root.iter("svg")).get("role") == "img"

    def test_a_gap_breaks_the_line(self, render: Render):
        root = self.lines(render, [1.0, 2.0, None, 3.0])
        line = next(p for p in root.iter("path") if p.get("stroke-width") == "3")
        assert re.findall("[ML]", line.get("d") or "") == ["M", "L", "M"]

    @pytest.mark.parametrize("values", [[5.0], [5.0, 5.0], [0.0, 0.0], [0.02, 0.03], [1.0, 250000.0], [-3.0, 4.0]])
    def test_every_point_lies_inside_the_picture(self, render: Render, values: list[float | None]):
        root = self.lines(render, values)
        points = list(root.iter("circle"))
        assert len(points) == len(values)
        for point in points:
            assert 30 <= float(point.get("cy") or 0) <= 190
            assert 48 <= float(point.get("cx") or 0) <= 354

    def test_no_figures_no_picture(self, render: Render):
        root = self.lines(render, [None, None])
        assert not list(root.iter("svg"))
        assert "Chưa có số liệu" in text_of(root)

    def test_series_differ_by_dash_and_shape_too(self, render: Render):
        series = [{"name": "Chung", "values": [7, 8]}, {"name": "Riêng", "values": [6, 7]}]
        root = render("{{ line_chart('Điểm', series, ['I', 'II']) }}", series=series)
        dashes = {path.get("stroke-dasharray") for path in root.iter("path") if path.get("stroke-width") == "3"}
        assert len(dashes) == 2
        assert list(root.iter("circle"))
        assert list(root.iter("rect"))

    def test_bars_are_in_proportion_and_little_is_said_of_few(self, render: Render):
        bars = [{"label": "A", "value": 50}, {"label": "B", "value": 100}, {"label": "C", "value": None}]
        root = render("{{ bar_chart('Đạt', bars, '%') }}", bars=bars)
        widths = [float(bar.get("width") or 0) for bar in root.iter("rect") if bar.get("fill") == "#14508c"]
        assert widths[0] * 2 == widths[1]
        assert "ít" in text_of(root)

    def test_the_colour_table_has_its_numbers_in_it(self, render: Render):
        rows = [{"label": "Hộ tịch", "values": [85, 49.6]}, {"label": "Đất", "values": [None, 60]}]
        root = render("{{ heat_table('Đúng', ['Tư pháp', 'Đất đai'], rows) }}", rows=rows)
        cells = [(cell.get("class"), text_of(cell)) for cell in root.iter("td") if cell.get("class")]
        assert cells == [("heat-5", "85"), ("heat-1", "50"), ("heat-n", "ít"), ("heat-3", "60")]

    def test_pictures_use_no_style(self, render: Render):
        root = self.lines(render, [1.0, 2.0], marks=[{"at": 1, "label": "01/07/2025"}])
        assert not [element for element in root.iter() if element.get("style")]
        assert "01/07/2025" in text_of(next(root.iter("svg")))
