"""Commands of the house."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from config import Settings
from examapp import create_app
from examapp.bank.models import LegalDocument, Question, QuestionState
from examapp.bank.services import pool
from examapp.core import clock
from examapp.core.db import db
from examapp.evaluation.models import Scheme
from examapp.organisation.models import Official, Position


@pytest.fixture
def fresh(tmp_path):
    """An installation that is not a demonstration, without a database yet."""

    def make(demo):
        url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
        return create_app(Settings(secret_key="for tests", data=tmp_path, database_url=url, demo=demo, testing=True))

    return make


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=list(arguments))


def test_a_new_installation_begins_with_what_ships_and_draws_none_of_it(fresh):
    app = fresh(demo=False)
    assert "mục đi kèm" in run(app, "db", "upgrade").output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Position)) >= 60
        assert db.session.scalar(select(func.count()).select_from(LegalDocument)) >= 90
        assert db.session.scalar(select(func.count()).select_from(Scheme)) == 3
        states = set(db.session.scalars(select(Question.state)))
        assert states == {QuestionState.DRAFT}
        assert db.session.scalar(select(func.count()).select_from(Question)) >= 240
        assert pool(position_id=None, on=clock.today(), demo=False) == []
    assert "mục đi kèm" not in run(app, "db", "upgrade").output


def test_the_demonstration_is_refused_beside_real_data(fresh):
    app = fresh(demo=False)
    run(app, "db", "upgrade")
    refused = run(app, "demo")
    assert refused.exit_code == 1
    assert "DEMO=1" in refused.output


def test_the_demonstration_builds_an_area_with_everyone_in_it(fresh):
    app = fresh(demo=True)
    run(app, "db", "upgrade")
    built = run(app, "demo")
    assert built.exit_code == 0, built.output
    assert "tochuc" in built.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Official)) == 320
        check_history()
    again = run(app, "demo")
    assert again.exit_code == 1
    assert run(app, "demo", "--if-empty").exit_code == 0


def check_history():
    from examapp.evaluation.models import Evaluation
    from examapp.results.models import Result
    from examapp.rounds.models import ExamRound, RoundState

    rounds = db.session.execute(select(ExamRound.year, ExamRound.state).order_by(ExamRound.id)).all()
    assert [year for year, _state in rounds[:6]] == [2023, 2023, 2024, 2024, 2025, 2025]
    assert [state for _year, state in rounds].count(RoundState.OPEN) == 2
    shares = db.session.execute(select(Result.awarded, Result.possible)).all()
    spread = [awarded / possible for awarded, possible in shares]
    assert len(spread) > 1000
    assert 0.55 < sum(spread) / len(spread) < 0.8
    assert min(spread) < 0.4
    assert max(spread) > 0.9
    assert db.session.scalar(select(func.count()).select_from(Evaluation)) > 400


def test_two_builds_give_the_same_people_posts_and_marks(fresh, tmp_path):
    def built(folder):
        folder.mkdir()
        url = f"sqlite:///{folder / 'demo.sqlite'}"
        app = create_app(Settings(secret_key="for tests", data=folder, database_url=url, demo=True, testing=True))
        run(app, "db", "upgrade")
        assert run(app, "demo").exit_code == 0
        with app.app_context():
            return people_and_marks()

    assert built(tmp_path / "one") == built(tmp_path / "two")


def people_and_marks():
    from examapp.organisation.models import Post
    from examapp.results.models import Result

    people = select(Official.staff_code, Official.full_name, Post.position_id, Post.unit_id, Post.valid_from)
    marks = select(Official.staff_code, Result.round_id, Result.awarded, Result.possible)
    return (
        db.session.execute(people.join(Post).order_by(Official.id, Post.id)).all(),
        db.session.execute(marks.join(Result, Result.official_id == Official.id).order_by(Result.id)).all(),
    )
