"""`sql`: options that cannot be, and what is to be installed, told before anything is looked at."""

from __future__ import annotations

import pytest

from tui_monitor.checks.sql import Sql, Value
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.secret import Secret
from tui_monitor.net import Way


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "hidden"}, "^url: it cannot be read"),
        ({"url": "postgresql://u:hidden@h:port/d"}, "^url: it cannot be read"),
        ({"url": "nothing://hidden"}, "^url: there is no driver 'nothing' here"),
        ({"url": "postgresql+hidden://h/d"}, "^url: there is no driver"),
        ({"url": "mssql+pymssql://hidden/d"}, "^url: the driver 'mssql.pymssql' is not installed"),
        ({"url": "postgresql+asyncpg://hidden/d"}, "^url: the driver 'postgresql.asyncpg' is not installed"),
        ({"url": "sqlite+aiosqlite:///hidden"}, "^url: .*(asyncio only|not installed)"),
        ({"url": "sqlite://"}, "^url: it names no file"),
        ({"url": "sqlite:///:memory:"}, "^url: it names no file"),
        ({"url": "sqlite:///file:hidden?mode=rwc"}, "^url: it names no file"),
        ({"query": "  "}, "query is empty"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict, text: str):
    given = {"url": "sqlite:///x", **options}
    with pytest.raises(ValueError, match=text) as caught:
        Sql(Secret(given.pop("url")), **given)
    assert "hidden" not in str(caught.value).replace("+hidden", "")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "an expectation has one of"),
        ({"rows": 1, "empty": True}, "an expectation has one of"),
        ({"rows": 1, "equals": 1}, "an expectation has one of"),
        ({"rows": -1}, "rows is a number from 0"),
        ({"rows": 10**6}, "rows is a number from 0"),
        ({"matches": "("}, "^matches: .* is not a regular expression"),
    ],
)
def test_expectations_that_cannot_be_are_refused(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Value(**options)


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("sqlite:///x", "sql"),
        ("postgres://h/d", "postgres"),
        ("postgresql+psycopg://h/d", "postgres"),
        ("postgresql+pg8000://h/d", "sql"),
        ("mariadb://h/d", "mysql"),
    ],
)
def test_where_nothing_is_installed_all_that_the_address_needs_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, extra: str
):
    monkeypatch.setattr("tui_monitor.core.extras.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=rf"^the sql check needs .*pip install 'tui-monitor\[{extra}\]'"):
        Sql(Secret(url))


@pytest.mark.parametrize(
    ("url", "extra"), [("postgres://h/d", "postgres"), ("mysql://h/d", "mysql"), ("mariadb://h", "mysql")]
)
def test_the_extra_that_is_named_is_that_of_the_driver(monkeypatch: pytest.MonkeyPatch, url: str, extra: str):
    found = {"sqlalchemy": True}
    monkeypatch.setattr("tui_monitor.core.extras.find_spec", found.get)
    with pytest.raises(ValueError, match=rf"^url: an address with \w+:// needs .*tui-monitor\[{extra}\]"):
        Sql(Secret(url))


def test_nothing_of_the_address_is_shown():
    check = Sql(Secret("postgresql://user-1:hidden-1@host-1/base-1"))
    shown = repr(check) + repr(check.asked)
    assert not [part for part in ("user-1", "hidden-1", "host-1", "base-1") if part in shown]


async def test_a_driver_that_cannot_be_loaded_says_nothing_of_the_database(way: Way):
    check = Sql(Secret("sqlite:///data.db"))
    broken = check.asked.url.set(drivername="mssql+pymssql")
    object.__setattr__(check, "asked", type(check.asked)(broken, "select 1", 2))
    with pytest.raises(Unreadable, match="cannot be loaded"):
        await check.look(way)
