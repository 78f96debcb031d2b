"""What a service keeps of the connections it has had: nothing."""

import contextlib
import pathlib
import re
import socket
import threading

from place import Place

WARM_UP = 2000
MEASURED = 3000
# A request costs a connection to the service and one that the service makes. The smallest object that could be lost with
# it takes 32; the allocator's own unrest was 7 at most.
BYTES_A_REQUEST = 30

BODY = b'{"action":"log","log":{"name":"event","data":"x"}}'
REQUEST = (b"POST /handle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
           b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
ANSWER = b'{"error":false,"message":"logged"}'
RESPONSE = (b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER))


@contextlib.contextmanager
def logger():
    """Stands for the logger, and closes each connection after one answer."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b'"x"}' not in received and (piece := connection.recv(4096)):
                    received += piece
                connection.sendall(RESPONSE)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)


def ask(port, times):
    for _ in range(times):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(REQUEST)
            received = b""
            while piece := connection.recv(4096):
                received += piece
        assert received.startswith(b"HTTP/1.1 202 "), received


def anonymous_bytes(pid):
    return int(re.search(r"RssAnon:\s*(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def test_memory_does_not_grow_with_the_connections_that_were(tmp_path):
    place = Place(tmp_path)
    port = place.ports["broker"]
    with logger() as url, place.running("martlet-broker", LOGGER_URL=url) as broker:
        ask(port, WARM_UP)
        before = anonymous_bytes(broker.pid)
        ask(port, MEASURED)
        grown = anonymous_bytes(broker.pid) - before
    assert grown < MEASURED * BYTES_A_REQUEST, f"{grown / MEASURED:.0f} bytes a request"
