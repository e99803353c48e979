"""`command`: run a program, and judge its exit code and what it says; as a Nagios plug-in where it is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.output import Words, weigh_output
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Ended, Program, build_program

Word = Literal["operational", "maintenance", "degraded", "partial", "major", "unknown"]
_PLUGIN = {0: Status.OPERATIONAL, 1: Status.DEGRADED, 2: Status.MAJOR}
_NOT_RUN = (126, 127)
"""What a shell ends with where it cannot run what it was told to."""


@dataclass(frozen=True, slots=True)
class Command:
    vendor: ClassVar[bool] = False

    run: tuple[str, ...] | str = field(repr=False)
    shell: bool = False
    env: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    directory: str = ""
    input: str | Secret = field(default="", repr=False)
    nagios: bool = False
    latency: str = ""
    exit_codes: Mapping[int, Word] = field(default_factory=dict)
    expect: tuple[Words, ...] = ()
    program: Program = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.latency and not self.nagios:
            raise ValueError("latency is a label of performance data, which is read with nagios: true")
        if wrong := [code for code in self.exit_codes if not 0 <= code <= 255]:
            raise ValueError(f"exit_codes: {wrong[0]} is not a number from 0 to 255")
        program = build_program(self.run, shell=self.shell, env=self.env, directory=self.directory, text=self.input)
        object.__setattr__(self, "program", program)

    async def look(self, outside: Outside) -> Ended:
        ended: Ended = await outside.net.execute(self.program, outside.timeout)
        return ended

    def judge(self, sight: Ended) -> Reading:
        secrets = [one for one in (*self.env.values(), self.input) if isinstance(one, Secret)]
        status = self._status(sight.code)
        return weigh_output(sight, status, self.expect, secrets, plugin=self.nagios, label=self.latency)

    def _status(self, code: int) -> Status:
        if code in self.exit_codes:
            return Status(self.exit_codes[code])
        if self.nagios or (self.shell and code in _NOT_RUN):
            return _PLUGIN.get(code, Status.UNKNOWN)
        return Status.MAJOR if code else Status.OPERATIONAL
