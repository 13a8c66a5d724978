"""The ground on which every case stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from examapp.core.db import db, writing
from tests.constraints.ground import Ground


@pytest.fixture
def ground(app: Flask) -> Iterator[Ground]:
    """Valid rows of the tables a case speaks of, in a transaction that is rolled back."""
    with app.app_context(), writing(), db.engine.connect() as connection:
        transaction = connection.begin()
        yield Ground(connection)
        transaction.rollback()
