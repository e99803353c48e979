"""Configs of Server Status Check keep their meaning, and lose nothing unsaid."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.config.imports.small import Made, answer
from tests.config.imports.small import made as made_of
from tui_monitor.checks.freshness import Sight
from tui_monitor.core.errors import ConfigError

FULL = """\
servers:                                  # what is watched
  LIVE:
    name: LIVE                            # as people know it
    adress: http://127.0.0.1:5000/version
    db_save: true
    notification: true
    notification_treshold: 15
    msg_interval: 5
  SPARE:
    name: SPARE
    adress: https://spare.example.com/version
    db_save: false
    notification: false
    notification_treshold: 30
    msg_interval: 10
credentials:
  DB:
    engine: mysql+mysqlconnector
    username: writer
    password: s3cr3t-db
    adress: 127.0.0.1:3306
    db: ages
    table: runs
  ROCKETCHAT:
    webhook: https://chat.example.com/hooks/s3cr3t/hook
    headers: { "content-type": "application/json", X-From: monitor }
logs:
  filename: runs.log
  filemode: a
  level: logging.WARNING
main:
  checkup_interval: 45
"""

DOCUMENTED = """\
servers:                                    # those that are watched
  LIVE:
    name: LIVE                              # what it is called
    adress: http://127.0.0.1:5000/version   # where it is
    notification: true                      # whether somebody is told
                                                once it is too old
                                                for good
    notification_treshold: 15               # in minutes
main:                                       # how often
  checkup_interval: 60                         seconds go by between two looks
"""
"""The shape that the documentation of the program shows: it is no YAML as it stands."""


def made(source: str) -> Made:
    return made_of("server-status-check", source)


def one(options: str = "", rest: str = "") -> Made:
    return made(f"servers: {{A: {{name: A, adress: http://a.example{options and ', ' + options}}}}}\n{rest}")


def test_every_documented_option_is_carried_over_or_told():
    found = made(FULL)
    live, spare = found.services["LIVE"], found.services["SPARE"]
    assert (live.every, live.patience.down_after, live.patience.up_after) == (45.0, 1, 1)
    assert (live.check.stale_after, spare.check.stale_after) == (900.0, 1800.0)
    assert not live.check.verify_tls
    assert found.data["destinations"] == {
        "rocketchat": {
            "rocketchat": {
                "url": "https://chat.example.com/hooks/s3cr3t/hook",
                "headers": {"content-type": "application/json", "X-From": "monitor"},
            }
        },
        "database": {
            "sql": {
                "url": "mysql+mysqlconnector://writer@127.0.0.1:3306/ages",
                "password": "s3cr3t-db",
                "table": "runs_observations",
                "services": ["LIVE"],
            }
        },
    }
    (route,) = found.plan.routes
    assert (route.to, route.services, route.remind_every) == (("rocketchat",), ("live",), 300.0)
    assert found.data["engine"] == {"log_level": "warning"}
    assert found.left == [
        "15: servers.SPARE.msg_interval: nobody was told of this server, so nobody is told of it again",
        "28: logs.filename: the log is kept in the folder for logs of this program",
        "29: logs.filemode: the log is kept in the folder for logs of this program",
    ]
    assert "the table runs stays as it is" in " ".join(found.text.replace("#", "").split())


def saving(database: str, servers: str = "A: {name: A, adress: 'http://a.example', db_save: true}") -> Made:
    return made(f"servers: {{{servers}}}\ncredentials: {{DB: {database}}}\n")


DATABASE = "{engine: mysql+mysqlconnector, username: u, password: 'p%40ss', adress: 'db.example:3306', db: d}"


def test_the_database_is_reached_as_it_was():
    """There its password stood in an address, so that it was spelt as addresses have it."""
    (place,) = saving(DATABASE).plan.places
    url = place.plugin.book.url
    assert (url.host, url.port, url.username, url.password, url.database) == ("db.example", 3306, "u", "p@ss", "d")
    assert place.plugin.table == "observations"


def test_a_long_name_of_a_table_stays_one():
    (place,) = saving(DATABASE.replace("}", f", table: {'t' * 63}}}")).plan.places
    assert place.plugin.table == "t" * 50 + "_observations"


@pytest.mark.parametrize("saves", ["db_save: false", "msg_interval: 5"])
def test_where_no_server_was_saved_nothing_is_recorded(saves: str):
    found = saving(DATABASE, f"A: {{name: A, adress: 'http://a.example', {saves}}}")
    assert found.plan.places == ()
    assert "credentials.DB: no server has `db_save: true`, so nothing was written there" in found.left_at(2)


def test_a_server_that_was_to_be_saved_nowhere_says_so():
    assert one("db_save: true").left_at(1) == ["servers.A.db_save: there is no database that it could be saved to"]
    assert one("db_save: maybe").left_at(1) == ["servers.A.db_save: is neither true nor false"]


@pytest.mark.parametrize(
    ("database", "reason"),
    [
        ("{engine: mysql+mysqlconnector, password: s3cr3t}", "left out: it has no engine, adress or db"),
        ("{engine: nonsense, adress: 'h:1', db: d, password: s3cr3t}", "left out, for our config does not take it"),
        ("5", "must be a mapping of keys to values"),
    ],
)
def test_a_database_that_cannot_be_taken_is_told_and_nothing_is_recorded(database: str, reason: str):
    found = saving(database)
    assert found.plan.places == ()
    assert any(reason in one for one in found.left_at(2)), found.left
    assert "s3cr3t" not in found.text


def test_a_server_that_is_left_out_is_not_to_be_recorded():
    broken = "B: {name: B, adress: 'http://b.example:port/', db_save: true}"
    found = saving(DATABASE, f"A: {{name: A, adress: 'http://a.example', db_save: true}}, {broken}")
    (place,) = found.plan.places
    assert (list(found.services), place.plugin.services) == (["A"], ("A",))
    found = saving(DATABASE, f"A: {{name: A, adress: 'http://a.example'}}, {broken}")
    assert (list(found.services), found.plan.places) == (["A"], ())


@pytest.mark.parametrize(
    "shape", [lambda at: {"computed_time": at}, lambda at: {"data_version": {"computed_refresh_date": at}}]
)
def test_data_are_stale_past_the_threshold_in_minutes(shape):
    check = made(FULL).services["LIVE"].check
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def said(age: timedelta) -> str:
        body = json.dumps(shape((now - age).isoformat())).encode()
        return check.judge(Sight(answer(body=body), now, "")).status.value

    assert said(timedelta(minutes=14, seconds=59)) == "operational"
    assert said(timedelta(minutes=15)) == "operational"
    assert said(timedelta(minutes=15, seconds=1)) == "major"


def test_the_documented_example_is_read_although_it_is_no_yaml():
    found = made(DOCUMENTED)
    assert found.services["LIVE"].every == 60.0
    assert found.left == [
        "6: : is no YAML: it was taken for the rest of the comment above it",
        "7: : is no YAML: it was taken for the rest of the comment above it",
        "10: main.checkup_interval: only its number was taken, 60",
    ]


def test_what_is_broken_otherwise_is_told_where_it_is():
    with pytest.raises(ConfigError, match=r"theirs\.yaml:2:1: not YAML"):
        made("servers:\n\tA: {}\n")
    with pytest.raises(ConfigError, match=r"theirs\.yaml:4:1: not YAML"):
        made("servers:   # all\n  A: {}\nwords that are no comment\n")


def test_each_rhythm_of_reminders_has_a_route():
    found = made("""\
        servers:
          A: {name: A, adress: http://a.example, notification: true, msg_interval: 5}
          B: {name: B, adress: http://b.example, notification: true, msg_interval: 60}
          C: {name: C, adress: http://c.example, notification: true, msg_interval: 5}
        credentials: {ROCKETCHAT: {webhook: "https://chat.example.com/{hook}"}}
        """)
    routes = {route.services: route.remind_every for route in found.plan.routes}
    assert routes == {("a", "c"): 300.0, ("b",): 3600.0}
    assert found.data["destinations"]["rocketchat"]["rocketchat"]["url"] == "https://chat.example.com/{hook}"


def test_where_nobody_was_told_no_route_leads_to_the_chat():
    found = made("""\
        servers: {A: {name: A, adress: http://a.example, notification: false}}
        credentials: {ROCKETCHAT: {webhook: "https://chat.example.com/x"}}
        """)
    assert found.plan.routes == ()
    assert "Nobody was told of anything there" in found.text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("notification_treshold: 0", "servers.A.notification_treshold: must be above zero here"),
        ("notification_treshold: long", "servers.A.notification_treshold: is not a number"),
        ("msg_interval: -5", "servers.A.msg_interval: must be above zero here"),
        ("notification: maybe", "servers.A.notification: is neither true nor false"),
        ("format: '%Y'", "servers.A.format: Server Status Check has no such option"),
    ],
)
def test_what_cannot_be_is_told_and_the_usual_is_kept(options: str, reason: str):
    found = one(options)
    assert reason in found.left_at(1)
    assert found.services["A"].check.stale_after == 900.0


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("credentials: {ROCKETCHAT: {headers: {}}}", "credentials.ROCKETCHAT: left out: it has no webhook"),
        ("credentials: {ROCKETCHAT: 5}", "credentials.ROCKETCHAT: must be a mapping of keys to values"),
        ("credentials: {SLACK: {a: b}}", "credentials.SLACK: Server Status Check has no such option"),
        ("logs: {level: logging.CRITICAL}", "logs.level: the next level here is error"),
        ("logs: {level: loud}", "logs.level: is no level"),
        ("main: {checkup_interval: 0}", "main.checkup_interval: must be above zero here"),
        ("mail: 1", "mail: Server Status Check has no such option"),
    ],
)
def test_what_else_cannot_be_is_told(rest: str, reason: str):
    assert reason in one("", rest).left_at(2)


def test_servers_as_a_list_and_without_names():
    found = made("servers: [{adress: 'http://a.example/x'}, {name: B}, 7]")
    assert list(found.services) == ["a.example"]
    assert "servers[1]: left out: it has no adress" in found.left_at(1)
    assert list(made("servers: {LIVE: {adress: 'http://a.example'}}").services) == ["LIVE"]
