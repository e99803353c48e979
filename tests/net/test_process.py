"""Programs run for a look: what they see, what is heard of them, and that none of their family outlives the look."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.secret import Secret
from tui_monitor.net import Ended, Net, build_program
from tui_monitor.net.machine.process import MAX_OUTPUT


def children() -> set[str]:
    """The processes that this one has to reap, dead or alive; other tests may have servers of their own."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {name for task in tasks for name in task.read_text().split()}


async def run(net: Net, *argv: str, within: float = 10, **options) -> Ended:
    return await net.execute(build_program(argv, **options), within)


async def sh(net: Net, script: str, within: float = 10, **options) -> Ended:
    return await net.execute(build_program(script, shell=True, **options), within)


def is_alive(pid: int) -> bool:
    """A zombie whom its new parent has not looked at yet is as dead as one can be."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(*pids: int) -> None:
    """Whoever was killed may need a moment to die."""
    async with asyncio.timeout(2):
        while any(map(is_alive, pids)):
            await asyncio.sleep(0)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe by which a program says that it is ready."""
    os.mkfifo(tmp_path / "ready")
    return tmp_path / "ready"


async def news(pipe: Path) -> list[int]:
    """The numbers that a program writes into the pipe, as soon as it does."""
    return [int(word) for word in (await asyncio.to_thread(pipe.read_text)).split()]


FAMILY = "sleep 1000 & sh -c 'sleep 1000 & echo $$ $! {pid} > ready; wait' & wait"
"""A shell, its child, and a grandchild that has another shell between."""


# -- what it sees, and what is heard of it -----------------------------------------------------------------------


async def test_what_it_says_and_how_it_ends_is_heard(net: Net):
    ended = await sh(net, "echo fine; echo hmm >&2; exit 3")
    assert (ended.code, ended.out, ended.err, ended.is_cut) == (3, b"fine\n", b"hmm\n", False)
    assert 0 < ended.took < 10


async def test_no_shell_looks_at_the_words(net: Net):
    words = ("$HOME", "*", "a b", "; exit 1", "`id`")
    assert (await run(net, "printf", "%s\n", *words)).out.decode().splitlines() == list(words)


async def test_it_sees_nothing_of_ours_but_a_few_names(net: Net, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "sesame")
    monkeypatch.setenv("LC_ALL", "C")
    ended = await run(net, "env", env={"MINE": "a=b", "KEY": Secret("abc")})
    seen = dict(line.split("=", 1) for line in ended.out.decode().splitlines())
    assert seen.keys() <= {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LC_ALL",
                           "LC_CTYPE", "MINE", "KEY"}  # fmt: skip
    assert (seen["MINE"], seen["KEY"], seen["LC_ALL"], seen["PATH"]) == ("a=b", "abc", "C", os.environ["PATH"])


async def test_a_path_of_its_own_is_where_it_is_looked_for(net: Net, tmp_path: Path):
    place = tmp_path / "bin" / "own"
    place.parent.mkdir()
    place.write_text("#!/bin/sh\necho mine")
    place.chmod(0o755)
    assert (await run(net, "own", env={"PATH": f"{place.parent}:/bin:/usr/bin"})).out == b"mine\n"


async def test_it_runs_in_the_folder_of_the_config_or_one_from_there(net: Net, tmp_path: Path):
    (tmp_path / "there").mkdir()
    assert (await run(net, "pwd")).out.decode().strip() == str(tmp_path)
    assert (await run(net, "pwd", directory="there")).out.decode().strip() == str(tmp_path / "there")


async def test_it_may_be_named_from_the_folder_it_runs_in(net: Net, tmp_path: Path):
    (tmp_path / "probe.sh").write_text("#!/bin/sh\necho $0")
    (tmp_path / "probe.sh").chmod(0o755)
    assert (await run(net, "./probe.sh")).code == 0


async def test_it_is_given_what_it_is_to_read(net: Net):
    text = "0123456789" * 100_000
    assert (await run(net, "wc", "-c", text=Secret(text))).out.split() == [b"1000000"]
    assert (await run(net, "cat", text=text)).out == text.encode()[:MAX_OUTPUT]
    assert (await run(net, "cat")).out == b""


async def test_it_need_not_read_what_it_is_given(net: Net):
    assert (await run(net, "true", text="x" * 1_000_000)).code == 0
    assert (await sh(net, "head -c 3; exec <&-; head -c 300000 /dev/zero", text="x" * 1_000_000)).out[:4] == b"xxx\0"


async def test_what_is_too_much_is_read_and_dropped(net: Net):
    ended = await sh(net, "head -c 3000000 /dev/zero; head -c 100000 /dev/zero >&2; exit 2")
    assert (ended.code, len(ended.out), len(ended.err), ended.is_cut) == (2, MAX_OUTPUT, MAX_OUTPUT, True)


async def test_one_that_never_stops_talking_is_heard_slowly(net: Net, tmp_path: Path):
    """A megabyte every 10 ms, which costs next to nothing."""
    script = "i=0; while head -c 1000000 /dev/zero; do i=$((i+1)); echo $i > said; done"
    with pytest.raises(Unreachable, match="not finished within 500 ms"):
        await sh(net, script, within=0.5)
    assert 1 <= int((tmp_path / "said").read_text()) <= 60


async def test_the_signal_that_killed_it_is_known(net: Net):
    ended = await sh(net, "kill -SEGV $$")
    assert (ended.code, ended.how) == (-signal.SIGSEGV, "killed by SIGSEGV")
    assert (Ended(-40).how, Ended(3).how) == ("killed by signal 40", "exit code 3")


# -- what cannot be started ---------------------------------------------------------------------------------------


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    for name, text, mode in [
        ("plain", "#!/bin/sh\n", 0o644),
        ("lost", "#!/no/such/interpreter\n", 0o755),
        ("blob", "\x7fno program at all", 0o755),
    ]:
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "options", "text"),
    [
        (["no-such-program"], {}, r"there is no program no-such-program in .*bin"),
        (["./missing"], {}, "there is no program .*missing"),
        (["./folder"], {}, "there is no program .*folder"),
        (["./plain"], {}, "plain may not be executed: see to its permissions"),
        (["./lost"], {}, "lost cannot be started: what its first line names to run it with is not there"),
        (["./blob"], {}, "blob cannot be started: exec format error"),
        (["true"], {"directory": "nowhere"}, "there is no folder .*nowhere to run true in"),
        (["true"], {"directory": "plain"}, "there is no folder .*plain to run true in"),
        (["true", "x" * 3_000_000], {}, "true cannot be started: argument list too long"),
    ],
)
async def test_what_cannot_be_started_is_said_in_a_sentence(net: Net, bin_: Path, argv, options, text):
    for _ in range(2):
        with pytest.raises(Unreadable, match=text):
            await run(net, *argv, **options)


@pytest.mark.parametrize(
    ("run", "options", "text"),
    [
        ("ls", {}, r"run: a text is for a shell: say shell: true"),
        (["ls"], {"shell": True}, r"run: a list is not for a shell: write a text, or leave out shell: true$"),
        ([], {}, "run: names no program"),
        ([""], {}, "run: names no program"),
        ("", {"shell": True}, "run: names no program"),
        (["a\0b"], {}, "run: has a character in it"),
        (["ls"], {"directory": "a\0b"}, "directory: has a character in it"),
        (["ls"], {"env": {"A=B": "c"}}, "env: 'A=B' is not the name of a variable"),
        (["ls"], {"env": {"A": "c\0"}}, "env: 'A' is not the name"),
    ],
)
def test_what_can_never_run_is_refused_with_the_config(run, options, text):
    with pytest.raises(ValueError, match=text):
        build_program(run, **options)


def test_a_program_shows_no_more_than_its_name():
    program = build_program(["curl", "sesame"], env={"K": Secret("sesame")}, text="sesame")
    assert "sesame" not in repr(program)
    assert program.name == "curl"


async def test_a_file_system_that_does_not_answer_is_our_own_trouble(net: Net):
    """Its searches hang in their threads; here the threads hang already."""
    over = threading.Event()
    for _ in range(16):
        net.programs._threads.put(over.wait)
    patient = asyncio.ensure_future(run(net, "true"))
    try:
        with pytest.raises(Unreadable, match="true was not found within 50 ms: its file system does not answer"):
            await run(net, "true", within=0.05)
        assert len(net.programs._searches) == 1
    finally:
        over.set()
    assert (await patient).code == 0
    assert (await run(net, "true")).code == 0


# -- its end, and that of its family ------------------------------------------------------------------------------


async def test_the_whole_family_ends_with_the_look(net: Net, pipe: Path):
    looking = asyncio.ensure_future(sh(net, FAMILY.format(pid="$PPID"), within=1.5))
    family = await news(pipe)
    assert len(family) == 3
    assert all(map(is_alive, family))
    with pytest.raises(Unreachable, match=r"not finished within 1\.5 s") as caught:
        await looking
    assert caught.value.cause == "timeout"
    await gone(*family)


async def test_the_whole_family_ends_when_the_look_is_cancelled(net: Net, pipe: Path):
    looking = asyncio.ensure_future(sh(net, FAMILY.format(pid="$PPID")))
    family = await news(pipe)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await gone(*family)


async def test_it_may_tidy_up_first(net: Net, pipe: Path, tmp_path: Path):
    looking = asyncio.ensure_future(sh(net, "trap 'echo bye > bye; exit' TERM; echo $$ > ready; while :; do :; done"))
    await news(pipe)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert (tmp_path / "bye").read_text() == "bye\n"


async def test_whoever_will_not_hear_is_made_to_end(net: Net, pipe: Path):
    looking = asyncio.ensure_future(sh(net, "trap '' TERM; sleep 1000 & echo $$ $! > ready; wait"))
    family = await news(pipe)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await gone(*family)


async def test_cancelling_twice_leaves_nobody_either(net: Net, pipe: Path):
    looking = asyncio.ensure_future(sh(net, "trap '' TERM; echo $$ > ready; while :; do :; done"))
    (pid,) = await news(pipe)
    looking.cancel()
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    while net.programs._running:
        await asyncio.wait([asyncio.ensure_future(one.gone.wait()) for one in net.programs._running])
        await run(net, "true")  # which forgets who is gone
    await gone(pid)


async def test_who_is_left_behind_holding_the_output_hangs_nothing(net: Net, tmp_path: Path):
    ended = await sh(net, "sleep 1000 & echo $! > pid; echo done; exit 1")
    assert (ended.code, ended.out) == (1, b"done\n")
    assert ended.took < 5
    await gone(int((tmp_path / "pid").read_text()))


async def test_who_is_left_behind_may_tidy_up_too(net: Net, tmp_path: Path):
    child = "sh -c 'trap \"echo bye > bye; exit\" TERM; echo $$ > pid; while :; do :; done'"
    await sh(net, f"{child} & while [ ! -s pid ]; do :; done")
    await gone(int((tmp_path / "pid").read_text()))
    assert (tmp_path / "bye").read_text() == "bye\n"


async def test_who_is_left_behind_in_silence_ends_too(net: Net, tmp_path: Path):
    assert (await sh(net, "sleep 1000 > /dev/null 2>&1 & echo $! > pid")).code == 0
    await gone(int((tmp_path / "pid").read_text()))


@pytest.mark.service("setsid")
async def test_a_daemon_that_leaves_the_group_is_left_alone_and_waited_for_by_nobody(net: Net, tmp_path: Path):
    script = "setsid sh -c 'echo $$ > pid; exec sleep 1000' & while [ ! -s pid ]; do :; done"
    assert (await sh(net, script)).code == 0
    pid = int((tmp_path / "pid").read_text())
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.service("timeout")
@pytest.mark.service("setsid")
@pytest.mark.parametrize("apart", ["timeout 1000", "setsid"])
@pytest.mark.parametrize("trap", ["", 'trap "" TERM; '])
async def test_whoever_makes_a_group_of_his_own_ends_too(net: Net, pipe: Path, apart: str, trap: str):
    inner = f"{trap}sleep 1000 & echo $$ $PPID $! > ready; wait; wait"
    looking = asyncio.ensure_future(sh(net, f"{apart} sh -c '{inner}'; true"))
    family = await news(pipe)
    assert all(map(is_alive, family))
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await gone(*family)


async def test_whatever_still_runs_ends_with_the_transport(tmp_path: Path, pipe: Path):
    net = Net(tmp_path)
    looking = asyncio.ensure_future(sh(net, FAMILY.format(pid="$PPID")))
    family = await news(pipe)
    await net.close()
    await gone(*family)
    assert (await looking).code == -signal.SIGKILL


async def test_nothing_is_left_open_or_unreaped(net: Net):
    def held() -> set[str]:
        return set(os.listdir("/proc/self/fd"))

    await run(net, "true", text="x")
    before, others = held(), children()
    for text in ["exit 0", "exit 1", "kill -9 $$", "sleep 1000 &", "head -c 100000 /dev/zero"]:
        await sh(net, text, text="something")
    with pytest.raises(Unreachable):
        await sh(net, "sleep 1000", within=0.05)
    with pytest.raises(Unreadable):
        await run(net, "nothing-of-this-name")
    assert held() == before
    assert not net.programs._running
    assert children() == others


# -- wherever it runs ---------------------------------------------------------------------------------------------


async def whole_story(home: Path) -> None:
    net = Net(home)
    assert (await sh(net, "echo fine; exit 3")).code == 3
    with pytest.raises(Unreachable):
        await sh(net, "sleep 1000 & sleep 1000", within=0.1)
    assert not net.programs._running
    await net.close()


@pytest.mark.service("uvloop")
def test_it_works_on_uvloop(tmp_path: Path):
    import uvloop

    uvloop.run(whole_story(tmp_path))


def in_a_thread(home: Path) -> list[BaseException]:
    faults: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(whole_story(home))
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return faults


def test_it_works_in_a_thread_that_is_not_the_main_one(tmp_path: Path):
    assert in_a_thread(tmp_path) == []


def test_it_works_where_a_process_has_no_descriptor(tmp_path: Path, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open")
    asyncio.run(whole_story(tmp_path))
    assert in_a_thread(tmp_path) == []


@pytest.fixture
def deaf() -> Iterator[None]:
    """As some supervisors start their children: the kernel reaps in our place, and says nothing."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGCHLD, before)


async def test_how_it_ended_is_never_guessed(net: Net, deaf):
    with pytest.raises(Unreadable, match="not known: this process was started to ignore SIGCHLD"):
        await sh(net, "exit 1")


@pytest.fixture
def heir() -> Iterator[None]:
    """As the first process of a container is: whoever has lost his parent is ours."""
    become = ctypes.CDLL(None).prctl
    become(36, 1, 0, 0, 0)
    yield
    become(36, 0, 0, 0, 0)


async def test_orphans_that_are_given_to_us_are_reaped(net: Net, heir, pipe: Path):
    others = children()
    looking = asyncio.ensure_future(sh(net, FAMILY.format(pid="$PPID")))
    await news(pipe)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert children() == others
