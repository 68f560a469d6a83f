import pytest

from comments.moderation.addresses import ADDRESS, BARE_HOST, host, path_depth, registrable


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ""),
        ("https://", ""),
        ("https://www.Example.com:8080/path?query#fragment", "www.example.com"),
        ("https://user:secret@example.com./", "example.com"),
        ("someone@example.com", "example.com"),
        ("mailto:someone@example.com?subject=x", "example.com"),
        ("example.com/path", "example.com"),
        ("*.example.com", "example.com"),
        (r"http:\\example.com\path", "example.com"),
        ("https://ex%61mple。com/", "example.com"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
        ("https://xn--" + "9" * 60 + ".example/", "xn--" + "9" * 60 + ".example"),
        ("https://xn--\ud800.example/", "xn--\ud800.example"),
        ("http://[::1]:80/", "[::1]"),
        ("https://[broken", "[broken"),
    ],
)
def test_host(address, expected):
    assert host(address) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", ""),
        ("localhost", "localhost"),
        ("example.com", "example.com"),
        ("www.shop.example.com", "example.com"),
        ("www.shop.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("www.t.co", "t.co"),
        ("a.com.example", "com.example"),
    ],
)
def test_what_somebody_registered(name, expected):
    assert registrable(name) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", 0),
        ("https://a.example", 0),
        ("https://a.example:80//", 0),
        ("https://a.example/b", 1),
        ("https://a.example/b/c/?d=/e/f#/g", 2),
        ("https://a.example?b/c", 0),
        ("a.example/b", 1),
    ],
)
def test_path_depth(address, expected):
    assert path_depth(address) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none http:// here", []),
        ("see (https://a.example/b) and <ftp://c.example>", ["https://a.example/b", "ftp://c.example"]),
        ("[url=HTTP://a.example]x[/url]", ["HTTP://a.example"]),
        ("www.a.example, awww.b.example", ["www.a.example,"]),
    ],
)
def test_addresses_in_a_text(text, expected):
    assert ADDRESS.findall(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("buy at Shop.Example.com!", "Shop.Example.com"),
        ("a-b.co.uk/x", "a-b.co.uk"),
        ("file.txt, x.com, 2.0", None),
        ("example.company", None),
    ],
)
def test_bare_host_in_a_text(text, expected):
    found = BARE_HOST.search(text)
    assert (found and found.group()) == expected
