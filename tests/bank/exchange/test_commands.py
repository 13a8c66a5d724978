"""The same from the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.audit.models import AuditEvent
from examapp.bank.models import Question


@pytest.fixture
def package(province, tmp_path):
    province.question("Câu một?")
    path = tmp_path / "goi.thuocdo"
    answer = province.app.test_cli_runner().invoke(args=["questions", "pack", "-o", str(path)])
    assert answer.exit_code == 0, answer.output
    assert "1 câu hỏi" in answer.output
    return path


def unpack(place, path, *more, login=""):
    return place.app.test_cli_runner().invoke(
        args=["questions", "unpack", str(path), "--as", login or place.keeper.login, *more]
    )


def test_a_package_is_made_and_logged(province, package):
    assert (
        province.ask(select(AuditEvent.details).where(AuditEvent.action == "exchange.packed")).count("questions pack")
        == 1
    )


def test_nothing_to_pack_is_told(province, tmp_path):
    for more in (["--bank", "practice"], ["--position", "khong_co"]):
        path = tmp_path / "x"
        answer = province.app.test_cli_runner().invoke(args=["questions", "pack", "-o", str(path), *more])
        assert answer.exit_code == 1
        assert not path.exists()


def test_an_unknown_signer_is_refused_with_the_fingerprint(commune, package):
    answer = unpack(commune, package)
    assert answer.exit_code == 1
    assert "Mã khóa: " in answer.output


def test_a_package_is_compared_and_taken_when_asked(province, commune, package):
    commune.trust(province)
    answer = unpack(commune, package)
    assert (answer.exit_code, commune.count(Question)) == (0, 0), answer.output
    assert "Câu mới: 1 câu, chọn nhận 1 câu." in answer.output
    answer = unpack(commune, package, "--merge")
    assert (answer.exit_code, commune.count(Question)) == (0, 1), answer.output
    assert "Đã nhận 1 câu mới" in answer.output


def test_who_answers_for_it_must_keep_the_bank(province, commune, package):
    commune.trust(province)
    for login in ("nobody", commune.build.account().login):
        answer = unpack(commune, package, "--merge", login=login)
        assert answer.exit_code == 1
        assert commune.count(Question) == 0


def test_a_damaged_file_is_told(commune, package):
    package.write_bytes(package.read_bytes()[:-10])
    answer = unpack(commune, package)
    assert answer.exit_code == 1
    assert "Error" in answer.output
    assert "Traceback" not in answer.output
