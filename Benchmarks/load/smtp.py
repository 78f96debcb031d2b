"""Sends messages by SMTP over many connections, each the next as soon as the last is taken. Prints one line of JSON.

Usage: smtp.py HOST:PORT CONNECTIONS SECONDS
"""
import asyncio
import json
import sys
import time

ENVELOPE = b"MAIL FROM:<me@example.com>\r\nRCPT TO:<you@there.com>\r\nDATA\r\n"
CONTENT = b"From: me@example.com\r\nTo: you@there.com\r\nSubject: Test email\r\n\r\nHello world!\r\n.\r\n"


async def client(host: str, port: int, end: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)

    async def expect(code: bytes) -> None:
        line = await reader.readline()
        while line[3:4] == b"-":
            line = await reader.readline()
        if not line.startswith(code):
            raise SystemExit(f"expected {code!r}, got {line!r}")

    await expect(b"220")
    writer.write(b"EHLO load\r\n")
    await expect(b"250")
    while (started := time.monotonic()) < end:
        writer.write(ENVELOPE)
        for code in (b"250", b"250", b"354"):
            await expect(code)
        writer.write(CONTENT)
        await expect(b"250")
        times.append(time.monotonic() - started)
    writer.close()


async def main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    connections, seconds = int(sys.argv[2]), float(sys.argv[3])
    times: list[float] = []
    started = time.monotonic()
    await asyncio.gather(*(client(host, int(port), started + seconds, times) for _ in range(connections)))
    elapsed = time.monotonic() - started
    times.sort()
    print(json.dumps({
        "requests": len(times), "seconds": elapsed,
        "p50_us": int(times[len(times) // 2] * 1e6), "p99_us": int(times[len(times) * 99 // 100] * 1e6),
    }))


asyncio.run(main())
