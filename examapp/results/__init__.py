"""The room results: marks become results, results are published, recognised, shown and exported."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.results import acts, hand_routes, own  # noqa: F401 - their routes
from examapp.results.cli import results_group
from examapp.results.exports import export_job
from examapp.results.progress import tasks
from examapp.results.routes import bp
from examapp.results.services import compute_job

room = Room(
    blueprint=bp,
    cli=(results_group,),
    jobs={"results.compute": compute_job, "results.export": export_job},
    navigation=(
        Link(
            label=N_("Kết quả"),
            endpoint="results.index",
            permissions=(Permission.RESULTS_READ,),
            group=N_("Tổ chức thi"),
        ),
    ),
    tasks=tasks,
)
