"""The config in words: what matters of a check, never what is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tui_monitor.checks.http import Http
from tui_monitor.checks.redis import Redis
from tui_monitor.checks.tcp import Tcp
from tui_monitor.core.model import Service
from tui_monitor.core.options import Auth, Basic, Duration
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.understood import options_of, routes_of, spell_hours
from tui_monitor.core.window import parse_hours

HIDDEN = "hunter2-and-more"


def options(check: Any, **fields: str) -> dict[str, str]:
    return dict(options_of(Service("a", "A", check, "kind", fields=fields)))


def test_only_what_is_not_as_usual_is_named() -> None:
    assert options(Http("https://shop.example/health", verify_tls=False, redirects=2)) == {
        "url": "https://shop.example/health",
        "verify_tls": "no",
        "redirects": "2",
    }


def test_the_address_is_the_public_one() -> None:
    check = Http(f"https://shop.example/x?key={HIDDEN}")
    assert options(check)["url"] == "https://shop.example/x"
    assert options(check, url="https://shop.example")["url"] == "https://shop.example"
    assert options(Odd(f"https://ann:{HIDDEN}@shop.example/x#y"))["from"] == "https://shop.example/x"
    assert options(Odd("https://[shop.example"))["from"] == "***"


@pytest.mark.parametrize(
    "check",
    [
        Http("https://shop.example", headers={"X-Key": HIDDEN, "Authorization": Secret(HIDDEN)}),
        Http("https://shop.example", auth=Auth(Basic("ann", Secret(HIDDEN)))),
        Http("https://shop.example", auth=Auth(bearer=Secret(HIDDEN))),
        Http("https://shop.example", method="POST", body=HIDDEN),
        Http("https://shop.example", method="POST", body=Secret(HIDDEN)),
        Tcp("shop.example", 25, send=HIDDEN),
        Redis("shop.example", password=Secret(HIDDEN)),
        Redis(url=Secret(f"redis://:{HIDDEN}@shop.example")),
    ],
)
def test_no_secret_nor_what_may_be_one_is_named(check: Any) -> None:
    found = options(check)
    assert HIDDEN not in str(found)
    assert "***" in str(found)


def test_names_of_headers_are_no_secret() -> None:
    found = options(Http("https://shop.example", headers={"X-Key": HIDDEN, "Accept": "text/html"}))
    assert found["headers"] == "X-Key: ***, Accept: ***"


@dataclass(frozen=True)
class Inner:
    depth: int = 0
    key: Secret | None = None
    table: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Odd:
    from_: str = ""
    within: Duration = 5.0
    share: float = 0.5
    inner: Inner = Inner()
    many: tuple[Any, ...] = ()
    call: Any = None
    made: str = field(default="x", init=False)


def test_options_are_spelt_as_people_write_them() -> None:
    odd = Odd("ann", 5400.0, 0.25, Inner(2, Secret("x"), {"a": "b"}), (1, "b", Inner(3)), len)
    assert options(odd) == {
        "from": "ann",
        "within": "1 h 30 m",
        "share": "0.25",
        "inner": "depth 2, key ***, table a: ***",
        "many": "1; b; depth 3",
    }


def test_an_option_as_long_as_a_book_is_cut_and_hostile_text_is_harmless() -> None:
    found = options(Odd("x\x1b[31m" + "y" * 10_000, many=tuple(range(1000))))
    assert len(found["from"]) <= 301
    assert "\x1b" not in found["from"]
    assert found["many"].count(";") == 19


def test_a_check_that_is_no_dataclass_has_no_options() -> None:
    assert options(object()) == {}


def test_routes_are_a_sentence_each_with_what_it_takes() -> None:
    routes = (
        Route(
            ("ops", "mail"), Condition(">=", Status.PARTIAL), after=300.0, unless="acknowledged", remind_every=3600.0
        ),
        Route(("page",), critical=True),
        Route(("log",), during=(parse_hours("mon-fri 08:00-18:00", "UTC"), parse_hours("sat", "Europe/Paris"))),
    )
    assert routes_of(Service("a", "A"), routes) == [
        "route 1 tells ops, mail of severity >=partial, once it has been open for 5 m, unless it is acknowledged, "
        "again every 1 h 00 m",
        "route 3 tells log of severity >=degraded, only mon, tue, wed, thu, fri 08:00-18:00 UTC or sat Europe/Paris",
    ]


def test_hours_of_every_day_name_no_day() -> None:
    assert spell_hours(parse_hours("22:00-06:00", "UTC")) == "22:00-06:00 UTC"
