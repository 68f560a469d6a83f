"""The protocol of Akismet, an outside service that is asked what it thinks of a comment.

Only what may leave this server is handed in here; who is asked what, and when, is for opinions.py.
The protocol: https://akismet.com/developers/
"""

import asyncio
import http.client
import io
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from .markup import clean_line

HOST = "rest.akismet.com"
USER_AGENT = "Afterword/1.0 | Akismet/1.0"
# For everything together: finding the host, connecting, sending, and the whole answer.
LIMIT_SECONDS = 2.0
# An answer is one word; the headers around it are the most of it.
MAX_ANSWER_BYTES = 16_000
THANKS = "Thanks for making the web a better place."


class AkismetError(Exception):
    """Akismet has not answered, or not in a way that can be relied on. The message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``case``: "ham", "spam", or "discard" for what is so blatant that others throw it away.

    ``recheck_seconds``: after which Akismet wants to be asked again, its answer being provisional.
    """

    case: str
    recheck_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """One site's way to Akismet. Each call is one request, waits for its answer, and raises AkismetError.

    To be called from a thread that runs no event loop.

    ``blog``: the site's own address. ``base_url``: of the service, https only. ``context``: whom to
    trust, where that is not who this machine trusts anyway.
    """

    key: str
    blog: str
    base_url: str = f"https://{HOST}"
    context: ssl.SSLContext | None = None
    limit_seconds: float = LIMIT_SECONDS

    def __post_init__(self):
        if urlsplit(self.base_url).scheme != "https":
            raise ValueError(f"Akismet is asked over https only, not at {self.base_url}.")

    @property
    def host(self):
        return urlsplit(self.base_url).hostname

    def verify_key(self):
        """Return whether Akismet takes the key for this site."""
        # The documentation says api_key, its example and other clients say key.
        response = self._post("verify-key", {"key": self.key})
        if response.word not in ("valid", "invalid"):
            raise response.error()
        return response.word == "valid"

    def check(self, fields, *, again=False):
        """Ask for an opinion. ``fields``: as the protocol names them. ``again``: as Akismet wished."""
        response = self._post("comment-check", fields | ({"recheck_reason": "recheck"} if again else {}))
        if response.word == "false":
            return Answer("ham", response.recheck_seconds)
        if response.word == "true":
            return Answer("discard" if response.header("X-akismet-pro-tip") == "discard" else "spam")
        raise response.error()

    def submit(self, case, fields):
        """Say that a comment is "spam" or "ham" after all."""
        response = self._post(f"submit-{case}", fields)
        if response.word != THANKS:
            raise response.error()

    def _post(self, method, fields):
        address = urlsplit(self.base_url)
        body = urlencode(
            {"api_key": self.key, "blog": self.blog} | fields, encoding="utf-8", errors="replace"
        ).encode()
        head = (
            f"POST /1.1/{method} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: {USER_AGENT}\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()
        # A loop of its own, which is left at the limit even where the search for the host still hangs.
        loop = asyncio.new_event_loop()
        try:
            received = loop.run_until_complete(self._exchange(address, head + body))
        except TimeoutError:
            raise AkismetError(f"no complete answer within {self.limit_seconds:g} seconds") from None
        except OSError as error:
            raise AkismetError(f"no connection: {clean_line(str(error))}") from error
        finally:
            loop.close()
        return _Response(received)

    async def _exchange(self, address, request):
        """Send, and return all that comes back, in one limit of time for everything."""
        async with asyncio.timeout(self.limit_seconds):
            context = self.context or ssl.create_default_context()
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=context)
            try:
                writer.write(request)
                # Not drained: an answer may come, and the connection end, before all is sent.
                received = b""
                while part := await reader.read(MAX_ANSWER_BYTES):
                    received += part
                    if len(received) > MAX_ANSWER_BYTES:
                        raise AkismetError(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
                return received
            finally:
                writer.transport.abort()
                # One turn of the loop, in which the connection is closed.
                await asyncio.sleep(0)


class _Response:
    """What came back, if it is a complete answer and no error. ``word``: the text of the answer."""

    def __init__(self, received):
        self._http = http.client.HTTPResponse(_Received(received), method="POST")
        try:
            self._http.begin()
            text = self._http.read()
        except (http.client.HTTPException, ValueError) as error:
            raise AkismetError(f"not an answer in HTTP ({type(error).__name__})") from error
        self.word = text.decode("utf-8", "replace").strip()
        if 300 <= self._http.status < 400:
            raise self.error(f"sent on to another address ({self._http.status}), which is not followed")
        if self._http.status != 200:
            raise self.error(f"answered with status {self._http.status}")
        # A key that has expired, is used too much or was suspended: then a verdict means nothing.
        if self.header("X-akismet-alert-code"):
            raise self.error("the key is not in order")

    def header(self, name):
        return clean_line(self._http.getheader(name, ""))

    @property
    def recheck_seconds(self):
        value = self.header("X-akismet-recheck-after")
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None

    def error(self, reason=""):
        """Return what is wrong, in our words and, where there are any, in theirs."""
        if not reason:
            said = clean_line(self.word)[:60]
            reason = f"not an answer that Akismet gives: “{said}”" if said else "an empty answer"
        theirs = [self.header(f"X-akismet-{name}") for name in ("alert-code", "alert-msg", "debug-help")]
        return AkismetError(": ".join([reason, *filter(None, theirs)]))


class _Received:
    """Bytes in the place of a socket, for HTTPResponse to read from."""

    def __init__(self, received):
        self._received = received

    def makefile(self, mode):
        return io.BytesIO(self._received)
