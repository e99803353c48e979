"""A real message bus of a test's own, and on it a small systemd that answers nothing but what systemd would."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "org.freedesktop.systemd1"
ROOT = "/org/freedesktop/systemd1"

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  {auth}
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_destination="*"/>
    <allow receive_type="method_call"/>
    <allow receive_sender="*"/>
    {rule}
  </policy>
</busconfig>
"""


@contextmanager
def message_bus(*, auth: str = "EXTERNAL", rule: str = "") -> Iterator[Path]:
    """The path of a bus that is there for as long as this lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bus"
        config = Path(folder) / "bus.conf"
        config.write_text(CONFIG.format(path=path, auth=f"<auth>{auth}</auth>", rule=rule))
        argv = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog", "--print-address"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
            assert daemon.stdout is not None
            assert daemon.stdout.readline().startswith(b"unix:path=")
            try:
                yield path
            finally:
                daemon.kill()


def unit(active: str = "active", sub: str = "running", load: str = "loaded", **own: Any) -> dict[str, Any]:
    """The properties of a unit, those of every unit and those of its own kind, as they are on the bus."""
    more = {name: ("as", own.pop(name)) for name in ("Triggers",) if name in own}
    every = {
        "Id": ("s", "some.service"),
        "Description": ("s", "Does some() things() "),
        "LoadState": ("s", load),
        "ActiveState": ("s", active),
        "SubState": ("s", sub),
        "StateChangeTimestamp": ("t", 1_772_359_200_000_000),
        "ActiveEnterTimestamp": ("t", 1_772_359_200_000_000),
        "Job": ("(uo)", (0, "/")),
        "Conditions": ("a(sbbsi)", [("ConditionPathExists", False, False, "/etc/x", 1)]),
        "LoadError": ("(ss)", ("", "")),
        "After": ("as", ["basic.target", "sysinit.target"]),
        **more,
    }
    signatures = {"Result": "s", "Type": "s", "ExecMainStatus": "i", "NRestarts": "u"}
    return {"every": every, "own": {name: (signatures[name], value) for name, value in own.items()}}


def escape(name: str) -> str:
    return "".join(char if char.isalnum() else f"_{ord(char):02x}" for char in name)


@dataclass
class Systemd:
    """Knows these units; what is not asked as it should be is refused as systemd does."""

    units: Mapping[str, dict[str, Any]]
    asked: list[str] = field(default_factory=list)
    hang: bool = False

    def answer(self, call: Any) -> Any:
        from jeepney import HeaderFields, new_error, new_method_return

        fields = call.header.fields
        key = (fields[HeaderFields.interface], fields[HeaderFields.member])
        path = fields[HeaderFields.path]
        self.asked.append(f"{key[1]} {' '.join(map(str, call.body))}")
        here = {f"{ROOT}/unit/{escape(name)}": name for name in self.units}
        if key == (f"{NAME}.Manager", "LoadUnit") and path == ROOT:
            name = call.body[0]
            if "." not in name:
                return new_error(
                    call, "org.freedesktop.DBus.Error.InvalidArgs", "s", (f"Unit name {name} is not valid.",)
                )
            return new_method_return(call, "o", (f"{ROOT}/unit/{escape(name)}",))
        if key[0] != "org.freedesktop.DBus.Properties" or not path.startswith(f"{ROOT}/unit/"):
            return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod", "s", ("Unknown method.",))
        found = self.units[here[path]] if path in here else unit("inactive", "dead", "not-found")
        if key[1] == "GetAll" and call.body == (f"{NAME}.Unit",):
            return new_method_return(call, "a{sv}", (found["every"],))
        kind = here.get(path, "x.service").rpartition(".")[2].capitalize()
        if key[1] == "Get" and call.body[0] == f"{NAME}.{kind}" and call.body[1] in found["own"]:
            return new_method_return(call, "v", (found["own"][call.body[1]],))
        return new_error(call, "org.freedesktop.DBus.Error.UnknownProperty", "s", ("Unknown property.",))

    async def serve(self, path: Path, ready: asyncio.Event) -> None:
        from jeepney import DBusAddress, MessageType, message_bus, new_signal
        from jeepney.io.asyncio import open_dbus_connection

        async with await open_dbus_connection(f"unix:path={path}") as line:
            await line.send(message_bus.RequestName(NAME))
            while (await line.receive()).header.message_type is not MessageType.method_return:
                pass
            ready.set()
            while True:
                call = await line.receive()
                if call.header.message_type is MessageType.method_call and not self.hang:
                    news = DBusAddress(ROOT, interface=f"{NAME}.Manager")
                    await line.send(new_signal(news, "UnitNew", "so", ("x.service", "/x")))
                    await line.send(self.answer(call))


@asynccontextmanager
async def systemd_at(path: Path, hang: bool = False, **units: dict[str, Any]) -> AsyncIterator[Systemd]:
    """A systemd on this bus; the names of its units are written with `__` for a dot."""
    one = Systemd({name.replace("__", "."): found for name, found in units.items()}, hang=hang)
    ready = asyncio.Event()
    task = asyncio.ensure_future(one.serve(path, ready))
    waiting = asyncio.ensure_future(ready.wait())
    try:
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield one
    finally:
        task.cancel()
        waiting.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
