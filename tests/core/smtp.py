"""A real SMTP server in this process, which keeps what it takes and refuses what it is told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Post:
    """`taken` are the messages that arrived; `answers` are given to recipients or texts, one after the other."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipient_answers: list[str] = []
        self.text_answers: list[str] = []
        self.on_text: Any = None

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        if self.text_answers:
            return self.text_answers.pop(0)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.on_text:
            self.on_text(server)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def post_office() -> Iterator[tuple[Post, str]]:
    """The server's record, and its `smtp://` address."""
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield post, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
