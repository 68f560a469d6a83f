import contextlib
import socket
import threading
import time

import akismet as reference
import httpx
import pytest

from comments.akismet import HOST, MAX_ANSWER_BYTES, THANKS, AkismetError, Answer, Client

from .loopback import http

pytestmark = pytest.mark.usefixtures("own_thread")

KEY, BLOG = "123YourAPIKey", "https://blog.example.org"
FIELDS = {
    "user_ip": "203.0.113.0",
    "comment_type": "comment",
    "comment_author": "Žofie & Søn=1",
    "comment_content": "Heat\n+ cold; 100 % “fine” 🙂",
    "permalink": "https://blog.example.org/2017/03/back/?a=1&b=2",
}


@pytest.fixture
def client(server):
    return Client(KEY, BLOG, base_url=server.url, context=server.trust)


def hasty(server):
    """A client that has the patience of a test."""
    return Client(KEY, BLOG, base_url=server.url, context=server.trust, limit_seconds=0.3)


def error_of(call, *arguments):
    with pytest.raises(AkismetError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http("false"), Answer("ham")),
        (http("true"), Answer("spam")),
        (http("true", "X-akismet-pro-tip: discard"), Answer("discard")),
        (http("true", "x-AKISMET-Pro-Tip: discard"), Answer("discard")),
        (http("true", "X-akismet-pro-tip: something new"), Answer("spam")),
        # Advice to discard means something with "true" only.
        (http("false", "X-akismet-pro-tip: discard"), Answer("ham")),
        (http("false", "X-akismet-recheck-after: 900"), Answer("ham", recheck_seconds=900)),
        (http("false", "X-akismet-recheck-after: soon"), Answer("ham")),
        (http("false", "X-akismet-recheck-after: -5"), Answer("ham")),
        (http("true\n"), Answer("spam")),
        (b"HTTP/1.0 200 OK\r\n\r\nfalse", Answer("ham")),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntr\r\n2\r\nue\r\n0\r\n\r\n",
            Answer("spam"),
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + http("true"), Answer("spam")),
    ],
)
def test_answers_to_a_check(server, client, answer, expected):
    server.answers = [answer]
    assert client.check(FIELDS) == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http("invalid"), "not an answer that Akismet gives: “invalid”"),
        (
            http("invalid", 'X-akismet-debug-help: Empty "blog" value'),
            'not an answer that Akismet gives: “invalid”: Empty "blog" value',
        ),
        (http(""), "an empty answer"),
        (http("TRUE"), "not an answer that Akismet gives: “TRUE”"),
        (http("<html>true</html>"), "not an answer that Akismet gives: “<html>true</html>”"),
        (http(b"\x00\xff\xfe true"), "not an answer that Akismet gives: “"),
        (http("x" * 10_000), f"not an answer that Akismet gives: “{'x' * 60}”"),
        (http("true", status="403 Forbidden"), "answered with status 403"),
        (http("slow down", status="429 Too Many Requests"), "answered with status 429"),
        (http("true", status="500 Internal Server Error"), "answered with status 500"),
        (http("true", status="201 Created"), "answered with status 201"),
        (
            http("true", "X-akismet-alert-code: 10402", "X-akismet-alert-msg: Suspended\x00 key"),
            "the key is not in order: 10402: Suspended key",
        ),
        (b"", "not an answer in HTTP (RemoteDisconnected)"),
        (b"true", "not an answer in HTTP (BadStatusLine)"),
        (b"\x16\x03\x01 garbled \x00\xff" * 9, "not an answer in HTTP (BadStatusLine)"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ntrue", "not an answer in HTTP (IncompleteRead)"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\ntrue", "not an answer in HTTP (HTTPException)"),
        (http("x" * (MAX_ANSWER_BYTES + 1)), f"the answer is longer than {MAX_ANSWER_BYTES} bytes"),
    ],
)
def test_what_is_no_answer_is_an_error_with_its_reason(server, client, answer, reason):
    server.answers = [answer]
    error = error_of(client.check, FIELDS)
    assert error.startswith(reason)
    assert "\x00" not in error


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_redirect_is_not_followed(server, client, status):
    server.answers = [http("true", f"Location: {server.url}/1.1/comment-check", status=status), http("true")]
    assert "which is not followed" in error_of(client.check, FIELDS)
    assert len(server.requests) == 1


def test_endless_answer_is_cut_off_where_it_is_too_long(server, client):
    def pour(line):
        with contextlib.suppress(OSError):
            while not server.stopping.is_set():
                line.sendall(b"HTTP/1.1 200 OK\r\n" + b"x" * 65536)

    server.answers = [pour]
    assert error_of(client.check, FIELDS) == f"the answer is longer than {MAX_ANSWER_BYTES} bytes"


def say_nothing(server):
    return lambda line: server.stopping.wait()


def trickle(server):
    """One byte at a time, each well within any limit for a single read."""

    def answer(line):
        for byte in http("true", *(f"X-{number}: {'.' * 60}" for number in range(50))):
            if server.stopping.wait(0.01):
                return
            line.sendall(bytes([byte]))

    return answer


def trickle_the_text(server):
    def answer(line):
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stopping.wait(0.01):
            line.sendall(b" ")

    return answer


@pytest.mark.parametrize("slowly", [say_nothing, trickle, trickle_the_text])
def test_limit_of_time_is_for_everything_together(server, slowly):
    server.answers = [slowly(server)]
    began = time.monotonic()
    assert error_of(hasty(server).check, FIELDS) == "no complete answer within 0.3 seconds"
    assert time.monotonic() - began < 2


def test_server_that_never_begins_to_speak_tls():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        silent_client = Client(KEY, BLOG, base_url=url, limit_seconds=0.3)
        assert error_of(silent_client.check, FIELDS) == "no complete answer within 0.3 seconds"


def test_refused_connection():
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert "no connection" in error_of(Client(KEY, BLOG, base_url=f"https://localhost:{port}").check, FIELDS)


def test_host_that_is_not_found(monkeypatch):
    def look_up(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert error_of(Client(KEY, BLOG).check, FIELDS) == "no connection: [Errno -2] Name or service not known"


def test_search_for_the_host_that_hangs_is_left_at_the_limit(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: released.wait() and [])
    began = time.monotonic()
    try:
        error = error_of(Client(KEY, BLOG, limit_seconds=0.3).check, FIELDS)
    finally:
        released.set()
    assert error == "no complete answer within 0.3 seconds"
    assert time.monotonic() - began < 2


def test_certificate_that_nobody_vouches_for(server):
    stranger = Client(KEY, BLOG, base_url=server.url)
    assert "certificate verify failed" in error_of(stranger.check, FIELDS)
    assert not server.requests


def test_certificate_of_another_host(server):
    other = Client(KEY, BLOG, base_url=f"https://127.0.0.1:{server.port}", context=server.trust)
    assert "certificate verify failed" in error_of(other.check, FIELDS)
    assert not server.requests


def test_plain_http_is_refused():
    with pytest.raises(ValueError, match="https only"):
        Client(KEY, BLOG, base_url=f"http://{HOST}")


def test_by_default_akismet_itself_is_asked_and_the_limit_is_two_seconds():
    client = Client(KEY, BLOG)
    assert (client.base_url, client.host, client.limit_seconds) == (
        "https://rest.akismet.com",
        "rest.akismet.com",
        2,
    )


def test_request_is_what_the_protocol_asks_for(server, client):
    client.check(FIELDS)
    [(path, headers, parameters)] = server.requests
    assert path == "/1.1/comment-check"
    assert parameters == {"api_key": KEY, "blog": BLOG} | FIELDS
    assert headers["user-agent"] == "Afterword/1.0 | Akismet/1.0"
    assert headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert headers["host"] == f"localhost:{server.port}"


def test_check_that_akismet_wished_for_says_so(server, client):
    client.check(FIELDS, again=True)
    assert server.sent == [
        ("comment-check", {"api_key": KEY, "blog": BLOG, "recheck_reason": "recheck"} | FIELDS)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "NUL \x00 and bidi \u202e",
        "lone \ud800 half",
        "日本語 עברית 🧑🏽‍⚕️",
        "a=b&c=d+e%20\r\nX: y",
        "x" * 10_000,
    ],
)
def test_any_text_arrives(server, client, text):
    assert client.check({"comment_content": text}) == Answer("ham")
    assert server.requests[0][2]["comment_content"] == text.replace("\ud800", "?")


@pytest.mark.parametrize("case", ["spam", "ham"])
def test_corrections(server, client, case):
    server.answers = [http(THANKS), http("invalid"), http("true")]
    client.submit(case, FIELDS)
    assert server.sent == [(f"submit-{case}", {"api_key": KEY, "blog": BLOG} | FIELDS)]
    assert "“invalid”" in error_of(client.submit, case, FIELDS)
    assert "“true”" in error_of(client.submit, case, FIELDS)


def test_key_is_verified(server, client):
    server.answers = [http("valid"), http("invalid"), http("")]
    assert client.verify_key() is True
    assert client.verify_key() is False
    assert error_of(client.verify_key) == "an empty answer"
    assert server.sent[0] == ("verify-key", {"api_key": KEY, "key": KEY, "blog": BLOG})


@pytest.fixture
def other_client(server, monkeypatch):
    """The well-known client, calling the same server."""
    monkeypatch.setattr(reference._common, "_API_URL", server.url)
    with httpx.Client(verify=server.trust) as line:
        yield reference.SyncClient(config=reference.Config(key=KEY, url=BLOG), http_client=line)


def test_another_client_sends_the_same(server, client, other_client):
    server.answers = [http("valid"), http("valid"), http("false"), http("false"), http(THANKS)]
    client.verify_key()
    other_client.verify_key()
    client.check(FIELDS)
    other_client.comment_check(**FIELDS)
    client.submit("spam", FIELDS)
    other_client.submit_spam(**FIELDS)
    client.submit("ham", FIELDS)
    other_client.submit_ham(**FIELDS)
    pairs = list(zip(server.requests[::2], server.requests[1::2], strict=True))
    assert len(pairs) == 4
    for (our_path, our_headers, ours), (path, headers, theirs) in pairs:
        assert our_path == path
        assert our_headers["content-type"].startswith(headers["content-type"])
        # To verify a key we send its other name besides.
        assert ours == theirs | ({"api_key": KEY} if path.endswith("verify-key") else {})


def test_every_field_we_may_send_is_one_the_other_client_knows():
    from comments.opinions import PARAMETERS

    known = {"user_ip", *reference.AkismetArguments.__optional_keys__}
    assert {*PARAMETERS.values(), "comment_type", "blog_charset", "recheck_reason"} <= known


@pytest.mark.parametrize(
    "answer",
    [
        http("true"),
        http("false"),
        http("true", "X-akismet-pro-tip: discard"),
        http("false", "X-akismet-pro-tip: discard"),
        http("invalid"),
        http(""),
        http("maybe"),
        http("true", status="500 Internal Server Error"),
        http("", "Location: /", status="302 Found"),
    ],
)
def test_another_client_reads_the_same(server, client, other_client, answer):
    server.answers = [answer]
    try:
        theirs = other_client.comment_check(**FIELDS).name.lower()
    except reference.AkismetError:
        theirs = None
    try:
        ours = client.check(FIELDS).case
    except AkismetError:
        ours = None
    assert ours == theirs
