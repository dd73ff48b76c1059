"""A keep-alive HTTP/1.1 connection that asks for a page, reads all of it, keeps cookies."""

from __future__ import annotations

import asyncio


class Page:
    """One connection of a person who is signed in."""

    def __init__(self, port: int, path: str, session: str) -> None:
        self._port = port
        self._path = path
        self._cookies = {"sessionid": session}
        self._request = b""
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1024 * 1024
        )
        self._prepare()

    def _prepare(self) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._request = (
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Cookie: {cookies}\r\nAccept: text/html\r\n\r\n"
        ).encode()

    async def get(self) -> tuple[int, bytes]:
        """Ask once; return the status and the whole body. Raises ``IncompleteReadError``."""
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if b"\r\nset-cookie:" in head:
            self._keep_cookies(head.decode("latin-1"))
        fields = head.lower()
        if b"\r\ntransfer-encoding: chunked" in fields:
            return status, await self._chunks()
        length = fields.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        return status, await self._reader.readexactly(int(length or 0))

    def _keep_cookies(self, head: str) -> None:
        """Send back what the server sets, as a browser does from its second visit on."""
        for line in head.splitlines():
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                cookie, _, kept = value.split(";")[0].strip().partition("=")
                self._cookies[cookie] = kept
        self._prepare()

    async def _chunks(self) -> bytes:
        chunks = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            chunks.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readexactly(2)
        return b"".join(chunks)

    def close(self) -> None:
        self._writer.close()
