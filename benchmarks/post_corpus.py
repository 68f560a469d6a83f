"""Post labelled comments to a running site through its own form, and check what became of each.

    COMMENTS_FLOOD_LIMIT=0 make run
    .venv/bin/python benchmarks/post_corpus.py http://localhost:8000 ham.jsonl spam.jsonl

Each line of a file is a JSON object with ``id``, ``author``, ``author_url``, ``body`` and ``label``.
Every comment must be stored exactly once, sanitised, with findings and one decision of the system, and
stand in the queue or in spam; what the form refuses is listed. Prints times, answers and the server's
memory; exit status 1 if anything accepted is missing, or was answered otherwise. Reads the database that
DATABASE_URL names, by default the one of `make run`.
"""

import argparse
import collections
import html.parser
import http.client
import json
import os
import pathlib
import re
import statistics
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent


# Each thread keeps a connection of its own.
connections = threading.local()


class Page(html.parser.HTMLParser):
    """The links of a page, and the fields and target of its comment form."""

    def __init__(self, text):
        super().__init__()
        self.links, self.fields, self.action, self._inside = [], {}, None, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        if tag == "form" and attributes.get("id") == "commentform":
            self.action, self._inside = attributes["action"], True
        if (
            self._inside
            and tag in ("input", "textarea")
            and attributes.get("type") not in ("checkbox", "submit")
        ):
            self.fields[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False


class Site:
    """One connection, kept open as a browser does."""

    def __init__(self, address):
        self.address = address.rstrip("/")
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=60)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def post(self, path, fields):
        body = urllib.parse.urlencode(
            {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode(), answer.getheader("Location")


def form_of(address):
    """Return the action and the fields of the form under the first article that has one."""
    site = Site(address)
    for link in Page(site.get("/")[1]).links:
        if re.fullmatch(r"/[\w/-]+/", link) and not link.startswith(
            ("/category/", "/tag/", "/author/", "/comments/")
        ):
            page = Page(site.get(link)[1])
            if page.action:
                return page.action, page.fields
    raise SystemExit(f"No article with an open comment form on the home page of {address}.")


def send(address, action, fields, comment):
    """Post one comment as a person would; who is told that the website can't be one leaves it out."""
    site = connections.__dict__.setdefault("site", None) or Site(address)
    connections.site = site
    typed = fields | {
        "comment": comment["body"],
        "author": comment["author"] or "Anonymous",
        "email": address_of(comment),
        "url": comment["author_url"],
    }
    started = time.perf_counter()
    status, _page, location = site.post(action, typed)
    first = status
    if status == 422 and typed["url"]:
        status, _page, location = site.post(action, typed | {"url": ""})
    if status == 422 and len(typed["author"]) > 100:
        status, _page, location = site.post(action, typed | {"url": "", "author": typed["author"][:100]})
    return comment, first, status, location, time.perf_counter() - started


def address_of(comment):
    return f"{comment['id']}@corpus.example"


def server_memory_mb(port):
    """Return the resident memory of the server's processes, found by their command line."""
    total = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if "granian" in command and f"--port {port}" in command:
                rollup = (process / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])
        except OSError:
            continue
    return total / 1024


def check(comments):
    """Return what is wrong with what the database holds, one sentence each."""
    from comments.markup import sanitize
    from comments.models import Comment

    wrong, statuses = [], collections.Counter()
    for sent in comments:
        stored = list(
            Comment.objects.filter(author_email=address_of(sent)).prefetch_related("findings", "decisions")
        )
        if len(stored) != 1:
            wrong.append(f"{sent['id']}: stored {len(stored)} times")
            continue
        [comment] = stored
        statuses[sent["label"], comment.status] += 1
        if comment.body_html != sanitize(comment.body):
            wrong.append(f"{sent['id']}: not the sanitiser's HTML")
        if comment.status not in ("pending", "spam"):
            wrong.append(f"{sent['id']}: {comment.status}")
        if not comment.findings.all() or len(comment.decisions.all()) != 1:
            wrong.append(f"{sent['id']}: no findings, or not one decision")
    return wrong, statuses


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_project.settings")
    os.environ.setdefault("SECRET_KEY", "reads the database, signs nothing")
    import django

    django.setup()

    comments = [
        json.loads(line) for path in options.files for line in path.read_text(encoding="utf-8").splitlines()
    ]
    action, fields = form_of(options.site)
    port = urllib.parse.urlsplit(options.site).port or 80
    before = server_memory_mb(port)
    started = time.perf_counter()
    with ThreadPoolExecutor(options.threads) as pool:
        results = list(pool.map(lambda comment: send(options.site, action, fields, comment), comments))
    seconds = time.perf_counter() - started
    after = server_memory_mb(port)

    accepted = [comment for comment, _first, status, _location, _seconds in results if status == 303]
    times = sorted(seconds * 1000 for *_rest, seconds in results)
    print(
        f"{len(comments)} comments, {options.threads} at a time: {seconds:.1f} s, "
        f"{len(comments) / seconds:.0f} a second"
    )
    print(
        f"per comment: median {statistics.median(times):.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms"
    )
    print("first answers:", dict(collections.Counter(first for _c, first, *_rest in results)))
    print("last answers: ", dict(collections.Counter(status for _c, _f, status, *_rest in results)))
    print(f"server memory: {before:.0f} MB before, {after:.0f} MB after")
    wrong, statuses = check(accepted)
    for (label, status), number in sorted(statuses.items()):
        print(f"  {label:4} -> {status:8} {number}")
    for comment, _first, status, _location, _seconds in results:
        if status != 303:
            print(f"refused with {status}: {comment['id']} ({len(comment['body'])} characters)")
    print(
        "\n".join(wrong)
        if wrong
        else f"all {len(accepted)} accepted comments are stored once, sanitised, and waiting"
    )
    sys.exit(bool(wrong) or any(status not in (303, 422) for _c, _f, status, *_rest in results))


if __name__ == "__main__":
    main()
