"""A server on this machine that speaks Akismet's protocol over TLS, well or badly, as a test says."""

import socket
import ssl
import threading
from pathlib import Path
from urllib.parse import parse_qs

# A key and the certificate it signed for itself, for "localhost" alone. It guards nothing.
PAIR = Path(__file__).with_name("loopback.pem")


def http(body, *headers, status="200 OK"):
    """Return an answer in HTTP, as it goes over the line."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Loopback:
    """``answers``: what is said, in turn; the last for ever. Bytes, or a function that is given the line.

    ``requests``: what came, each as path, headers and parameters.
    """

    def __init__(self):
        self.answers, self.requests = [http("false")], []
        self.stopping = threading.Event()
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(PAIR)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        self._lines = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def trust(self):
        return ssl.create_default_context(cafile=PAIR)

    @property
    def sent(self):
        """What came, shortened: the method and its parameters."""
        return [(path.rpartition("/")[2], parameters) for path, _headers, parameters in self.requests]

    def close(self):
        self.stopping.set()
        # The one way to wake a thread that waits for a call: to call.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()

    def _listen(self):
        while True:
            line, _address = self._listener.accept()
            if self.stopping.is_set():
                line.close()
                break
            self._lines.append(threading.Thread(target=self._serve, args=[line]))
            self._lines[-1].start()
        for thread in self._lines:
            thread.join()

    def _serve(self, line):
        line.settimeout(5)
        try:
            # Handed over to the TLS line, which closes it.
            with self._tls.wrap_socket(line, server_side=True) as secured:
                self.requests.append(read_request(secured))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    answer(secured)
                else:
                    secured.sendall(answer)
        except OSError:
            line.close()  # the other side has gone, which is what the test is about


def read_request(line):
    received = b""
    while b"\r\n\r\n" not in received:
        received += line.recv(65536)
    head, _blank, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    while len(body) < int(headers["content-length"]):
        body += line.recv(65536)
    parameters = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in parameters.values())
    return first.split()[1], headers, {name: value for name, [value] in parameters.items()}
