"""A load generator: a closed loop over keep-alive connections, in one thread of plain sockets.

It must cost less than the server it measures: http.client spends more on an answer than gunicorn does
on a static file.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

TIMEOUT = 120  # seconds for one answer


@dataclass
class Round:
    """What one round measured: seconds per answer, in order, and how long the round took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    octets: int = 0  # of the last body

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the answers stayed within."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, address, selector):
        self.address, self.selector, self.socket = address, selector, None

    def ask(self, path):
        self.path = path
        self.request = f"GET {path} HTTP/1.1\r\nHost: {self.address[0]}\r\n\r\n".encode("ascii")
        self.began = perf_counter()
        self._send()

    def _send(self):
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=TIMEOUT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.received, self.whole = b"", None
        self.socket.sendall(self.request)

    def close(self):
        if self.socket:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None

    def read(self):
        """Take in what has come → the length of the body once all of it is here, else None."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            if self.received:
                raise RuntimeError(f"{self.path}: the answer broke off")
            self.close()  # the server had closed an idle connection: ask again, as a browser does
            self._send()
            return None
        self.received += piece
        if self.whole is None and (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            if not head.startswith(b"http/1.1 200 "):
                raise RuntimeError(f"{self.path}: {head.splitlines()[0].decode()}")
            self.body = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
            self.whole = end + 4 + self.body
        return self.body if self.whole == len(self.received) else None


def measure(
    address: tuple[str, int], paths: Iterator[str], *, connections: int, seconds: float, fewest: int = 1
) -> Round:
    """Ask for `paths`, one after the other, for `seconds` and at least `fewest` answers.

    RuntimeError where an answer isn't 200.
    """
    measured = Round()
    with selectors.DefaultSelector() as selector:
        asking = [_Connection(address, selector) for _ in range(connections)]
        began = perf_counter()
        try:
            for connection in asking:
                connection.ask(next(paths))
            while asking:
                ready = selector.select(TIMEOUT)
                if not ready:
                    raise RuntimeError(f"no answer within {TIMEOUT} s")
                for key, _ in ready:
                    connection = key.data
                    if (octets := connection.read()) is None:
                        continue
                    now = perf_counter()
                    measured.latencies.append(now - connection.began)
                    measured.octets = octets
                    if now - began < seconds or len(measured.latencies) < fewest:
                        connection.ask(next(paths))
                    else:
                        connection.close()
                        asking.remove(connection)
        finally:
            for connection in asking:
                connection.close()
    measured.seconds = perf_counter() - began
    return measured
