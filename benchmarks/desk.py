"""What the moderation list costs on a large site, beside the same list on a site with 1,000 comments.

    .venv/bin/python benchmarks/desk.py [--comments 100000] [--rounds 15]
    DATABASE_URL=postgres://user@host/postgres .venv/bin/python benchmarks/desk.py --comments 1000000

Makes two sites: on SQLite in a temporary folder, or on the PostgreSQL server of DATABASE_URL, where it makes
two databases and drops them afterwards. Opens each page of PAGES through Django's test client as a moderator,
in turn on both sites, and prints rows, queries, median milliseconds, and the median of how many times as long
the large site took. Ends with status 1 where a page takes more than 12 queries, or more than twice the time.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
SMALL = 1_000
MOST_QUERIES = 12
MOST_TIMES = 2.0

ARTICLES = 200
# So many comments each have a network, a writer, an article and a rule that hardly any other has: a filter
# by them gives a full page on both sites, on the large one out of a million.
RARE = 60
RARE_RULE = "honeypot"
COMMON_NETWORK, RARE_NETWORK = "203.0.113.0", "198.51.100.0"
RARE_CAMPAIGN = 1
BATCH, BATCH_SIZE = uuid.UUID(int=8), 5_000

# Keys of pages far from the first one, in both orders.
FAR_IN_DOUBT = "0.42_1700000000000000_1"
A_WEEK_AGO = f"{int((time.time() - 7 * 86_400) * 1_000_000)}_1"

# A name for the table, and the address.
PAGES = [
    ("waiting, least certain", {}),
    ("waiting, oldest", {"sort": "oldest"}),
    ("waiting, newest", {"sort": "newest"}),
    ("mine", {"view": "mine"}),
    ("mine, oldest", {"view": "mine", "sort": "oldest"}),
    ("published", {"view": "published"}),
    ("spam", {"view": "spam"}),
    ("spam, oldest", {"view": "spam", "sort": "oldest"}),
    ("trash", {"view": "trash"}),
    ("everything", {"view": "all"}),
    ("waiting, far on", {"after": FAR_IN_DOUBT}),
    ("waiting, far on, back", {"before": FAR_IN_DOUBT}),
    ("everything, far on", {"view": "all", "after": A_WEEK_AGO}),
    ("everything, far on, back", {"view": "all", "before": A_WEEK_AGO}),
    ("article with a third", {"article": 1}),
    ("the same, everything", {"view": "all", "article": 1}),
    ("the same, spam", {"view": "spam", "article": 1}),
    ("article with few", {"view": "all", "article": 2}),
    ("commenter with a third", {"view": "all", "commenter": 1}),
    ("commenter with few", {"view": "all", "commenter": 2}),
    ("network with a third", {"view": "all", "address": COMMON_NETWORK}),
    ("the same, waiting", {"address": COMMON_NETWORK}),
    ("prefix /12", {"view": "all", "address": "10.0.0.0/12"}),
    ("prefix /36", {"view": "all", "address": "2001:db8:4000::/36"}),
    ("network with few", {"view": "all", "address": RARE_NETWORK}),
    ("prefix /24 with few", {"view": "all", "address": "198.51.100.0/24"}),
    ("prefix /16 with a third", {"view": "all", "address": "203.0.0.0/16"}),
    ("prefix /8 with half", {"address": "10.0.0.0/8"}),
    ("rule that fires often", {"rule": "link_count"}),
    ("the same, everything", {"view": "all", "rule": "link_count"}),
    ("rule that fires at times", {"view": "all", "rule": "website"}),
    ("the same, waiting", {"rule": "website"}),
    ("rule that fires rarely", {"view": "all", "rule": RARE_RULE}),
    ("the same, oldest", {"view": "all", "rule": RARE_RULE, "sort": "oldest"}),
    ("doubtful", {"likelihood": "either"}),
    ("doubtful, published", {"view": "published", "likelihood": "either"}),
    ("certainly spam", {"likelihood": "spam"}),
    ("certainly spam, in spam", {"view": "spam", "likelihood": "spam"}),
    ("probably fine, oldest", {"likelihood": "fine", "sort": "oldest"}),
    ("past week", {"age": "week"}),
    ("past week, spam", {"view": "spam", "age": "week"}),
    ("older than 30 days", {"age": "older"}),
    ("older, newest first", {"view": "all", "age": "older"}),
    ("sender not confirmed", {"view": "all", "sender_confirmed__exact": "0"}),
    ("batch", {"view": "all", "batch": str(BATCH)}),
    ("article and rule", {"view": "all", "article": 1, "rule": "link_count"}),
    ("rule and network", {"view": "all", "rule": "link_count", "address": COMMON_NETWORK}),
    ("rule and doubtful", {"view": "all", "rule": "link_count", "likelihood": "either"}),
    ("article and doubtful", {"view": "all", "article": 1, "likelihood": "either"}),
    ("rule and past week", {"view": "all", "rule": "link_count", "age": "week"}),
    ("language of most", {"language": "en"}),
    ("the same, everything", {"view": "all", "language": "en"}),
    ("language of few", {"view": "all", "language": "sv"}),
    ("campaign", {"view": "all", "campaign": RARE_CAMPAIGN}),
    ("search, a word of all", {"q": "reader"}),
    ("the same, everything", {"view": "all", "q": "reader"}),
    ("search, an address", {"view": "all", "q": "reader166@example.org"}),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    server = os.environ.get("DATABASE_URL", "")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="site_project.settings",
        SECRET_KEY="for a benchmark only, with nothing to keep secret",
        SITE_URL="http://localhost",
    )
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        if not server.startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/small.sqlite3"
        sites = Sites(folder)
        try:
            sites.make()
            sys.exit(measure(sites, options))
        finally:
            sites.remove()


class Sites:
    """Two databases, of which one at a time is the one that Django uses."""

    NAMES = ("small", "large")

    def __init__(self, folder):
        from django.conf import settings

        # Hashed names need `collectstatic`, which has nothing to do with the list.
        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        settings.WHITENOISE_AUTOREFRESH = True
        self.server = dict(settings.DATABASES["default"])
        self.databases = {}
        for name in self.NAMES:
            database = f"{folder}/{name}.sqlite3" if self.is_sqlite else f"afterword_{name}_{os.getpid()}"
            self.databases[name] = settings.DATABASES[name] = self.server | {"NAME": database}

        import django

        django.setup()

    @property
    def is_sqlite(self):
        return self.server["ENGINE"].endswith("sqlite3")

    def make(self):
        from django.core.management import call_command

        for name in self.NAMES:
            self.on_server(f'CREATE DATABASE "{self.databases[name]["NAME"]}"')
        for name in self.NAMES:
            self.use(name)
            call_command("migrate", verbosity=0)

    def remove(self):
        from django.db import connections

        for name in self.NAMES:
            connections[name].close()
            self.on_server(f'DROP DATABASE IF EXISTS "{self.databases[name]["NAME"]}" WITH (FORCE)')

    def on_server(self, sql):
        if self.is_sqlite:
            return
        import psycopg

        server = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
        given = {name: self.server[key] for key, name in server.items() if self.server.get(key)}
        with psycopg.connect(**given, autocommit=True) as connection:
            connection.execute(sql)

    def use(self, name):
        from django.db import connections

        connections["default"] = connections[name]


def measure(sites, options):
    """Fill both sites, open each page in turn on both, print what it took; return the exit status."""
    clients = {}
    for name, count in zip(Sites.NAMES, (SMALL, options.comments), strict=True):
        sites.use(name)
        started = time.monotonic()
        clients[name] = fill(count)
        print(f"{name}: {count:,} comments, made in {time.monotonic() - started:.0f} s")
    print(f"\n{'':28}{'rows':>9}{'queries':>9}{'ms':>8}{'small':>8}{'times':>7}")
    failures = 0
    for label, query in PAGES:
        found = open_page(sites, clients, query, options.rounds)
        small, large = (found[name].times for name in Sites.NAMES)
        # Of each round by itself: whatever else the machine was doing, it did to both.
        times = statistics.median(many / few for many, few in zip(large, small, strict=True))
        small, large = statistics.median(small), statistics.median(large)
        queries = max(page.queries for page in found.values())
        rows = "/".join(str(page.rows) for page in reversed(found.values()))
        is_failure = queries > MOST_QUERIES or times > MOST_TIMES
        failures += is_failure
        print(
            f"{label:28}{rows:>9}{queries:>9}{large:8.1f}{small:8.1f}{times:7.2f}"
            + ("  too much" if is_failure else "")
        )
    print(f"\n{failures} of {len(PAGES)} pages cost too much" if failures else "\nall within bounds")
    return 1 if failures else 0


class Page:
    """What was seen of one page on one site."""

    def __init__(self):
        self.times, self.queries, self.rows = [], 0, 0


def open_page(sites, clients, query, rounds):
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    address = f"{reverse('admin:comments_comment_changelist')}?{urlencode(query)}"
    found = {name: Page() for name in Sites.NAMES}
    # The first is not counted: it reads pages of the table, and templates, that stay in memory then.
    for number in range(rounds + 1):
        for name, page in found.items():
            sites.use(name)
            if number == 0:
                with CaptureQueriesContext(connection) as asked:
                    response = clients[name].get(address)
                assert response.status_code == 200, (address, response.status_code, response.headers)
                page.queries = len(asked)
                page.rows = response.content.count(b'class="action-select"')
                reset_queries()
                continue
            started = time.perf_counter()
            clients[name].get(address)
            page.times.append((time.perf_counter() - started) * 1000)
    return found


def fill(count):
    """Store a site with so many comments, 30 % of them waiting; return a moderator's client."""
    from django.contrib.auth.models import Group, User
    from django.test import Client
    from django.utils import timezone

    from articles.models import Article, Author
    from comments.models import Batch, Comment, Commenter, CommentFinding, Decision

    chance, now = random.Random(1), timezone.now()
    editor = User.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Moderators"))
    authors = [Author.objects.create(name=f"Author {n}", slug=f"author-{n}") for n in range(5)]
    Author.objects.filter(pk=authors[0].pk).update(user=editor)
    for number in range(ARTICLES):
        Article(
            title=f"Article {number}",
            path=f"article-{number}/",
            author=authors[number % 5],
            body="The first paragraph.\n\nThe second one.",
            status=Article.Status.PUBLISHED,
            published_at=now - timedelta(days=number),
        ).save()
    Commenter.objects.bulk_create(Commenter(key=f"{n:043}") for n in range(count // 10 + 2))
    Batch.objects.create(id=BATCH, move=Batch.Move.MARK_SPAM, by=editor, made_at=now)
    rare = set(range(0, count, count // RARE)[:RARE])
    spam = []
    copy(Comment, made_comments(count, rare, spam, chance, now))
    copy(CommentFinding, made_findings(count, rare, chance))
    copy(Decision, made_decisions(count, spam, editor, now))
    reset_and_analyze()
    client = Client(SERVER_NAME="localhost")
    client.force_login(editor)
    return client


def made_comments(count, rare, spam, chance, now):
    """One row a comment, most of them young, as on a site that grows. Of spam the ids are kept."""
    words = (ROOT / "comments" / "own_comments.jsonl").read_text(encoding="utf-8").split()
    words = [word.strip('"<>{}[]') for word in words if "&" not in word][:4_000]
    statuses, weights = ["pending", "approved", "spam", "trash"], [30, 35, 25, 10]
    empty = {"author_url": "", "fragment": "", "text_digest": "", "sanitizer_version": 1, "rules_version": 4}
    for number in range(count):
        body = " ".join(chance.choices(words, k=chance.choice((12, 40, 90)))).replace("<", "")
        is_rare, is_common = number in rare, number % 3 == 1
        probability = chance.gauss(0.15, 0.2) if chance.random() < 0.6 else chance.gauss(1.0, 0.1)
        # What was imported has been judged by nobody.
        probability = 0.5 if number % 23 == 0 else min(1.0, max(0.0, probability))
        [status] = chance.choices(statuses, weights)
        if status == "spam":
            spam.append(number + 1)
        yield empty | {
            "id": number + 1,
            "article_id": 2 if is_rare else 1 if is_common else chance.randrange(3, ARTICLES + 1),
            "commenter_id": 2
            if is_rare
            else 1
            if is_common
            else chance.choice((None, None, number // 10 + 1)),
            "author_name": f"Reader {number}",
            "author_email": f"reader{number // 3}@example.org",
            "body": body,
            "body_html": f"<p>{body}</p>",
            "address": RARE_NETWORK
            if is_rare
            else COMMON_NETWORK
            if is_common
            else some_network(count, chance),
            "language": "sv" if is_rare else chance.choice(("en", "en", "en", "de")),
            "campaign": RARE_CAMPAIGN if is_rare else None,
            "status": status,
            "submitted_at": now - timedelta(days=400 * (1 - number / count) ** 3),
            "sender_confirmed": not is_rare,
            "points": probability * 20,
            "spam_probability": probability,
            "place": f"{number:025x}",
        }


def some_network(count, chance):
    """A twentieth of them is within 10.0.0.0/12, another one within 2001:db8:4000::/36."""
    if chance.random() < portion(0.05, count):
        return f"10.{chance.randrange(16)}.{chance.randrange(256)}.0"
    if chance.random() < portion(0.05, count):
        return f"2001:db8:{0x4000 + chance.randrange(0x1000):x}::"
    return f"10.{chance.randrange(16, 256)}.{chance.randrange(256)}.0"


def portion(share, count):
    """Return a share of all comments, or on a small site as many as it takes to fill a page in each view."""
    return max(share, 300 / count)


def made_findings(count, rare, chance):
    """Five rows a comment, of rules that fire always, often, at times and hardly ever."""
    said = {"case": "", "evaluated": True}
    for number in range(count):
        for rule, points in (
            ("relevance", -3.0),
            ("words", chance.gauss(0, 6)),
            ("link_count", 8.0 if chance.random() < 0.5 else 0.0),
            ("website", 9.0 if chance.random() < portion(0.01, count) else 0.0),
            (RARE_RULE, 30.0 if number in rare else 0.0),
        ):
            yield said | {"comment_id": number + 1, "rule": rule, "points": points, "detail": f"{points:.0f}"}


def made_decisions(count, spam, editor, now):
    """The system's word on each comment, and one batch of spam."""
    said = {"from_status": "", "to_status": "pending", "decided_at": now, "reason": ""}
    for number in range(count):
        yield said | {"comment_id": number + 1}
    for comment_id in spam[:BATCH_SIZE]:
        moved = {"from_status": "pending", "to_status": "spam", "by_id": editor.pk, "batch": BATCH}
        yield said | moved | {"comment_id": comment_id}


def copy(model, rows):
    """Store rows, given as dictionaries by attribute name, as fast as the database takes them."""
    from django.db import connection, transaction

    fields = [
        f for f in model._meta.concrete_fields if not (f.primary_key and model._meta.model_name != "comment")
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    keys = [field.attname for field in fields]
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as into:
                for row in rows:
                    into.write_row([row.get(key) for key in keys])
        else:
            marks = ", ".join("?" for _key in keys)
            adapted = ([_plain(row.get(key)) for key in keys] for row in rows)
            connection.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', adapted)


def _plain(value):
    """Return what SQLite takes, as Django would write it."""
    if isinstance(value, uuid.UUID):
        return value.hex
    return str(value.replace(tzinfo=None)) if hasattr(value, "tzinfo") else value


def reset_and_analyze():
    """Let the next comment get the next number, and the planner know the tables."""
    from django.core.management.color import no_style
    from django.db import connection

    from comments.models import Comment

    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [Comment]):
            cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
