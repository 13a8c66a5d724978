"""The sample bank: every file reads without a problem and keeps to its table of topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from question_bank import starter
from question_bank.formats import FORMATS, read, write
from question_bank.kinds import KINDS


def test_every_question_is_sound_and_of_a_known_topic() -> None:
    topics = {topic.code: topic for topic in starter.topics()}
    for question in starter.load():
        assert KINDS[question.kind].check(question) == []
        assert question.topic in topics
        assert question.level is not None


def test_topics_are_distinct_and_named() -> None:
    topics = starter.topics()
    assert len({topic.code for topic in topics}) == len(topics)
    assert all(topic.name and topic.strand for topic in topics)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "aiken"])
def test_the_bank_survives_every_format(name: str) -> None:
    writing = write(starter.load(), name)
    assert writing.problems == ()
    assert read(writing.data).questions == starter.load()


def test_a_file_with_a_problem_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hong.gift").write_text("Hỏng? {~a ~b}", encoding="utf-8")
    monkeypatch.setattr(starter, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"hong\.gift: Dòng 1"):
        starter.load.__wrapped__()
