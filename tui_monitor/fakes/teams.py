"""Teams with one channel: a workflow that posts adaptive cards there, and a connector of old that does too.

It is stricter than the real one, which takes anything and fails behind the back of whoever sent it.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import quote

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

LARGEST = 28 * 1024
_CARD = "application/vnd.microsoft.card.adaptive"
_COLOURS = ("Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention")
_LOOKS: dict[str, tuple[Any, ...]] = {
    "color": _COLOURS,
    "weight": ("Default", "Lighter", "Bolder"),
    "size": ("Default", "Small", "Medium", "Large", "ExtraLarge"),
    "spacing": ("Default", "None", "Small", "Medium", "Large", "ExtraLarge", "Padding"),
    "isSubtle": (True, False),
    "wrap": (True, False),
}


class Teams(Site):
    """`async with Teams() as teams`, then post to `teams.hook` or `teams.connector`; `teams.cards` is what it shows.

    `read` holds the words of those cards in which Markdown is read, `shown` those that are shown as they are, and
    `pings` whom the cards mention.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        signature: str = "Zm9yLXRlc3Rpbmctb25seQ/+",
        enabled: bool = True,
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.cards: list[dict[str, Any]] = []
        self.read: list[str] = []
        self.shown: list[str] = []
        self.pings: list[str] = []
        self.enabled = enabled
        self._signature = signature

    @property
    def hook(self) -> str:
        query = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={quote(self._signature, safe='')}"
        return f"{self.url}/workflows/3f0c/triggers/manual/paths/invoke?{query}"

    @property
    def connector(self) -> str:
        return f"{self.url}/webhookb2/5ca1@ab1e/IncomingWebhook/{quote(self._signature, safe='')}/ca5e"

    def reply(self, heard: Heard) -> Answer:
        if heard.path == f"/webhookb2/5ca1@ab1e/IncomingWebhook/{self._signature}/ca5e":
            return self._take(heard, Answer(200, {"Content-Type": "text/plain"}, b"1"))
        if not heard.path.startswith("/workflows/"):
            return Answer(404)
        if heard.path != "/workflows/3f0c/triggers/manual/paths/invoke":
            return _refused(404, "WorkflowNotFound", "The workflow could not be found.")
        if heard.query.get("sig") != self._signature:
            return _refused(401, "AuthorizationFailed", "The signature of the request does not match.")
        if not self.enabled:
            return _refused(400, "WorkflowTriggerIsNotEnabled", "The trigger of the workflow is not enabled.")
        return self._take(heard, Answer(202))

    def _take(self, heard: Heard, taken: Answer) -> Answer:
        if heard.method != "POST":
            return _refused(405, "MethodNotAllowed", "Only POST runs this.")
        if len(heard.body) > LARGEST:
            return _refused(413, "RequestEntityTooLarge", "The card is larger than 28 KB.")
        if not heard.headers.get("content-type", "").startswith("application/json"):
            return _refused(415, "UnsupportedMediaType", "The request must be JSON.")
        try:
            for card in _cards(heard.json):
                self._look(card)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _refused(400, "TriggerInputSchemaMismatch", f"The card is malformed: {error!r}")
        return taken

    def _look(self, card: dict[str, Any]) -> None:
        """Shows a card; raises what is wrong with it before anything is kept."""
        read: list[str] = []
        shown: list[str] = []
        for element in card["body"]:
            _element(element, read, shown)
        for action in card.get("actions", []):
            _need(action["type"] == "Action.OpenUrl" and bool(action["title"]), "an action")
            _need(action["url"].startswith(("https://", "http://")), "the address of an action")
        entities = card.get("msteams", {}).get("entities", [])
        self.pings += [entity["mentioned"]["id"] for entity in entities if entity["type"] == "mention"]
        self.cards.append(card)
        self.read += read
        self.shown += shown


def _cards(value: Any) -> list[dict[str, Any]]:
    _need(value["type"] == "message" and bool(value["attachments"]), "a message with attachments")
    for one in value["attachments"]:
        _need(one["contentType"] == _CARD and one.get("contentUrl") is None, "the type of the attachment")
        content = one["content"]
        _need(content["type"] == "AdaptiveCard" and content["version"] in ("1.2", "1.3", "1.4", "1.5"), "a card")
        _need(isinstance(content["body"], list) and bool(content["body"]), "a body")
    return [one["content"] for one in value["attachments"]]


def _element(element: dict[str, Any], read: list[str], shown: list[str]) -> None:
    kind = element["type"]
    _looks(element)
    if kind == "TextBlock":
        read.append(_text(element["text"]))
    elif kind == "FactSet":
        for fact in element["facts"]:
            read += [_text(fact["title"]), _text(fact["value"])]
    elif kind == "RichTextBlock":
        _need(bool(element["inlines"]), "inlines")
        words = ""
        for run in element["inlines"]:
            _need(run["type"] == "TextRun", "a text run")
            _looks(run)
            words += _text(run["text"])
        shown.append(words)
    else:
        raise ValueError(f"unknown element {kind}")


def _looks(element: dict[str, Any]) -> None:
    for name, known in _LOOKS.items():
        _need(name not in element or element[name] in known, name)


def _text(value: Any) -> str:
    _need(isinstance(value, str), "a text")
    return str(value)


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"{what} is not right")


def _refused(status: int, code: str, text: str) -> Answer:
    return answer_json({"error": {"code": code, "message": text}}, status)
