"""Every table of the house in one import, for migrations and tests."""

from examapp.accounts import models as accounts
from examapp.audit import models as audit
from examapp.bank import models as bank
from examapp.core import models as core
from examapp.core.db import Base
from examapp.evaluation import models as evaluation
from examapp.organisation import models as organisation
from examapp.practice import models as practice
from examapp.results import models as results
from examapp.rounds import models as rounds
from examapp.sittings import models as sittings

__all__ = [
    "Base",
    "accounts",
    "audit",
    "bank",
    "core",
    "evaluation",
    "organisation",
    "practice",
    "results",
    "rounds",
    "sittings",
]
