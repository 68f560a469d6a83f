"""What is taken out of safe HTML for readers who see it elsewhere: plain text, and addresses in full.

All of it leans on how the sanitiser writes: ``<`` begins tags and nothing else, and the values of
attributes stand in double quotes.
"""

import html
import re

from django.conf import settings

EXCERPT_LENGTH = 280
"""Characters: some three lines."""

_TAG = re.compile(r"<(?:[^\">]|\"[^\"]*\")*>")
_ATTRIBUTE = re.compile(r'( (?:href|src)=")([/#][^"]*)(?=")')
_PICTURE = re.compile(r'<img\b(?:[^">]|"[^"]*")*? src="(/[^"]*)"')
_BLOCK_END = re.compile(r"</(?:p|h2|h3|h4|li|dt|dd|td|th|pre|blockquote|figcaption|caption)>|<br>|<hr>")


def plain_text(safe_html):
    """Return the words of safe HTML on one line."""
    return " ".join(html.unescape(_TAG.sub("", _BLOCK_END.sub(" ", safe_html))).split())


def shorten(text, length=EXCERPT_LENGTH):
    """Return ``text``, or what of it fits into ``length`` characters, in whole words if it can be."""
    if len(text) <= length:
        return text
    cut = text[:length]
    # A text that is written without spaces is cut where it stands.
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > length // 2 else cut[:-1]).rstrip(" ,;:.–—-") + "…"


def excerpt_of(safe_html, length=EXCERPT_LENGTH):
    """Return the beginning of safe HTML as plain text."""
    # Much less than the whole text is needed, and a little more than the excerpt: tags are not counted.
    return shorten(plain_text(_without_torn_tag(safe_html[: length * 8])), length)


def _without_torn_tag(beginning):
    start = beginning.rfind("<")
    return beginning[:start] if ">" not in beginning[start:] and start >= 0 else beginning


def with_absolute_addresses(safe_html, page_url):
    """Return safe HTML with its links and pictures as they must stand where the page is not around them.

    ``page_url``: the page's own address, in full, for links to a place on it.
    """

    def complete(match):
        address = match[2]
        return match[1] + (page_url if address.startswith("#") else settings.SITE_URL) + address

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(complete, tag[0]), safe_html)


def pictures_in(safe_html):
    """Return the addresses of the pictures in safe HTML, in full."""
    return [settings.SITE_URL + html.unescape(address) for address in _PICTURE.findall(safe_html)]
