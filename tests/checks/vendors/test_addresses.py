"""Where a page is asked whose address has a query: at the same documents, each of which is asked for that too."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from tests.checks.vendors.laws import KNOWN, check_of
from tests.checks.vendors.samples import SAMPLES
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.page import Asked, VendorPage

SEVERAL = ("azure_health", "cachet_status", "uptime_kuma")
"""Kinds that are always asked for several documents, so that none of these is the address of all."""


def asked_at(kind: str, url: str, **more: Any) -> tuple[Asked, ...]:
    made = checks.find(kind)
    places = {"page_id": ""} if "page_id" in {one.name for one in fields(made)} else {}
    check: Any = made(**{**SAMPLES[kind].options, **places, **more, "url": url})
    assert isinstance(check, VendorPage)
    return check.asked  # type: ignore[attr-defined]  # each page has this field, made from its options


def target(asked: Asked) -> tuple[str, str]:
    path, _, query = asked.request.place.target.partition("?")
    return path, query


def queried(query: str, more: str) -> str:
    return f"{query}&{more}" if query else more


def test_there_are_kinds_to_try():
    assert len(KNOWN) > 10
    assert all(hasattr(check_of(kind), "url") for kind in KNOWN)


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("top", ["", "#top", "#/a?b"])
def test_what_a_page_is_asked_with_is_asked_of_every_document_of_it(kind: str, slash: str, top: str):
    plain = asked_at(kind, f"https://a.example/some{slash}")
    mine = asked_at(kind, f"https://a.example/some{slash}?key=a%20b/&c=d{top}")
    assert [one.role for one in mine] == [one.role for one in plain]
    expected = [(path, queried(query, "key=a%20b/&c=d")) for path, query in map(target, plain)]
    assert [target(one) for one in mine] == expected


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if kind not in SEVERAL])
def test_what_a_document_itself_is_asked_with_makes_no_other_of_it(kind: str):
    path, query = target(asked_at(kind, "https://a.example/some")[0])
    mark = "&" if query else "?"
    first = asked_at(kind, "https://a.example" + path + ("?" + query if query else "") + mark + "key=1")[0]
    assert target(first) == (path, queried(query, "key=1"))


def test_a_page_with_several_documents_keeps_its_query_at_each_of_them():
    for kind in ("incident_io", "instatus"):
        asked = asked_at(kind, "https://a.example?key=1", components=("Mail",))
        assert [query for _, query in map(target, asked)] == ["key=1", "key=1"]
    asked = asked_at("salesforce", "https://a.example/v1?key=1", instances=("NA1",))
    assert all(query.endswith("key=1") for _, query in map(target, asked))


def test_an_address_as_people_see_it_keeps_its_query():
    found = [target(one) for one in asked_at("uptime_kuma", "https://a.example/status/shop?key=1")]
    assert found == [("/api/status-page/heartbeat/shop", "key=1"), ("/api/status-page/shop", "key=1")]
