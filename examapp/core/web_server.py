"""Settings of the web server (gunicorn), for thousands of phones that each keep a connection open.

A page of the exam speaks at least every 25 seconds, so with ``keepalive`` above that a candidate makes one connection
and keeps it. Beyond ``worker_connections`` gunicorn would close after every answer.
"""

from __future__ import annotations

import gc
import resource
import sys

CONNECTIONS = 20_000
"""Of one process. Each costs a file and about 10 kB."""
OTHER_FILES = 200
"""Of the process itself: database, logs, compiled templates."""


def _files() -> int:
    """How many files the process may have open, after asking for as many as are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


worker_class = "examapp.core.web_worker.Worker"
worker_connections = max(100, min(CONNECTIONS, _files() - OTHER_FILES))
keepalive = 30
backlog = 4096
graceful_timeout = 20
sendfile = False  # it would wait for the other side (examapp.core.web_line)
preload_app = True
accesslog = None
loglevel = "warning"


def when_ready(_server: object) -> None:
    """What was loaded before the first request stays: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(0.001)  # a page that is being written lets an answer through after a millisecond, not five
