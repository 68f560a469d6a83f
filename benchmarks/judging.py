"""What judging costs: CPU a comment beside a form post that judges nothing, and memory and time of a start.

    .venv/bin/python benchmarks/judging.py [--stored 100000] [--posts 300]

Makes a site of its own on SQLite in a temporary folder, with so many stored comments, and posts comments of
2,000 characters to it through Django's test client: in turn with the filter, and with an empty verdict in its
place. Texts are put together from the comments that the project brings along. What counts is the CPU of the
thread that answers; another one mails editors meanwhile, of judged comments and others alike.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
LENGTH = 2_000

# Posts that are not counted: soon a worker has read its files, compiled its patterns, and met most of the
# words that people use.
WARM_UP = 150

START = """
import resource, sys, time
def kilobytes(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1024
import django.db, django.http, django.template, bleach
before, started = kilobytes(), time.process_time()
from comments.moderation import pipeline, words
from disposable_email_domains import blocklist
words.base_model()
print(time.process_time() - started, (kilobytes() - before) / 1024)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="site_project.settings",
            SECRET_KEY="for a benchmark only, with nothing to keep secret",
            SITE_URL="http://localhost",
            DATABASE_URL=f"sqlite:///{folder}/site.sqlite3",
            COMMENTS_FLOOD_LIMIT="0",
        )
        sys.path.insert(0, str(ROOT))
        measure(options)


def measure(options):
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    texts, writer = Texts(), random.Random(1)
    article = fill(options.stored, texts, writer)
    with_filter, without, judging, grouping = post(article, options.posts, texts, writer)
    print(f"\n{options.stored:,} comments stored, posts of {LENGTH:,} characters, ms of CPU")
    print(f"{'':24}{'median':>9}{'99th percentile':>18}")
    for name, found in (("post, judged", with_filter), ("post, nothing judged", without)):
        print(f"{name:24}{statistics.median(found):9.1f}{percentile(found, 99):18.1f}")
    cost = [judged - plain for judged, plain in zip(with_filter, without, strict=True)]
    parts = (
        ("the difference", cost),
        ("of it, facts and rules", judging),
        ("besides, grouping", grouping),
    )
    for name, found in parts:
        print(f"{name:24}{statistics.median(found):9.1f}{percentile(found, 99):18.1f}")
    print(f"ratio of the medians: {statistics.median(with_filter) / statistics.median(without):.2f}")
    print("a worker's start, beside one without the filter: " + start())


class Texts:
    """Comments as long as wanted, of words that people write, in no order: no two are near each other."""

    def __init__(self):
        lines = (ROOT / "comments" / "own_comments.jsonl").read_text(encoding="utf-8").splitlines()
        # Two of the websites are those of spam whose program was broken; the form refuses them.
        rows = [json.loads(line) for line in lines]
        self.rows = [row for row in rows if "%" not in row["author_url"] and "xn--" not in row["author_url"]]
        self.words = [word for row in self.rows if row["lang"] == "en" for word in row["body"].split()]

    def make(self, chance, length):
        found = ""
        while len(found) < length:
            found += " ".join(chance.choices(self.words, k=12)) + ".\n"
        return found[:length]

    def name(self, chance):
        return chance.choice(self.rows)["author"] or "Reader"

    def website(self, chance):
        return chance.choice(self.rows)["author_url"]


def fill(count, texts, chance):
    """Store articles and comments of the last 90 days as they would stand there; return an article."""
    from django.utils import timezone

    from articles.models import Article, Author
    from comments.echoes import traces
    from comments.facts import text_digest
    from comments.models import Comment, CommentTrace

    now = timezone.now()
    author = Author.objects.create(name="Author", slug="author")
    for number in range(60):
        article = Article(title=f"Article {number}", path=f"article-{number}/", author=author)
        article.body, article.status = texts.make(chance, 8_000), Article.Status.PUBLISHED
        article.published_at = now - timedelta(days=number)
        article.save()
    for begin in range(0, count, 2_000):
        made = []
        for number in range(begin, min(count, begin + 2_000)):
            body = texts.make(chance, chance.choice((80, 200, 400, 900)))
            at = now - timedelta(minutes=number * 1.2)
            made.append(
                Comment(
                    article=article,
                    author_name=texts.name(chance)[:100],
                    author_email=f"reader{number}@example.org",
                    author_url=texts.website(chance),
                    body=body,
                    body_html=f"<p>{body.replace('<', '&lt;').replace('&', '&amp;')}</p>",
                    status=chance.choice(("approved", "approved", "spam", "pending")),
                    submitted_at=at,
                    address=f"10.{chance.randrange(256)}.{chance.randrange(256)}.0",
                    text_digest=text_digest(body),
                    place=f"{number:025x}",
                )
            )
        Comment.objects.bulk_create(made)
        CommentTrace.objects.bulk_create(
            CommentTrace(
                comment=comment, kind=trace.kind, digest=trace.digest, submitted_at=comment.submitted_at
            )
            for comment in made
            for trace in traces(
                author_name=comment.author_name, author_url=comment.author_url, text=comment.body, links=()
            )
        )
        print(f"\r{min(count, begin + 2_000):,} stored", end="", flush=True)
    return article


def post(article, count, texts, chance):
    """Post in turn with and without the filter; return the milliseconds of CPU of each post.

    And of gathering the facts and judging, which is the difference without what is stored of it; and of
    grouping a judged comment with others like it, for the editors, which decides nothing.
    """
    from django.test import Client
    from django.urls import reverse

    from comments import intake
    from comments.moderation.pipeline import decide

    client, address = Client(SERVER_NAME="localhost"), reverse("comments:post", args=[article.pk])
    headers = {"Sec-Fetch-Site": "same-origin"}
    empty = decide((), policy="known", trusted=False)
    found, judging, grouping = ([], []), [], []

    def timed(function, times):
        def run(*arguments, **options):
            started = time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                times[-1] += (time.thread_time() - started) * 1000

        return run

    watched = mock.patch.multiple(
        intake,
        gather=timed(intake.gather, judging),
        judge=timed(intake.judge, judging),
        campaigns=mock.Mock(group=timed(intake.campaigns.group, grouping)),
    )
    for number in range(count + WARM_UP):
        for times, filtered in zip(found, (True, False), strict=True):
            sent = {
                "comment": texts.make(chance, LENGTH),
                "author": texts.name(chance)[:90],
                "email": f"poster{number}@example.org",
                "url": texts.website(chance),
                "subject": "",
                "comment_parent": "",
                "revision": "1",
            }
            nothing = mock.patch.multiple(intake, gather=mock.DEFAULT, judge=lambda *_a, **_k: empty)
            quiet = mock.patch.object(intake.echoes, "remember")
            remote = f"10.9.{number % 256}.{number % 7}"
            started = time.thread_time()
            if filtered:
                judging.append(0.0)
                grouping.append(0.0)
                with watched:
                    response = client.post(address, sent, headers=headers, REMOTE_ADDR=remote)
            else:
                with nothing, quiet:
                    response = client.post(address, sent, headers=headers, REMOTE_ADDR=remote)
            if number >= WARM_UP:
                times.append((time.thread_time() - started) * 1000)
            assert response.status_code == 303, response.status_code
    return *found, judging[-count:], grouping[-count:]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def start():
    """Return what importing the filter and reading its files adds to a process that has Django."""
    runs = []
    for _run in range(5):
        done = subprocess.run(
            [sys.executable, "-c", START], cwd=ROOT, capture_output=True, text=True, check=True
        )
        runs.append(tuple(map(float, done.stdout.split())))
    seconds, megabytes = (statistics.median(column) for column in zip(*runs, strict=True))
    return f"{seconds:.2f} s of CPU, {megabytes:.1f} MB"


if __name__ == "__main__":
    main()
    print(f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
