"""Apprise: more than a hundred services, each known by an address, of which it says only whether it took a message.

Nearly every part of such an address is a secret, the host too, so a sentence names no more than the kind of service.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_monitor.core.extras import need
from tui_monitor.core.message import Message, News
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.net.quiet import quieten, silence

if TYPE_CHECKING:
    from apprise import NotifyBase

_MOODS = {News.OPENED: "failure", News.RESOLVED: "success", News.OVER: "success"}
_MENTION = re.compile(r"(?<![0-9A-Za-z/])@")  # but not ann@example.com
_BANNERS = {"info": "info", "warning": "warning", "error": "failure"}


def services_of(urls: Sequence[Secret]) -> list[NotifyBase]:
    """What is told under each address. ValueError says which of them is not understood, and shows nothing of it."""
    need("apprise", "apprise", "the apprise destination")
    silence("apprise")
    quieten("urllib3", "requests")
    with warnings.catch_warnings():  # of its hundred modules some are old-fashioned
        warnings.simplefilter("ignore")
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(app_id="tui-monitor", app_desc="tui-monitor", secure_logging=True)
        found = []
        for n, url in enumerate(urls):
            one = Apprise(asset=asset)
            if not one.add(url.reveal()) or len(one) != 1:
                raise ValueError(f"urls[{n}]: Apprise does not understand it; see its list of services")
            found.append(one[0])
    return found


def kinds_of(services: Sequence[NotifyBase]) -> list[str]:
    """What each is called, as people know it."""
    return [clean(str(one.service_name), 60) for one in services]


def unmentioned(text: str) -> str:
    """What would call people in the words of others, such as @everyone, is written with a sign that looks alike.

    Several of these services read a plain text for it, and Apprise leaves it as it is.
    """
    return _MENTION.sub("\N{FULLWIDTH COMMERCIAL AT}", text)


def mood_of(message: Message) -> str:
    """How Apprise is to colour it, where a service has colours."""
    if message.banner is not None:
        return _BANNERS.get(message.banner.severity.value, "info") if message.banner.is_open else "success"
    return _MOODS.get(message.news, "warning")


def notify(service: NotifyBase, title: str, body: str, mood: str, within: float) -> bool:
    """Whether it was taken; blocks. What fails in whichever way was not."""
    from apprise import Apprise, NotifyFormat

    one: Any = Apprise()
    one.add(service)
    return bool(one.notify(body, title, notify_type=mood, body_format=NotifyFormat.TEXT, timeout=within))
