"""A dead man's switch outside, such as healthchecks.io: it hears that the engine is well, and calls when not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, Duration
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import filling, posting
from tui_monitor.destinations.craft.posting import Post


@dataclass(frozen=True, slots=True)
class HeartbeatOut:
    """Options. While looks are taken and written down, `url` is asked for `every` so often; no news goes there."""

    url: Secret
    every: Duration = 60.0
    method: Literal["GET", "POST", "HEAD"] = "GET"
    token: Secret = field(default=Secret(""))
    verify_tls: bool = True
    ca: CertificateFile = ""

    hears: ClassVar[frozenset[Kind]] = frozenset()
    grouped: ClassVar[bool] = False

    def __post_init__(self) -> None:
        filling.check_address(self.url.reveal())
        if filling.FIELD.search(self.url.reveal()):
            raise ValueError("url takes no {fields}: what is sent there is about no incident")
        if self.every < 1:
            raise ValueError("every must be at least 1s")

    @property
    def beats_every(self) -> float:
        return self.every

    async def beat(self, outside: Outside) -> None:
        headers = posting.authorization("", Secret(""), self.token)
        post = Post(self.method, self.url, headers, secrets=(self.url, self.token))
        await posting.send(post, outside.client(verify=self.verify_tls, ca=self.ca), outside.now)

    async def prove(self, outside: Outside) -> str:
        """Asking for the address itself would say that all is well, which nobody knows yet."""
        client, secrets = outside.client(verify=self.verify_tls, ca=self.ca), (self.url, self.token)
        unproved = "whether it is the right address is seen at the first beat"
        return await posting.prove_origin(self.url, client, secrets, verify_tls=self.verify_tls, unproved=unproved)
