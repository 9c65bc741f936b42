"""A mail server in a thread, as small as can be: it takes mail, refuses, is busy, or hangs up, as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class PostOffice(socketserver.ThreadingTCPServer):
    """What has been delivered is in `letters`, with whom the envelope named. `mood` says what happens next."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.letters: list[tuple[list[str], EmailMessage]] = []
        self.mood = "kind"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class Clerk(socketserver.StreamRequestHandler):
    """One talk with one client."""

    server: PostOffice

    def handle(self) -> None:
        """Answer line by line."""
        self.say("220 post")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
                self.say({"refuses": "550 no such user", "busy": "451 come back"}.get(self.server.mood, "250 ok"))
            elif word == "DATA":
                self.say("354 go on")
                letter = self.read_letter()
                if self.server.mood == "hangs up":
                    return
                self.server.letters.append((recipients, letter))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def read_letter(self) -> EmailMessage:
        """Up to the line with a full stop alone."""
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
        letter = message_from_bytes(text, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def say(self, text: str) -> None:
        """One line."""
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """A server that listens until the block ends."""
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield office
        office.shutdown()
