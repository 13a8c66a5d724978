"""Where passwords are hashed: one at a time, the longest waiting first, few in line, and nobody lost."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from examapp.accounts import passwords
from examapp.accounts.hashing import CrowdedError, Desk

OF_THE_REFERENCE = "$argon2id$v=19$m=1024,t=2,p=1$O4cG0yz6k3+tMV+ptLoA+w$XyGJA8dGLIK9ER2Ff8VxVM1wSEUT0VcQw1zSJF/x8kc"
"""Of "mot mat khau cu", made by the reference implementation: accounts of before go on working."""


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "lock", line=3, patience_s=30)


class Busy:
    """Holds the desk until it is told to let go."""

    def __init__(self, desk):
        self.begun, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=lambda: desk.do(self._work, since=0))
        self.thread.start()
        assert self.begun.wait(30)

    def _work(self):
        self.begun.set()
        self.over.wait(30)

    def let_go(self):
        self.over.set()
        self.thread.join(30)


def waiting(desk, number):
    while len(desk._line) != number:
        time.sleep(0.001)


def test_hashes_are_those_that_everybody_writes():
    assert passwords.HASHER.verify(OF_THE_REFERENCE, "mot mat khau cu")
    assert not passwords.HASHER.verify(OF_THE_REFERENCE, "mot mat khau khac")
    assert passwords.is_weaker(OF_THE_REFERENCE)
    made = passwords.HASHER.hash("mot mat khau moi")
    assert made.startswith("$argon2id$v=19$m=9216,t=4,p=1$")
    assert not passwords.is_weaker(made)


@pytest.mark.parametrize(
    "stored", ["", "x", "$argon2i$v=19$m=8,t=1,p=1$a$b", OF_THE_REFERENCE[:-3], OF_THE_REFERENCE + "!"]
)
def test_what_is_no_hash_is_no_password_of_anybody(stored):
    assert passwords.HASHER.verify(stored, "mot mat khau cu") is False


def test_the_outcome_and_the_fault_of_the_work_come_back(desk):
    assert desk.do(lambda: 42, since=1) == 42
    with pytest.raises(ZeroDivisionError):
        desk.do(lambda: 1 // 0, since=1)
    assert desk.do(lambda: "still there", since=1) == "still there"


def test_never_two_at_once_not_even_of_two_processes(tmp_path):
    """Two desks stand for two processes: they share the file alone."""
    desks = [Desk(tmp_path / "lock", line=40, patience_s=60) for _ in range(2)]
    at_work, most = [], []

    def work():
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.002)
        at_work.pop()

    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(desks[number % 2].do, work, since=number) for number in range(40)]:
            done.result(60)
    assert most == [1] * 40


def test_the_longest_waiting_comes_first(desk):
    busy, order = Busy(desk), []
    with ThreadPoolExecutor(3) as pool:
        done = []
        for place, since in enumerate((30, 10, 20), start=1):
            done.append(pool.submit(desk.do, lambda since=since: order.append(since), since=since))
            waiting(desk, place)
        busy.let_go()
        for one in done:
            one.result(30)
    assert order == [10, 20, 30]


def test_a_full_line_sends_the_latest_away_at_once_and_keeps_who_waited_longer(desk):
    busy = Busy(desk)
    with ThreadPoolExecutor(4) as pool:
        done = []
        for place, since in enumerate((10, 20, 30), start=1):
            done.append(pool.submit(desk.do, lambda since=since: since, since=since))
            waiting(desk, place)
        with pytest.raises(CrowdedError) as refused:
            desk.refuse_when_full(40)
        with pytest.raises(CrowdedError) as later:
            desk.do(lambda: 40, since=40)
        assert 0 < refused.value.again_s < later.value.again_s  # each is given a turn of its own
        desk.refuse_when_full(5)
        earlier = pool.submit(desk.do, lambda: 5, since=5)
        with pytest.raises(CrowdedError):
            done[2].result(30)
        busy.let_go()
        assert [one.result(30) for one in (earlier, *done[:2])] == [5, 10, 20]


def test_nobody_waits_longer_than_a_page_may_take(tmp_path):
    desk = Desk(tmp_path / "lock", line=3, patience_s=0.05)
    busy = Busy(desk)
    with pytest.raises(CrowdedError):
        desk.do(lambda: "never done", since=1)
    assert desk._line == []
    busy.let_go()


def test_a_folder_without_locks_stops_nobody(tmp_path):
    assert Desk(tmp_path / "not there" / "lock").do(lambda: "done", since=1) == "done"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_has_a_line_of_its_own(desk):
    busy = Busy(desk)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            desk._after_fork()
            code = len(desk._line) + (desk._thread is not None)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    busy.let_go()
