"""A mail server in a thread, as small as can be: it takes mail, refuses, is busy, or hangs up, as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class PostOffice(socketserver.ThreadingTCPServer):
    """What has been delivered is in `letters`, with whom the envelope named; `senders` are those of the envelopes.

    `mood` says what happens next: kind, refuses, busy; hangs up, or babbles, when it has the letter; hangs up early,
    before it has it; closing, as a server that is stopped; tired: it hangs up after each letter that it took;
    forgetful: it refuses, and asks for the letter all the same.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.letters: list[tuple[list[str], EmailMessage]] = []
        self.senders: list[str] = []
        self.connections = 0
        self.mood = "kind"
        # Whether it takes several lines at once.
        self.pipelining = False

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class Clerk(socketserver.StreamRequestHandler):
    """One talk with one client."""

    server: PostOffice

    def handle(self) -> None:
        """Answer line by line."""
        self.server.connections += 1
        self.say("220 post")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word, address = line[:4].upper(), line.partition("<")[2].partition(">")[0]
            if word == "MAIL":
                self.server.senders.append(address)
                recipients = []
            elif word == "RCPT":
                recipients.append(address)
            if word == "DATA" and self.server.mood not in {"refuses", "busy"}:
                if not self.take_letter(recipients):
                    return
            else:
                self.say(self.answer_to(word))
            if word == "QUIT":
                return

    def answer_to(self, word: str) -> str:
        """To a line that is no letter."""
        answers = {
            "MAIL": {"closing": "421 closing", "wants a password": "530 who are you"},
            "RCPT": {"refuses": "550 no", "forgetful": "550 no", "busy": "451 come back"},
            "DATA": {"refuses": "554 to nobody", "busy": "554 to nobody"},
            "EHLO": {self.server.mood: "250-post\r\n250 PIPELINING"} if self.server.pipelining else {},
        }
        return answers.get(word, {}).get(self.server.mood, "250 ok")

    def take_letter(self, recipients: list[str]) -> bool:
        """Whether the talk goes on."""
        mood = self.server.mood
        self.say("354 go on")
        if mood == "hangs up early":
            # With what is unread, so that the other end is told at once.
            return False
        letter = self.read_letter()
        if mood == "hangs up":
            return False
        self.server.letters.append((recipients, letter))
        self.say({"babbles": "what?", "full": "452 no room", "dislikes": "554 spam"}.get(mood, "250 taken"))
        return mood != "tired"

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
