"""The bank's pages in English."""

from __future__ import annotations

import re

import pytest

from tests.bank.builders import office

VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [
        "/bank/",
        "/bank/?state=retired",
        "/bank/questions/new",
        "/bank/review",
        "/bank/import",
        "/bank/export",
        "/bank/law",
    ],
)
def test_pages_have_no_vietnamese_sentence_left_in_english(build, reader, path):
    o = office(build)
    page = reader(o.head, language="en").open(path)
    left = [text for text in page.texts("main//p") + page.texts("main//label") + page.texts("main//button")]
    given = {"Tư pháp (mẫu)", "Đất đai (mẫu)", "Chứng thực", "Quản lý đất đai"}
    quoted = re.compile("“[^”]*”")
    assert [text for text in left if VIETNAMESE.search(quoted.sub("", text)) and text not in given] == []
