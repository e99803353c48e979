"""What a word means to which something is to be done: a service, a group, a tag, or all of them."""

from __future__ import annotations

import pytest

from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Service
from tui_monitor.core.window import Scope
from tui_monitor.engine.requests import one_service, scope_of

SERVICES = {
    one.id: one
    for one in (
        Service("api", "API production", group="Own", tags=("prod", "eu")),
        Service("web", "Web", group="Own", tags=("prod",)),
        Service("hub", "Hub", group="vendors", tags=("eu",)),
        Service("mail", "Mail"),
        Service("both", "Both", group="mixed"),
        Service("mixture", "Mixture", tags=("mixed",)),
        Service("vendors", "Vendors of all kinds"),
    )
}


@pytest.mark.parametrize(
    ("word", "shown", "scope", "covered"),
    [
        ("api", "API production", Scope(services=("api",)), ["api"]),
        ("API production", "API production", Scope(services=("api",)), ["api"]),
        ("service:api", "API production", Scope(services=("api",)), ["api"]),
        ("Own", "group Own", Scope(groups=("Own",)), ["api", "web"]),
        ("group:Own", "group Own", Scope(groups=("Own",)), ["api", "web"]),
        ("group: Own ", "group Own", Scope(groups=("Own",)), ["api", "web"]),
        ("eu", "tag eu", Scope(tags=("eu",)), ["api", "hub"]),
        ("tag:eu", "tag eu", Scope(tags=("eu",)), ["api", "hub"]),
        ("all", "all services", Scope(), list(SERVICES)),
        ("vendors", "Vendors of all kinds", Scope(services=("vendors",)), ["vendors"]),
        ("group:vendors", "group vendors", Scope(groups=("vendors",)), ["hub"]),
    ],
)
def test_a_word_means_a_service_before_a_group_or_a_tag(word: str, shown: str, scope: Scope, covered: list[str]):
    assert scope_of(word, SERVICES) == (shown, scope, covered)


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("", "say what is meant"),
        ("  ", "say what is meant"),
        ("group:", "say what is meant"),
        ("tag: ", "say what is meant"),
        ("service:", "say what is meant"),
        ("mixed", "'mixed' is a group and a tag: say group:mixed or tag:mixed"),
        ("group:eu", "no service, group or tag is called 'group:eu'; did you mean 'eu'"),
        ("Wbe", "no service, group or tag is called 'Wbe'; did you mean 'Web'"),
        ("zzz", "no service, group or tag is called 'zzz'$"),
        ("\x1b[31mzzz", r"is called '\[31mzzz'"),
    ],
)
def test_a_word_that_means_nothing_or_two_things_is_refused_with_a_hint(word: str, words: str):
    with pytest.raises(Rejected, match=words):
        scope_of(word, SERVICES)


def test_one_service_is_meant_by_its_id_or_its_name():
    assert one_service("web", SERVICES) is one_service("Web", SERVICES) is SERVICES["web"]
    with pytest.raises(Rejected, match=r"no service is called 'Webb'; did you mean 'Web'\?"):
        one_service("Webb", SERVICES)
    with pytest.raises(Rejected, match="no service is called 'Own'"):
        one_service("Own", SERVICES)
