"""What a config comes to: defaults, ids, fields, routes; and where a config is looked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.small import ONE, Circle, Colour, Square, check_of, plan_of, problems_of
from tui_monitor import config
from tui_monitor.config.reader import read
from tui_monitor.config.services import name_to_id
from tui_monitor.config.shape import bytes_of
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.model import Patience
from tui_monitor.core.plan import Condition, Plan, Route
from tui_monitor.core.status import Status
from tui_monitor.core.text import duration_of


def test_the_least_config_has_the_published_defaults() -> None:
    plan = plan_of(ONE)
    (service,) = plan.services
    assert (service.id, service.name, service.kind) == ("a", "A", "web")
    assert (service.every, service.timeout, service.retry_after) == (60.0, 10.0, 2.0)
    assert (service.patience, service.unreachable) == (Patience(), Status.MAJOR)
    usual = Plan()
    for name in (
        "title",
        "timezone",
        "settle",
        "keep_looks",
        "keep_history",
        "size_limit",
        "concurrency",
        "log_level",
    ):
        assert getattr(plan, name) == getattr(usual, name)
    assert (plan.routes, plan.places, plan.secrets, plan.source) == ((), (), (), "c.yaml")


def test_a_service_goes_before_the_defaults_and_the_defaults_before_ours() -> None:
    plan = plan_of("""
defaults: {every: 20s, timeout: 30s, down_after: 5, unreachable: partial, retry_after: 0,
           flapping: {after: 0, calm: 1m}}
services:
  - {name: A, web: {url: http://a}}
  - {name: B, every: 5s, down_after: 1, up_after: 7, unreachable: unknown, retry_after: 3s,
     flapping: {calm: 2m, within: 9m}, web: {url: http://b}}
""")
    first, second = plan.services
    assert (first.every, first.timeout, first.retry_after, first.unreachable) == (20.0, 30.0, 0.0, Status.PARTIAL)
    assert first.patience == Patience(5, 2, 0, 3600.0, 60.0)
    assert (second.every, second.timeout, second.retry_after, second.unreachable) == (5.0, 30.0, 3.0, Status.UNKNOWN)
    assert second.patience == Patience(1, 7, 0, 540.0, 120.0)


def test_a_zero_of_a_service_is_not_taken_for_silence() -> None:
    plan = plan_of("""
defaults: {flapping: {after: 5}, retry_after: 9s}
services:
  - {name: A, retry_after: 0, flapping: {after: 0}, web: {url: http://a}}
  - {name: B, every: 4s, web: {url: http://b}}
""")
    first, second = plan.services
    assert (first.patience.flap_after, first.retry_after) == (0, 0.0)
    assert (second.patience.flap_after, second.retry_after) == (5, 4.0), "never later than the next look"


def test_every_section_reaches_the_plan() -> None:
    plan = plan_of(
        ONE
        + """
board: {title: T, timezone: Europe/Paris}
engine: {settle: 3s, concurrency: 7, log_level: debug}
store: {keep_looks: 2d, keep_history: 5d, size_limit: 20MB}
messages: {opened: x}
"""
    )
    assert (plan.title, plan.timezone) == ("T", "Europe/Paris")
    assert (plan.settle, plan.concurrency, plan.log_level) == (3.0, 7, "debug")
    assert (plan.keep_looks, plan.keep_history, plan.size_limit) == (2 * 86400.0, 5 * 86400.0, 20_000_000)
    assert plan.messages == {"opened": "x"}


@pytest.mark.parametrize("key", ["service", "services", "group", "groups", "tag", "tags"])
def test_a_condition_that_no_service_can_meet_is_told(key: str) -> None:
    text = ONE + f"destinations: {{a: {{paper: }}}}\nroutes: [{{to: a, when: {{{key}: nobody}}}}]"
    (told,) = problems_of(text)
    assert told.startswith(f"4: routes[0].when.{key}: no service ")


def test_the_worst_case_of_detection_is_published() -> None:
    (service,) = plan_of("services: [{name: A, every: 20s, down_after: 2, web: {url: http://a}}]").services
    assert config.detection(service) == 41.0
    assert config.detection_of_hang(service) == 20.0 + 2 * 10.0 + 2.0 + 1.0


def test_what_asks_nobody_cannot_be_kept_waiting() -> None:
    text = """
services:
  - {name: Job, heartbeat: {period: 1h}}
  - {name: Both, group: {all: [Job]}}
"""
    job, both = read(text, "c.yaml", {}, Path("/nowhere")).services
    assert config.detection_of_hang(job) == config.detection(job) == 16.0
    assert config.detection_of_hang(both) == config.detection(both) == 11.0


def test_an_id_is_made_from_the_name_unless_given() -> None:
    plan = plan_of("""
services:
  - {name: "API — Production (EU)", web: {url: http://a}}
  - {name: Other, id: own.id, web: {url: http://b}}
""")
    assert [service.id for service in plan.services] == ["api-production-eu", "own.id"]


def test_an_id_that_cannot_be_typed_is_refused() -> None:
    for ident in ("a b", "-rf", "a/b", "é", ""):
        text = f"services: [{{name: A, id: '{ident}', web: {{url: http://a}}}}]"
        assert problems_of(text)[0].startswith("1: services[0].id: ")


def test_names_that_no_slug_can_keep_still_have_ids_of_their_own() -> None:
    first, second, third = name_to_id("数据库"), name_to_id("网站"), name_to_id("Сайт 1")
    assert len({first, second, third, name_to_id("База 1")}) == 4
    assert all(ident.isascii() for ident in (first, second, third))
    assert name_to_id("Café 1") == "cafe-1"


def test_two_services_with_one_id_are_told_how_to_part() -> None:
    told = problems_of("services:\n- {name: a b, web: {url: http://a}}\n- {name: a-b, web: {url: http://b}}")
    assert told == [
        "3: services[1].name: two services have the id 'a-b', the other is on line 2: "
        "give one of them an id of its own"
    ]


def test_a_name_that_a_terminal_would_obey_is_made_harmless() -> None:
    (service,) = plan_of('services: [{name: "a\\e[31m\\u202Eb", web: {url: http://a}}]').services
    assert service.name == "a [31m b"
    assert problems_of('services: [{name: "\\e", web: {url: http://a}}]')[0].endswith("must not be empty")


def test_the_fields_of_a_text_are_the_single_values_of_the_check() -> None:
    (service,) = plan_of("""
services:
  - name: A
    messages: {opened: "{name} {method} {size}"}
    web: {url: "http://u:pass1@a.example/x?q=1", password: pw12, expect: [{status: 200}], headers: {a: b}}
""").services
    assert service.fields == {
        "url": "http://a.example/x",
        "method": "GET",
        "reuse": "false",
        "user": "",
        "size": "10",
    }
    assert service.messages == {"opened": "{name} {method} {size}"}


def test_a_text_may_use_what_some_check_in_use_has_and_nothing_else() -> None:
    assert problems_of(ONE + 'messages: {opened: "{method}"}') == []
    assert problems_of(ONE + 'messages: {opened: "{port}"}')[0].startswith("3: messages.opened: unknown field {port}")
    assert problems_of(ONE + 'messages: {opened: "{"}') == [
        "3: messages.opened: a lone '{': write it twice to mean the character"
    ]
    other = (
        'services: [{name: A, messages: {over: "{host}"}, web: {url: http://a}}, {name: B, port: {host: a, port: 1}}]'
    )
    assert problems_of(other)[0].startswith("1: services[0].messages.over: unknown field {host}")


def test_without_routes_everything_from_degraded_up_goes_everywhere() -> None:
    plan = plan_of(ONE + "destinations: {a: {paper: }, b: {hook: {url: x}, ambiguous: hold, timeout: 3s}}")
    assert plan.routes == (Route(to=("a", "b"), severity=Condition(">=", Status.DEGRADED)),)
    assert [(place.name, place.kind, place.ambiguous, place.timeout) for place in plan.places] == [
        ("a", "paper", "resend", 15.0),
        ("b", "hook", "hold", 3.0),
    ]
    assert plan_of(ONE + "destinations: {a: {paper: }}\nroutes: []").routes == ()


def test_a_route_speaks_of_services_by_name_or_id_in_one_or_several() -> None:
    plan = plan_of("""
services:
  - {name: A One, group: G, tags: [t, u], web: {url: http://a}}
  - {name: B, id: bee, group: H, tags: v, web: {url: http://b}}
destinations: {d: {paper: {}}}
routes:
  - {to: d, when: {service: A One, services: [bee, B], group: G, groups: [G, H], tag: t, tags: [v, u]}}
  - {to: [d, d], when: {severity: ">partial", critical: no}, after: 15m, unless: acknowledged, remind_every: 1h,
     group_wait: 0}
""")
    assert plan.routes == (
        Route(to=("d",), services=("a-one", "bee"), groups=("G", "H"), tags=("t", "v", "u")),
        Route(
            to=("d",),
            severity=Condition(">", Status.PARTIAL),
            critical=False,
            after=900.0,
            unless="acknowledged",
            remind_every=3600.0,
            group_wait=0.0,
        ),
    )


def test_options_of_every_type_are_read() -> None:
    check = check_of(
        "{from: here, colour: blue, shape: {radius: 2}, names: one, pair: [1, x], bag: [a, a], path: /x, "
        "limits: {a: 3}}",
        "odd",
    )
    assert (check.from_, check.colour, check.shape) == ("here", Colour.BLUE, Circle(2))
    assert (check.names, check.pair, check.bag) == (("one",), (1, "x"), frozenset("a"))
    assert (str(check.path), check.limits) == ("/x", {"a": 3})
    assert check_of("{from: a, shape: {side: 1}}", "odd").shape == Square(1)
    assert check_of("{from: a, shape: round}", "odd").shape == "round"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("{}", ": 'from' is missing"),
        ("{from: [a]}", ".from: must be a text"),
        ("{from: }", ".from: has no value: give one"),
        ("{from: a, colour: rad}", ".colour: must be one of red, blue, not 'rad'; did you mean 'red'?"),
        ("{from: a, shape: {radius: 1, fill: true}}", ".shape.fill: unknown key 'fill'; did you mean 'filled'?"),
        ("{from: a, shape: [1]}", ".shape: must be a mapping of keys to values or a single value"),
        ("{from: a, names: {a: b}}", ".names: must be a list"),
        ("{from: a, pair: [1]}", ".pair: has too few values"),
        ("{from: a, limits: {a: 3, b: x}}", ".limits.b: must be a whole number, not 'x'"),
        ("{from: a, scalar: [1]}", ".scalar: must be a single value"),
        ("[from]", ": must be a mapping of keys to values"),
        ("7", ": must be a mapping of keys to values"),
    ],
)
def test_and_what_does_not_fit_is_told(options: str, told: str) -> None:
    assert problems_of(f"services: [{{name: A, odd: {options}}}]") == [f"1: services[0].odd{told}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1", "1: there are no services: list at least one"),
        ("services:", "1: services: there are no services: list at least one"),
        ("services: []", "1: services: there are no services: list at least one"),
        ("services: {a: b}", "1: services: must be a list"),
        ("services: [{name: A}]", "1: services[0]: has no check: give it one of web, port, odd, vendor"),
        (ONE + "destinations: [a]", "3: destinations: must be a mapping of names to destinations"),
        (ONE + "destinations: {a: 1}", "3: destinations.a: must be a mapping of keys to values"),
        (ONE + "routes: {a: b}", "3: routes: must be a list"),
        (ONE + "routes: [{to: a}]", "3: routes[0].to: no destination is called 'a'"),
        (ONE + "board: 3", "3: board: must be a mapping of keys to values"),
        (ONE + "board: {title: [a]}", "3: board.title: must be a text"),
        (ONE + "defaults: {every: [1]}", "3: defaults.every: must be a duration like 90s or 5m"),
        (ONE + "defaults: {every: 200y}", "3: defaults.every: '200y' is not a duration: write it like 200ms, 90s, "
         "5m or 1h30m"),
        (ONE + "defaults: {every: 90000d}", "3: defaults.every: 90000d is more than a hundred years"),
        (ONE + "store: {size_limit: 9MB}", "3: store.size_limit: '9MB' is too small: a store needs at least 10MB"),
        (ONE + "store: {keep_looks: 2d, keep_history: 1d}", "3: store.keep_history: keep_history must not be shorter "
         "than keep_looks"),
        (ONE + 'destinations: {"": {paper: }}', "3: destinations.: the name of a destination must be a short line of "
         "plain text"),
    ],
)  # fmt: skip
def test_sections_that_are_not_what_they_should_be_are_told(text: str, told: str) -> None:
    assert told in problems_of(text)


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h", "d"]), st.integers(0, 59))
def test_durations_add_up_whatever_unit_they_are_written_in(number: int, unit: str, seconds: int) -> None:
    seconds_of = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert duration_of(f"{number}{unit}") == pytest.approx(number * seconds_of)
    assert duration_of(f"{number}{unit}{seconds}s") == pytest.approx(number * seconds_of + seconds)
    assert duration_of(f" {number} {unit.upper()} ") == duration_of(f"{number}{unit}")


@given(st.text(max_size=12))
def test_a_duration_is_a_finite_number_of_seconds_or_a_sentence(text: str) -> None:
    try:
        assert 0 <= duration_of(text) < float("inf")
    except ValueError as error:
        assert "is not a duration" in str(error)


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("1.5 GiB", 3 * 2**29), ("500mb", 5 * 10**8), ("20000000", 2 * 10**7), ("1T", 10**12)],
)
def test_sizes_are_read_as_their_units_are_defined(text: str, size: int) -> None:
    assert bytes_of(text) == size


# -- where it is ------------------------------------------------------------------------------------------------


def test_a_config_is_found_by_flag_by_environment_here_or_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("HOME", str(home))
    assert config.find(None, {}, here) is None
    from platformdirs import user_config_path

    theirs = user_config_path("tui-monitor", appauthor=False) / "config.yaml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("")
    assert config.find(None, {}, here) == theirs
    (here / "config.yaml").write_text("")
    assert config.find(None, {}, here) == here / "config.yaml"
    assert config.find(None, {"TUI_MONITOR_CONFIG": "b.yaml"}, here) == here / "b.yaml"
    assert config.find("c.yaml", {"TUI_MONITOR_CONFIG": "b.yaml"}, here) == here / "c.yaml"
    assert config.find(Path("/x.yaml"), {}, here) == Path("/x.yaml")
    assert config.find("~/y.yaml", {}, here) == home / "y.yaml"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    def told(path: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            config.load(path, os.environ)
        return str(caught.value).replace(str(tmp_path), "")

    (tmp_path / "bad").write_bytes(b"a: 1\nb: \xff\n")
    assert told(tmp_path / "none") == "/none: the config cannot be read: no such file or directory"
    assert told(tmp_path) == ": the config cannot be read: is a directory"
    os.mkfifo(tmp_path / "pipe")
    assert told(tmp_path / "pipe") == "/pipe: the config cannot be read: it is a pipe or a device"
    assert told(tmp_path / "bad") == "/bad:2:4: is not UTF-8 text from here on"
    assert told(tmp_path / "bad" / "x") == "/bad/x: the config cannot be read: not a directory"
