"""A second opinion on sanitised HTML, from parsers that had no part in making it: html5lib and nh3."""

import re
from urllib.parse import urlsplit

import html5lib
import nh3

BLOCKS = {
    "blockquote",
    "dd",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
}
BLOCKS |= {"table", "ul"}
ONLY_INLINES = {"p", "pre", "h2", "h3", "h4", "dt", "caption"}
ONLY = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}, "tr": {"td", "th"}}


def tree(markup):
    """Return ``markup`` as nested tuples: (element, attributes, children and texts)."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return _plain(parser.parseFragment(markup)), parser.errors


def _plain(element):
    children = [element.text or ""]
    for child in element:
        children += [_plain(child), child.tail or ""]
    if element.tag == "pre":
        # Parsers differ in whether they write again the newline after <pre> that they drop.
        children[0] = children[0].lstrip("\n")
    return (element.tag, tuple(sorted(element.attrib.items())), tuple(filter(None, children)))


def problems(markup, policy):
    """Return what is wrong with ``markup`` as sentences; an empty list if nothing is."""
    root, errors = tree(markup)
    found = [f"parse error: {error}" for error in errors]
    _look(root, policy, (), found)
    allowed = {
        tag: set(attributes) | ({"rel"} if tag == "a" else set())
        for tag, attributes in policy.attributes.items()
    }
    again = nh3.clean(
        markup,
        tags=set(policy.tags),
        attributes=allowed | {"*": set()},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    if tree(again)[0] != root:
        found.append("nh3 would change it")
    return found


def _look(node, policy, ancestors, found):
    tag, attributes, children = node
    if ancestors:
        parent = ancestors[-1]
        if tag not in policy.tags:
            found.append(f"element {tag}")
        for name, value in attributes:
            found += _attribute_problems(tag, name, value, policy)
        names = dict(attributes)
        if tag == "a" and names.get("rel", "") != policy.rel:
            found.append(f"rel {names.get('rel')!r}")
        if tag in BLOCKS and ONLY_INLINES & set(ancestors):
            found.append(f"{tag} inside {ancestors}")
        if tag == "a" and "a" in ancestors:
            found.append("a link in a link")
        if parent in ONLY and tag not in ONLY[parent]:
            found.append(f"{tag} in {parent}")
        if tag == "p" and not children:
            found.append("empty paragraph")
    for child in children:
        if isinstance(child, tuple):
            _look(child, policy, (*ancestors, tag), found)
        elif child.strip() and (not ancestors or tag in ONLY or tag == "blockquote"):
            found.append(f"text directly in {tag}")


def _attribute_problems(tag, name, value, policy):
    if name == "rel" and tag == "a" and policy.rel:
        return []
    if name not in policy.attributes.get(tag, ()):
        return [f"attribute {tag}[{name}]"]
    if name not in ("href", "src"):
        return []
    url = urlsplit(value)
    local = not url.scheme and not url.netloc and "\\" not in value and value[:1] in ("/", "#")
    if local and "img" in policy.tags:
        return []
    if url.scheme == "mailto" and url.path.count("@") == 1:
        return []
    if (
        url.scheme in ("http", "https")
        and re.search("[.\u3002]", url.hostname or "")
        and "@" not in url.netloc
        and name == "href"
    ):
        return []
    return [f"address {value}"]
