"""What every destination promises, over every destination that is registered."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.places import PLACES
from tests.destinations.small import NOON, Out, banner, changed, incident, message, opened, resolved, service
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News, item_of
from tui_monitor.core.model import Kind
from tui_monitor.core.ports import LOUD, Destination, Receipt
from tui_monitor.destinations import find, kinds

LARGEST = 600_000
HOSTILE = {
    "unicode": "Ünïcode 漢字 💥 é",
    "markup": '<script>alert("x")</script> *bold* [red]x[/] <!channel> &amp; {title} %s ${HOME}',
    "control characters": "a\x00b\x1b[31mc\x07\x85d\u2028e\u202ef\x7f",
    "a lone surrogate": "a\ud800b",
    "line breaks": "a\r\nBcc: thief@example.com\r\n\r\n.\r\nX: y\nb",
    "ten thousand characters": "n" * 10_000,
    "nothing": "",
}


TOLD = [kind for kind in kinds() if find(kind).hears]
"""Those that are told of incidents; the others take part in what goes on in ways of their own."""


@pytest.fixture(params=TOLD)
async def place(request: pytest.FixtureRequest, outside: Out) -> AsyncIterator[Place]:
    assert request.param in PLACES, f"no promise is tested of {request.param}: give it a place in places.py"
    async with PLACES[request.param](outside) as one:
        yield one


@pytest.fixture
def ear(place: Place) -> Place:
    """A place that is told of incidents; where none of them arrives, the same is asked of banners."""
    if place.only_banner:
        pytest.skip("no incident arrives there")
    return place


def word_for(place: Place) -> Message:
    """Something that arrives there."""
    return banner() if place.only_banner else message()


def next_word_for(place: Place) -> Message:
    return banner("Search is down", 2) if place.only_banner else message(resolved())


def most_for(place: Place) -> tuple[Message, str]:
    """As much as may come at once, and what is to be read there of each part of it."""
    return (banner(), "Search is slow") if place.only_banner else (storm(place.plugin), " is major")


def storm(plugin: Destination, name: str = "service") -> Message:
    count = 500 if plugin.grouped else 1
    return message([opened(f"{name} {n}", n) for n in range(count)])


def test_every_destination_of_the_example_is_registered() -> None:
    path = Path(__file__).parents[2] / "config.example.yaml"
    example = yaml.safe_load(path.read_text("utf-8"))
    named = {
        kind for options in example["destinations"].values() for kind in options if kind in kinds() or kind in PLACES
    }
    assert named
    assert named <= set(kinds())
    assert set(TOLD) <= set(PLACES)


@pytest.mark.parametrize("kind", kinds())
def test_it_is_a_frozen_value_of_its_options(kind: str) -> None:
    plugin = find(kind)
    assert dataclasses.is_dataclass(plugin)
    assert plugin.__dataclass_params__.frozen
    assert "__slots__" in vars(plugin)
    assert plugin.hears >= LOUD or not plugin.hears
    assert plugin.hears <= frozenset(Kind)
    ways = [way for way in ("deliver", "keep", "record", "beat") if hasattr(plugin, way)]
    assert "deliver" in ways if plugin.hears else ways, "nothing would ever come of it"


async def test_it_is_a_destination(place: Place) -> None:
    assert isinstance(place.plugin, Destination)
    assert isinstance(place.plugin.grouped, bool)


async def test_a_message_arrives_and_says_what_is_wrong_and_where(ear: Place, outside: Out) -> None:
    receipt = await ear.plugin.deliver(message(), outside)
    (arrived,) = ear.arrived()
    assert "API production" in arrived.text
    assert "it answered 500" in arrived.text
    assert receipt.note == ""


async def test_the_reference_holds_for_the_life_of_an_incident(ear: Place, outside: Out) -> None:
    first = await ear.plugin.deliver(message(), outside)
    for item in (changed(), resolved(revision=3)):
        again = await ear.plugin.deliver(message(item, first.ref), outside)
        assert again.ref == first.ref
    assert "operational" in ear.arrived()[-1].text


async def test_two_incidents_of_one_service_are_told_apart(ear: Place, outside: Out) -> None:
    for n in (1, 2):
        item = opened(n=n, title=f"cause {n}")
        await ear.plugin.deliver(message(item), outside)
    arrived = ear.arrived()
    assert len({one.identity for one in arrived}) == 2
    assert ["cause 1" in one.text for one in arrived].count(True) == 1


async def test_the_same_message_twice_is_recognised_as_one(place: Place, outside: Out) -> None:
    for _ in range(2):
        await place.plugin.deliver(word_for(place), outside)
    assert len({one.identity for one in place.arrived()}) == 1


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
async def test_any_name_arrives_harmless_and_bounded(ear: Place, outside: Out, name: str) -> None:
    item = opened(name, title=f"cause {name}", by=name)
    await ear.plugin.deliver(message(item), outside)
    (arrived,) = ear.arrived()
    assert all(char.isprintable() or char in "\n\u3000" for char in arrived.text), arrived.text
    assert arrived.size < 30_000


@pytest.mark.parametrize("text", ["{by}", "\u202e \x00"])
async def test_words_that_come_out_empty_still_arrive(ear: Place, outside: Out, text: str) -> None:
    item = item_of(incident(), service(), News.OPENED, (), {News.OPENED: text}, NOON)
    await ear.plugin.deliver(message(item), outside)
    assert len(ear.arrived()) == 1


def all_arrived(told: Message, arrived: list[Arrived]) -> None:
    """Of each incident what is its own, and of none too much."""
    assert len({one.identity for one in arrived}) == len(arrived) == len(told.items)
    assert max(one.size for one in arrived) < 30_000
    every = "\n".join(one.text for one in arrived)
    assert all(item.text[:400] in every for item in told.items)


async def test_a_storm_is_one_message_that_says_how_many_it_leaves_out(ear: Place, outside: Out) -> None:
    told = storm(ear.plugin)
    await ear.plugin.deliver(told, outside)
    if ear.apart:
        return all_arrived(told, ear.arrived())
    (arrived,) = ear.arrived()
    shown = sum(f"service {item.incident.id.removeprefix('inc')} is major" in arrived.text for item in told.items)
    assert arrived.size < LARGEST
    assert shown == len(told.items) or f"and {len(told.items) - shown} more" in arrived.text
    return None


async def test_a_storm_of_endless_names_is_bounded_too(ear: Place, outside: Out) -> None:
    told = storm(ear.plugin, "n" * 10_000)
    await ear.plugin.deliver(told, outside)
    if ear.apart:
        return all_arrived(told, ear.arrived())
    (arrived,) = ear.arrived()
    assert arrived.size < LARGEST
    if len(told.items) > 1:
        assert " more" in arrived.text
    return None


async def test_what_may_pass_is_tried_again_and_leaves_nothing_half_told(place: Place, outside: Out) -> None:
    with place.later(), pytest.raises(DeliveryError) as caught:
        await place.plugin.deliver(word_for(place), outside)
    assert caught.value.retry
    assert place.arrived() == []
    await place.plugin.deliver(word_for(place), outside)
    assert len(place.arrived()) == 1


async def test_what_will_never_pass_is_not_tried_again(place: Place, outside: Out) -> None:
    if place.never is None:
        pytest.skip("everything that this place refuses can be mended")
    with place.never(), pytest.raises(DeliveryError) as caught:
        await place.plugin.deliver(word_for(place), outside)
    assert not caught.value.retry
    assert place.arrived() == []


async def test_a_place_that_cannot_be_reached_is_tried_again(place: Place, outside: Out) -> None:
    for plugin in place.unreachable:
        with pytest.raises(DeliveryError) as caught:
            await plugin.deliver(word_for(place), outside)
        assert caught.value.retry
        if place.asks:
            with pytest.raises(DeliveryError) as caught:
                await plugin.prove(outside)
            assert caught.value.retry


async def test_every_error_is_one_plain_sentence(place: Place, outside: Out) -> None:
    for plugin in place.unreachable:
        with pytest.raises(DeliveryError) as caught:
            await plugin.deliver(word_for(place), outside)
        text = str(caught.value)
        assert text.isprintable()
        assert 10 < len(text) < 500
        assert "Errno" not in text
        assert SECRET not in text


async def test_no_secret_is_in_any_log_error_or_repr(
    place: Place, outside: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [repr(place.plugin), str(place.plugin)]
    await place.plugin.deliver(word_for(place), outside)
    said.append(await place.plugin.prove(outside))
    for refusing in (place.later, place.never):
        if refusing is not None:
            with refusing(), pytest.raises(DeliveryError) as caught:
                await place.plugin.deliver(next_word_for(place), outside)
            said += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    logged = [record.getMessage() for record in caplog.records]
    assert SECRET not in "\n".join(said + logged)


async def test_a_delivery_cancelled_at_the_deadline_leaves_nothing_half_told(place: Place, outside: Out) -> None:
    told, words = most_for(place)
    if place.hold is not None:
        place.hold()
    delivery = asyncio.create_task(place.plugin.deliver(told, outside))
    for _ in range(20):
        await asyncio.sleep(0)
    if delivery.cancel():
        with pytest.raises(asyncio.CancelledError):
            await delivery
    else:
        assert place.hold is None, "only a place that nothing holds may be quicker"
    if place.release is not None:
        place.release()
    await outside.quiet()
    assert all(words in one.text for one in place.arrived())
    await place.plugin.deliver(told, outside)
    assert len({one.identity for one in place.arrived()}) == (len(told.items) if place.apart else 1)


async def test_proving_tells_nobody_anything(place: Place, outside: Out) -> None:
    sentence = await place.plugin.prove(outside)
    assert sentence.isprintable()
    assert place.arrived() == []


# -- the banner: a message without incidents ------------------------------------------------------------------------


@pytest.fixture
def sign(place: Place) -> Place:
    """A place where it arrives; where it has no place, none comes of it."""
    if not place.takes_banner:
        pytest.skip("the banner has no place there")
    return place


async def test_where_the_banner_has_no_place_none_arrives(place: Place, outside: Out) -> None:
    if place.takes_banner:
        pytest.skip("it arrives there")
    assert await place.plugin.deliver(banner(), outside) == Receipt()
    assert place.arrived() == []


async def test_a_message_without_incidents_arrives_with_its_words(sign: Place, outside: Out) -> None:
    receipt = await sign.plugin.deliver(banner(), outside)
    (arrived,) = sign.arrived()
    assert "Search is slow" in arrived.text
    assert "{" not in arrived.text
    assert receipt.note == ""


async def test_the_banner_is_edited_under_its_reference_and_cleared(sign: Place, outside: Out) -> None:
    first = await sign.plugin.deliver(banner(), outside)
    second = await sign.plugin.deliver(banner("Search is down", 2, ref=first.ref), outside)
    assert "Search is down" in sign.arrived()[-1].text
    third = await sign.plugin.deliver(banner("Search is down", 3, ref=second.ref, cleared=True), outside)
    if sign.only_banner:
        assert sign.arrived() == []
        return
    assert first.ref == second.ref == third.ref
    assert "No longer shown: Search is down" in sign.arrived()[-1].text


async def test_where_only_the_banner_is_shown_no_incident_arrives(place: Place, outside: Out) -> None:
    if not place.only_banner:
        pytest.skip("incidents arrive there")
    assert place.plugin.banner
    assert await place.plugin.deliver(message(), outside) == Receipt()
    assert place.arrived() == []


async def test_a_banner_of_a_rehearsal_says_so(sign: Place, outside: Out) -> None:
    await sign.plugin.deliver(banner(test=True), outside)
    (arrived,) = sign.arrived()
    assert "[TEST] Search is slow" in arrived.text


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
async def test_any_banner_arrives_harmless_and_bounded(sign: Place, outside: Out, words: str) -> None:
    await sign.plugin.deliver(banner(words), outside)
    (arrived,) = sign.arrived()
    assert all(char.isprintable() or char in "\n\u3000" for char in arrived.text), arrived.text
    assert arrived.size < 30_000


async def test_a_banner_that_could_not_be_told_is_told_later_and_whole(sign: Place, outside: Out) -> None:
    with sign.later(), pytest.raises(DeliveryError) as caught:
        await sign.plugin.deliver(banner(), outside)
    assert caught.value.retry
    assert sign.arrived() == []
    await sign.plugin.deliver(banner(), outside)
    assert len({one.identity for one in sign.arrived()}) == 1


async def test_asking_after_a_crash_finds_the_banner_and_no_other(sign: Place, outside: Out) -> None:
    if not hasattr(sign.plugin, "find"):
        pytest.skip("this place cannot be asked")
    assert await sign.plugin.find(banner(), outside) is None
    receipt = await sign.plugin.deliver(banner(), outside)
    assert await sign.plugin.find(banner(), outside) == receipt
    assert await sign.plugin.find(banner("Search is down", 2, ref=receipt.ref), outside) is None


async def test_asking_after_a_crash_finds_what_was_told_and_nothing_else(ear: Place, outside: Out) -> None:
    if not hasattr(ear.plugin, "find"):
        pytest.skip("this place cannot be asked")
    assert await ear.plugin.find(message(), outside) is None
    receipt = await ear.plugin.deliver(message(), outside)
    assert await ear.plugin.find(message(), outside) == receipt
    assert await ear.plugin.find(message(resolved(), receipt.ref), outside) is None


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean webhook"):
        find("webhok")
    with pytest.raises(ValueError, match=r"known are .*json_files.*, webhook"):
        find("zzz")


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    import subprocess
    import sys

    script = "import sys; from tui_monitor.destinations import find, kinds; kinds(); find('log'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "tui_monitor.destinations.log" in loaded
    assert not {"httpx", "aiosmtplib", "jmespath", "tui_monitor.destinations.webhook"} & set(loaded)
