"""A line to PostgreSQL that can be cut when a transaction is committed, before its answer."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit


class CommitCutter:
    """Passes bytes between the site and PostgreSQL; ``armed``, it cuts at the next commit."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self.armed = False
        self.cuts = 0

    async def start(self) -> str:
        """Listen, and return the address of the database by way of here."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return urlunsplit(self._url._replace(netloc=f"{self._url.username}@127.0.0.1:{port}"))

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._url.hostname, self._url.port)
        answers = asyncio.create_task(_pass_on(back, writer))
        try:
            while data := await reader.read(65_536):
                if self.armed and b"COMMIT" in data:
                    self.armed = False
                    self.cuts += 1
                    # The answer is not heard: that of the server says only that it is done.
                    answers.cancel()
                    forth.write(data)
                    await back.read(1)
                    return
                forth.write(data)
                await forth.drain()
        except ConnectionError:
            pass
        finally:
            for end in (writer, forth):
                end.transport.abort()
            await asyncio.gather(answers, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
