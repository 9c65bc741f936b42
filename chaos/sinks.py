"""The other ends: a mail server and an SMS gateway, each a process of its own.

`python -m chaos.sinks smtp|sms PORT FOLDER SEED [--calm]`. Each writes a line with the message's id and its address,
and has it on the disk, before it answers: what a sink has written has arrived, whoever is killed then. Now and then it
hangs up instead of answering, and counts that in a file of its own. A calm one is as fast as it can be, and syncs
nothing.
"""

from __future__ import annotations

import json
import os
import random
import re
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

_ID: Final = re.compile(rb"(?im)^Message-ID: <([0-9a-f-]{36})@")
# How long a letter may take, in seconds, so that somebody is always in the middle of one; how many answers are lost.
SLOWEST: Final = float(os.environ.get("CHAOS_SLOWEST") or 0.012)
_CUT: Final = 0.0005


class Sink(socketserver.ThreadingTCPServer):
    """What the two have in common: the file."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, port: int, handler: type[socketserver.BaseRequestHandler], folder: Path, seed: int, *, calm: bool
    ) -> None:
        self.calm = calm
        name = "sms" if handler is Gateway else "smtp"
        self.arrived = os.open(folder / f"{name}.arrived", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.cut = os.open(folder / f"{name}.cut", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.connected = os.open(folder / f"{name}.connected", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.chance = random.Random(seed)
        super().__init__(("127.0.0.1", port), handler)

    def note(self, message_id: str, address: str) -> bool:
        """On the disk, and the time it takes. False: hang up without an answer."""
        if self.calm:
            os.write(self.arrived, f"{message_id} {address}\n".encode())
            return True
        wait = self.chance.random() * SLOWEST
        before = self.chance.random() * wait
        time.sleep(before)
        os.write(self.arrived, f"{message_id} {address}\n".encode())
        os.fsync(self.arrived)
        time.sleep(wait - before)
        if self.chance.random() < _CUT:
            os.write(self.cut, b"cut\n")
            return False
        return True


class MailServer(socketserver.StreamRequestHandler):
    """One connection."""

    server: Sink
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Until the client says goodbye."""
        self.say("220 chaos")
        recipient, used = "", False
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"MAIL" and not used:
                used = True
                os.write(self.server.connected, b"one\n")
            if word == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            if word == b"QUIT":
                self.say("221 bye")
                return
            if word != b"DATA":
                self.say("250-chaos\r\n250 PIPELINING" if word == b"EHLO" else "250 ok")
                continue
            self.say("354 go on")
            letter = self.read_letter()
            found = _ID.search(letter)
            if letter.endswith(b"\r\n.\r\n"):
                if not self.server.note(found[1].decode() if found else "?", recipient):
                    return
                self.say("250 taken")

    def read_letter(self) -> bytes:
        """Up to the line with a full stop alone, or to where the other end fell silent."""
        letter = b""
        while not letter.endswith(b"\r\n.\r\n") and (piece := self.rfile.read1(65536)):
            letter += piece
        return letter

    def say(self, text: str) -> None:
        """One line."""
        self.wfile.write(f"{text}\r\n".encode())


class Gateway(BaseHTTPRequestHandler):
    """Sveve, as far as we use it."""

    server: Sink
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """One SMS."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if not self.server.note(form["ref"][0], form["to"][0]):
            self.close_connection = True
            return
        answer = {"response": {"msgOkCount": 1, "stdSMSCount": 1, "ids": [self.server.chance.getrandbits(40)]}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: numbers are nobody's business."""


def main(arguments: list[str]) -> None:
    """Serve until killed."""
    kind, port, folder, seed, *more = arguments
    handler = Gateway if kind == "sms" else MailServer
    with Sink(int(port), handler, Path(folder), int(seed), calm="--calm" in more) as sink:
        sink.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
