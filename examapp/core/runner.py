"""The job runner: a process of its own beside the web server (``python -m examapp.core.runner``)."""

from __future__ import annotations

from examapp import create_app
from examapp.core.jobs import get_queue


def main() -> None:
    app = create_app()
    with app.app_context():
        queue = get_queue(app)
    queue.create_consumer(workers=1, periodic=True, initial_delay=0.2, max_delay=1.0).run()


if __name__ == "__main__":
    main()
