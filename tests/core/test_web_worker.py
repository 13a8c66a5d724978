"""The web server as ``examapp serve`` starts it: nobody's network holds up the others."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import Settings
from examapp.core.cli import web_command

APP = """
import threading

from flask import Flask, Response, request
from examapp.core import web_line, web_worker

def create_app():
    web_worker.ARRIVAL_S = web_worker.UNREAD_S = 8
    web_line.STALL_S, web_line.MOST_UNSENT = 3, 4_000_000
    app = Flask(__name__)
    app.add_url_rule("/", "here", lambda: "here")
    app.add_url_rule("/unread", "unread", lambda: ("too much", 413), methods=["POST"])
    app.add_url_rule("/read", "read", lambda: str(len(request.get_data())), methods=["POST"])
    app.add_url_rule("/slow/<int:number>", "slow", slow)
    app.add_url_rule("/large/<int:pieces>", "large", large)
    app.add_url_rule("/sittings/save", "save", save, methods=["POST"])
    return app

begun, gate = set(), threading.Event()

def slow(number):
    begun.add(number)
    gate.wait(60)
    return "done"

def large(pieces):
    return Response(b"%01023d;" % number for number in range(pieces))

def save():
    if request.get_data() == b"open":
        gate.set()
    return ",".join(map(str, sorted(begun))) or "none"
"""
THREADS = 2
MANY = 8
PATIENCE_S = 60
"""On a busy machine; what these tests look for would never come, or only after the silent ones are given up."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One process with two threads, told what every installation is told."""
    with serving(tmp_path_factory.mktemp("served"), THREADS) as free:
        yield free


@contextmanager
def serving(folder: Path, threads: int) -> Iterator[int]:
    (folder / "small_app.py").write_text(APP, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    settings = Settings(secret_key="", data=folder, database_url="", port=free, workers=1, threads=threads)
    command = [word.replace("examapp:create_app()", "small_app:create_app()") for word in web_command(settings)]
    places = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": places})
    try:
        _wait_for(free, process)
        yield free
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server does not answer")


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def ask(line: socket.socket, request: bytes) -> bytes:
    """The answer as far as it comes in the first pieces: head and a body that is short."""
    line.sendall(request)
    told = b""
    while b"\r\n\r\n" not in told or not told.partition(b"\r\n\r\n")[2]:
        piece = line.recv(4096)
        if not piece:
            break
        told += piece
    return told


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_connections_that_say_nothing_take_no_thread(port):
    silent = [connect(port) for _ in range(THREADS * 20)]
    with connect(port) as line:
        line.settimeout(4)  # each silent one would hold a thread for five seconds
        for _ in range(3):
            assert ask(line, GET).endswith(b"here")
    for one in silent:  # and they are still welcome
        assert ask(one, GET).endswith(b"here")
        one.close()


def test_connections_that_do_not_close_at_their_end_hold_up_nobody(port):
    lingering = [connect(port) for _ in range(30)]
    for line in lingering:
        assert ask(line, LAST).endswith(b"here")
    with connect(port) as line:
        line.settimeout(20)  # each of them would stop the process for two seconds
        assert ask(line, GET).endswith(b"here")
    for line in lingering:
        assert line.recv(10) == b"", "the server has closed its side"
        line.close()


def test_a_connection_stays_open_between_two_contacts_of_a_page(port):
    with connect(port) as line:
        for _ in range(5):
            answer = ask(line, GET)
            assert b"Connection: keep-alive" in answer or b"Connection: close" not in answer


def test_the_answer_to_a_body_that_nobody_reads_arrives(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    line.request("POST", "/unread", body=b"x" * 30_000)
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (413, b"too much")
    line.close()


def test_a_last_message_with_a_body_is_answered_whole(port):
    with connect(port) as line:
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n"
        assert ask(line, head + b"y" * 40_000).endswith(b"40000")


HALF_HEAD = b"GET / HTTP/1.1\r\nHo"


def posted(length: int, *more: bytes) -> bytes:
    lines = [b"POST /read HTTP/1.1", b"Host: x", b"Content-Length: %d" % length, *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_requests_that_are_there_in_part_take_no_thread_and_are_given_up(port):
    stuck = [connect(port) for _ in range(80)]
    for number, line in enumerate(stuck):
        line.sendall(posted(100) + b"y" if number % 2 else HALF_HEAD)
    with connect(port) as line:
        for _ in range(3):
            assert ask(line, GET).endswith(b"here")
        assert ask(line, posted(3) + b"yyy").endswith(b"3")
    for line in stuck:
        assert line.recv(10) == b"", "closed, after a while, without an answer"
        line.close()


def test_a_request_that_comes_slowly_is_answered(port):
    whole = posted(60_000) + b"y" * 60_000
    with connect(port) as line:
        for _ in range(2):
            for piece in (whole[:1], whole[1:30], whole[30:100], whole[100:40_000]):
                line.sendall(piece)
                time.sleep(0.1)
            assert ask(line, whole[40_000:]).endswith(b"60000")


def test_requests_sent_together_are_answered_in_turn_also_if_the_last_is_cut(port):
    with connect(port) as line:
        line.sendall(GET + posted(3) + b"yyy" + GET[:10])
        told = b""
        while not told.endswith(b"\r\n\r\n3"):
            piece = line.recv(4096)
            assert piece
            told += piece
        assert told.count(b"200 OK") == 2
        time.sleep(0.1)
        assert ask(line, GET[10:]).endswith(b"here")


def test_large_bodies_leave_threads_to_the_others(port):
    stuck = [connect(port) for _ in range(THREADS * 3)]
    for line in stuck:
        line.sendall(posted(300_000) + b"y" * 100_000)
    with connect(port) as line:
        assert ask(line, GET).endswith(b"here")
    for line in stuck[1:]:
        line.close()
    with connect(port) as late:  # waits for the first, which goes on at last
        late.sendall(posted(300_000) + b"y" * 300_000)
        assert ask(stuck[0], b"y" * 200_000).endswith(b"300000")
        stuck[0].close()
        assert ask(late, b"").endswith(b"300000")


def test_a_body_that_drips_is_given_up(port):
    dripping = [connect(port) for _ in range(THREADS * 2)]
    for line in dripping:
        line.sendall(posted(300_000) + b"y" * 70_000)
    with connect(port) as late:
        late.sendall(posted(300_000) + b"y" * 300_000)
        late.settimeout(0.5)
        until, told = time.monotonic() + PATIENCE_S, b""
        while not told.endswith(b"300000") and time.monotonic() < until:
            with contextlib.suppress(TimeoutError):
                told += late.recv(4096)
            for line in dripping:
                with contextlib.suppress(OSError):
                    line.sendall(b"y")
        assert told.endswith(b"300000")
    for line in dripping:
        line.close()


def narrow(port: int) -> socket.socket:
    """As a phone far away: little is on the way to it at a time."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.settimeout(PATIENCE_S)
    line.connect(("127.0.0.1", port))
    return line


def large(pieces: int) -> bytes:
    return b"GET /large/%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % pieces


def test_answers_that_nobody_takes_hold_no_thread_and_are_given_up(port):
    stuck = [narrow(port) for _ in range(THREADS * 5)]
    for line in stuck:
        line.sendall(large(3500))
    with connect(port) as line:
        for _ in range(3):
            assert ask(line, GET).endswith(b"here")
    time.sleep(10)
    for line in stuck:
        assert len(taken(line)) < 3500 * 1024
        line.close()


def taken(line: socket.socket) -> bytes:
    """All that still comes, as far as it comes."""
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(200_000):
            told += piece
    return told


def joined(chunks: bytes) -> bytes:
    """A body that came as chunks; nothing may be missing of it."""
    body, rest = b"", chunks
    while rest != b"0\r\n\r\n":
        length, _, rest = rest.partition(b"\r\n")
        size = int(length, 16)
        assert rest[size : size + 2] == b"\r\n"
        body, rest = body + rest[:size], rest[size + 2 :]
    return body


@pytest.mark.parametrize("pieces", [1, 100, 3500, 5000])
def test_a_large_answer_comes_whole_however_slowly_it_is_taken(port, pieces):
    """The largest is more than is kept: its thread waits."""
    with narrow(port) as line:
        line.sendall(large(pieces))
        time.sleep(0.5)
        body = joined(taken(line).partition(b"\r\n\r\n")[2])
    assert body == b"".join(b"%01023d;" % number for number in range(pieces))


def test_a_body_of_untold_length_is_read(port):
    with connect(port) as line:
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert ask(line, head + b"3\r\nyyy\r\n0\r\n\r\n").endswith(b"3")
        assert ask(line, GET).endswith(b"here")


def test_who_asks_whether_to_send_the_body_is_told(port):
    with connect(port) as line:
        line.sendall(posted(3, b"Expect: 100-continue"))
        assert b"100 Continue" in line.recv(4096)
        assert ask(line, b"yyy").endswith(b"3")


def test_connections_of_other_people_may_vanish(port):
    for _ in range(20):
        line = connect(port)
        line.sendall(b"GET / HT")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.close()
    with connect(port) as line:
        assert ask(line, GET).endswith(b"here")


def save(port: int, body: bytes = b"[]") -> list[int]:
    """Which of the slow pages had begun when an answer was stored."""
    with connect(port) as line:
        head = b"POST /sittings/save HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        told = ask(line, head + body).partition(b"\r\n\r\n")[2].decode()
    return [int(number) for number in told.split(",")] if told != "none" else []


def test_answers_are_stored_while_everything_else_waits(tmp_path):
    """Six of eight threads are at pages that do not end; whoever waits behind them comes later, or has gone."""
    with serving(tmp_path, MANY) as port:
        pages = [connect(port) for _ in range(MANY * 2)]
        for number, line in enumerate(pages):
            line.sendall(b"GET /slow/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        until = time.monotonic() + PATIENCE_S
        while len(begun := save(port)) < MANY - MANY // 4:
            assert time.monotonic() < until, begun
        waiting = [number for number in range(len(pages)) if number not in begun]
        gone = waiting[0]
        pages[gone].close()
        time.sleep(0.5)
        assert save(port) == begun, "nobody else has a thread"
        save(port, b"open")
        for number in waiting[1:]:
            assert b"done" in ask(pages[number], b"")
        for line in pages:
            line.close()
        assert save(port) == [number for number in range(len(pages)) if number != gone]


def test_a_process_may_have_as_many_connections_as_files():
    """Told in a process of its own, with few files allowed."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1000))\n"
        "from examapp.core import web_server as w\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], w.worker_connections)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["1000", "800"]
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 1000
