"""Codes of what was unsent that were written down wrongly, nearly rightly, or looked up among receipts."""

from __future__ import annotations

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.sittings.models import Delivery, UnsentCode
from tests.invigilation.test_codes import URL, facts, hand_in, invigilator, outbox, stored
from tests.sittings.builders import hall


def audited(app, action: str) -> list[str]:
    return [row.details for row in stored(app, AuditEvent) if row.action == action]


def test_a_code_written_down_wrongly_is_taken_back(app, reader, place, sitting):
    data, _code = outbox(app, sitting, 1, 2)
    account = invigilator(place)
    browser = reader(account)
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code="7K2QX-M94TB")
    assert "có mã chưa gửi" in browser.open(URL).text
    browser.open(browser.page.link("Bùi Thị An"))
    page = browser.submit("Ghi nhầm")
    assert "Đã gạch mã 7K2QX-M94TB vì ghi nhầm." in page.text
    assert page.texts("main//li//s") == ["7K2QX-M94TB"]
    assert f"Ghi nhầm {account.display_name} gạch lúc" in page.texts("main//li")[0]
    assert "có mã chưa gửi" not in browser.open(URL).text
    assert audited(app, "sitting.code_struck") == ['{"code":"7K2QX-M94TB"}']
    page = hand_in(browser, data)
    assert "chưa có giám thị nào ghi mã cho người này" in page.text
    assert "7K2QX-M94TB" not in page.text
    assert page.status == 200
    (row,) = stored(app, UnsentCode)
    assert (row.code, row.wrong_by_id) == ("7K2QX-M94TB", account.id)
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    page = browser.submit("code", code="7K2QX-M94TB")
    assert page.texts("main//li//s") == [], "noted once more, it stands again"
    assert len(audited(app, "sitting.code_noted")) == 2


def test_a_struck_code_matches_nothing(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    browser.submit("Ghi nhầm")
    assert f"Mã của bài nhận được là {code}; chưa có giám thị nào" in hand_in(browser, data).text
    assert [row.matched for row in stored(app, Delivery)] == [False]
    page = browser.open(f"{URL}/late/{sitting.candidate_id}?show=all")
    assert f"khớp mã {code}" not in page.text
    assert "Ghi nhầm" in page.text
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    assert "Bài của mã này đã về máy chủ và khớp mã." in browser.submit("code", code=code).text


def test_what_has_arrived_was_not_written_down_wrongly(app, build, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    hand_in(browser, data)
    page = browser.open(f"{URL}/{sitting.candidate_id}/code")
    assert not page.all("main//li//button")
    (noted,) = stored(app, UnsentCode)
    strike = f"{URL}/{sitting.candidate_id}/noted/{noted.id}/wrong"
    browser.post(strike, status=409)
    other = place.sitting(place.candidate("Lê Văn Mẫu")[1])
    browser.post(f"{URL}/{other.candidate_id}/noted/{noted.id}/wrong", status=404)
    stranger = build.account(None, Role.INVIGILATOR)
    reader(stranger).post(strike, status=404)
    assert stored(app, UnsentCode)[0].wrong_ms is None


def test_a_code_that_is_nearly_that_of_what_arrived(app, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    hand_in(browser, data)
    first, last = ("2" if code[0] != "2" else "3"), ("2" if code[-1] != "2" else "3")
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    page = browser.submit("code", code=first + code[1:-1] + last)
    assert f"chỉ khác một, hai chữ so với {code}, mã của bài đã về. Hãy đọc lại mã trên màn hình" in page.text
    assert f"chỉ khác một, hai chữ so với {code}" in page.texts("main//li")[0]
    third = "2" if code[2] != "2" else "3"
    page = browser.submit("code", code=first + code[1] + third + code[3:-1] + last)
    assert "đã có bài của người này về máy chủ, nhưng không khớp mã này" in page.text


def test_a_code_of_unsent_work_is_told_from_a_receipt(app, build, reader, place, sitting):
    data, code = outbox(app, sitting, 1, 2)
    browser = reader(invigilator(place))
    assert "Có hai loại mã cùng dạng" in browser.open("/invigilation/receipt").text
    assert "Không có bài nào có mã này" in browser.submit("code", code=code).text
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    page = browser.open(f"/invigilation/receipt?code={code}")
    assert "Đây không phải mã biên nhận mà là mã của phần bài còn trên máy" in page.text
    assert "Phần bài của mã này chưa về máy chủ: hãy giữ nguyên máy" in page.text
    assert facts(page)["Bài về máy chủ"] == "chưa về"
    assert page.link("Bùi Thị An").endswith(f"{URL}/{sitting.candidate_id}")
    hand_in(browser, data)
    page = browser.open(f"/invigilation/receipt?code={code}")
    assert "Phần bài của mã này đã về máy chủ." in page.text
    assert facts(page)["Bài về máy chủ"].endswith("bằng tệp")
    assert "Đã nhận bài làm khẩn cấp" in browser.open(page.link("Xem lần nhận này")).text
    hall(build, code="Q3-2026")
    elsewhere = reader(build.account(None, Role.ORGANISER, unit=build.unit("Tỉnh Khác (mẫu)")))
    assert "Không có bài nào có mã này" in elsewhere.open(f"/invigilation/receipt?code={code}").text


def test_a_struck_code_is_told_as_such(reader, place, sitting):
    browser = reader(invigilator(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code="7K2QX-M94TB")
    browser.submit("Ghi nhầm")
    assert "Mã này đã bị gạch vì ghi nhầm." in browser.open("/invigilation/receipt?code=7k2qxm94tb").text
