"""The catalogue of vendors: each entry is whole, is there once, and makes a check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tui_monitor import checks, config
from tui_monitor.config.catalogue import OWN, Vendor, by_name, catalogue, search
from tui_monitor.config.forms import options_of
from tui_monitor.config.vendors import needs_of
from tui_monitor.core.model import Service
from tui_monitor.net import build_request

WANTED = (
    "github snowflake mongodb epicgames slack salesforce azure azure_devops microsoft365 retool openai anthropic "
    "cloudflare aws gcp datadog pagerduty atlassian twilio stripe npm pypi docker"
)
CATEGORIES = (
    "ai analytics cloud code commerce communication data design devices finance games identity mail marketing media "
    "monitoring network packages people productivity sales social support"
)

every_vendor = pytest.mark.parametrize("vendor", catalogue().values(), ids=lambda one: one.key)


def service_of(vendor: Vendor) -> Service:
    """As the reader makes it; what only its user can know is made up."""
    made = checks.find(vendor.kind)
    made_up = "".join(f", {key}: x" for key in needs_of(vendor, made))
    (service,) = config.read(f"services: [{{vendor: {{name: {vendor.key}{made_up}}}}}]", "c", {}, Path()).services
    return service


def repeated(words: Iterable[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def test_the_vendors_that_were_asked_for_are_there_and_many_more():
    assert [key for key in WANTED.split() if key not in catalogue()] == []
    assert len(catalogue()) > 200


def test_they_are_sorted_by_their_keys():
    assert list(catalogue()) == sorted(catalogue())


def test_no_name_means_two_of_them_however_it_is_spelt():
    names = [name for one in catalogue().values() for name in (one.key, *one.aliases)]
    assert repeated(names) == []
    assert repeated([one.title.lower() for one in catalogue().values()]) == []
    keys = [re.sub(r"\W|_", "", key) for key in catalogue()]
    assert repeated(keys) == []


def test_no_two_have_the_same_page():
    assert repeated([one.address.rstrip("/").lower() for one in catalogue().values()]) == []
    places = [one.request.place for vendor in catalogue().values() for one in service_of(vendor).check.asked]
    asked = [f"{one.authority}{one.target}" for one in places]
    assert repeated(asked) == []


@every_vendor
def test_an_entry_has_the_words_that_people_need(vendor: Vendor):
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", vendor.key)
    assert all(re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", one) for one in vendor.aliases)
    assert vendor.title == vendor.title.strip() != ""
    assert vendor.category in CATEGORIES.split()
    assert vendor.about == vendor.about.strip().rstrip(".")


@every_vendor
def test_an_entry_names_only_pages_that_are_read_over_tls(vendor: Vendor):
    written = [vendor.address, *(str(vendor.options[key]) for key in vendor.options.keys() & {"url"})]
    for address in written:
        parts = urlsplit(address)
        assert (parts.scheme, parts.port, parts.query, parts.username) == ("https", None, "", None), address
        assert build_request("GET", address).place.host == parts.hostname
        assert address == address.strip()
        assert parts.path != "/", "the bare address of a host is written without a slash"


@every_vendor
def test_an_entry_makes_the_check_that_it_names_with_the_options_that_it_has(vendor: Vendor):
    service = service_of(vendor)
    assert (service.kind, service.name) == (vendor.kind, vendor.title)
    assert service.check.vendor, "it must be a check that reads somebody's page"
    for key, value in vendor.options.items():
        if isinstance(value, str):
            assert getattr(service.check, key) == value


@every_vendor
def test_an_entry_asks_the_host_that_it_says(vendor: Vendor):
    """Only a kind that has one host for all of them asks another."""
    hosts = {one.request.place.host for one in service_of(vendor).check.asked}
    said = vendor.options.get("url")
    assert hosts == {urlsplit(str(said)).hostname} if said else vendor.kind in ("status_io", "microsoft365")


def test_no_option_of_a_check_is_taken_for_a_word_of_the_entry():
    for kind in {one.kind for one in catalogue().values()}:
        assert not options_of(checks.find(kind)).keys() & (OWN | {"name"})


def test_only_what_needs_credentials_needs_more_than_a_name():
    needing = {one.key: needs_of(one, checks.find(one.kind)) for one in catalogue().values()}
    assert {key: needs for key, needs in needing.items() if needs} == {
        "microsoft365": ["tenant", "client_id", "client_secret"]
    }


def test_every_name_leads_to_its_vendor():
    assert by_name()["m365"].key == by_name()["office365"].key == "microsoft365"
    assert by_name()["google-cloud"].key == "gcp"
    assert all(by_name()[one.key] is one for one in catalogue().values())


def test_a_search_finds_by_key_title_alias_and_category_whatever_the_case():
    assert [one.key for one in search("GitHub")] == ["github"]
    assert [one.key for one in search("amazon web")] == ["aws"]
    assert [one.key for one in search("m365")] == ["microsoft365"]
    assert {one.category for one in search("packages")} == {"packages"}
    assert {one.key for one in search("azure")} == {"azure", "azure_devops"}
    assert search("no such vendor") == []
    assert len(search("  ")) == len(catalogue())
