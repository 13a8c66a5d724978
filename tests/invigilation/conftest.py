"""A hall whose shift was over an hour ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from examapp.core import clock
from examapp.core.db import unit_of_work
from examapp.sittings.models import Sitting
from examapp.sittings.settle import settle_due
from tests.sittings.builders import Hall, hall


@pytest.fixture
def place(build) -> Hall:
    return hall(build, starts_at=clock.now() - timedelta(hours=3), hours=2)


@pytest.fixture
def sitting(app, place) -> Sitting:
    """Over for an hour and settled; nothing had come."""
    row = place.sitting(place.candidate("Bùi Thị An")[1], ago=120)
    with app.app_context(), unit_of_work():
        settle_due(clock.now())
    return place.build.get(Sitting, row.id)
