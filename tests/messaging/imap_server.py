"""A real IMAP server (pymap) on loopback, in a thread, with one empty mailbox that tests put mail into."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER = "retur@example.no"
PASSWORD = "p:a/s@s ord"


class ImapServer:
    """`url` as RETURN_IMAP_URL wants it; `put` delivers a mail; `flags` tells what each has been marked with."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://retur%40example.no:p%3Aa%2Fs%40s%20ord@127.0.0.1:{port}/INBOX"

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        connection = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        try:
            connection.login(USER, PASSWORD)
            connection.select("INBOX")
            yield connection
        finally:
            connection.logout()

    def put(self, *mails: bytes) -> None:
        """Deliver, in this order, unread."""
        with self._open() as connection:
            for mail in mails:
                answer, told = connection.append("INBOX", "", "", mail)
                assert answer == "OK", told

    def empty(self) -> None:
        """Throw away what is there."""
        with self._open() as connection:
            connection.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
            connection.expunge()

    def flags(self) -> list[set[str]]:
        """Of each mail in order, but for what the server sets itself."""
        with self._open() as connection:
            found: list[Any] = connection.uid("FETCH", "1:*", "(FLAGS)")[1]
            texts = [line.decode() for line in found if isinstance(line, bytes)]
        return [
            {word.strip("()\\") for word in text.partition("FLAGS (")[2].split(")")[0].split()} - {"Recent"}
            for text in texts
        ]

    def mark_unread(self) -> None:
        """As if we had been killed before the mark was made."""
        with self._open() as connection:
            connection.uid("STORE", "1:*", "-FLAGS", r"(\Seen)")


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """The server, until the block ends."""
    started: dict[str, Any] = {}
    ready = threading.Event()

    async def serve() -> None:
        args = Namespace(debug=False, host=None, port="0", cert=None, key=None, tls=False)
        args.passlib_cfg = args.proxy_protocol = args.inherited_sockets = None
        made = {"demo_data": False, "demo_user": USER, "demo_password": PASSWORD}
        backend, config = await DictBackend.init(Namespace(**vars(args), **made))
        config.apply_context()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            server = await asyncio.start_server(
                ProxyProtocolReader(ProxyProtocolNoop()).get_callback(IMAPServer(backend.login, config)), "127.0.0.1", 0
            )
            await stack.enter_async_context(server)
            started.update(port=server.sockets[0].getsockname()[1], loop=asyncio.get_running_loop())
            started["stop"] = asyncio.Event()
            ready.set()
            await started["stop"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield ImapServer(started["port"])
    finally:
        started["loop"].call_soon_threadsafe(started["stop"].set)
        thread.join(10)
