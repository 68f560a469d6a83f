"""Measure what learning costs at a full table of words: a lesson, an opinion, the start of a process.

    python benchmarks/learning.py

Makes a SQLite database of its own in a temporary folder and fills all buckets. Prints milliseconds by the
clock (the disk counts too): the median and the worst of a hundred. Ends with status 1 beyond the limits.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMES = 100
# Words of one comment: many, but not rare.
WORDS = 300
MANY = 1_000

LESSON_MS, OPINION_MS, LOADING_MS = 50, 1, 1000


def set_up(database):
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "site_project.settings",
        "SECRET_KEY": "measures, signs nothing",
    }
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def fill_all_buckets():
    from comments.learned import LearnedWord, LearnerState
    from comments.lesson_sums import BUCKETS, CHECKSUM_MODULUS, checksum_of
    from comments.moderation.words import TOKENS_VERSION

    chance = random.Random(1)
    rows = [(bucket, chance.randrange(-(10**9), 10**9), chance.randrange(10**9)) for bucket in range(BUCKETS)]
    LearnedWord.objects.bulk_create(
        LearnedWord(bucket=bucket, gradient=gradient, exposure=exposure, version=1)
        for bucket, gradient, exposure in rows
    )
    LearnerState.objects.create(
        version=1,
        checksum=sum(checksum_of(*row) for row in rows) % CHECKSUM_MODULUS,
        tokens_version=TOKENS_VERSION,
    )


def make_comments(number, *, networks):
    from django.contrib.auth import get_user_model

    from articles.models import Article, Author
    from comments.models import Comment

    chance = random.Random(2)
    author = Author.objects.create(name="Ana", slug=f"ana-{number}-{networks}")
    article = Article(title=f"Heat {number}", path=f"heat-{number}-{networks}/", author=author, body="Heat.")
    article.save()
    editor, _new = get_user_model().objects.get_or_create(username="ana")
    for each in range(number):
        comment = Comment.objects.create(
            article=article,
            author_name=f"Reader {each}",
            author_email=f"reader{each}@example.org",
            address=f"203.{each % networks // 250}.{each % networks % 250}.0",
            body=" ".join(f"word{chance.randrange(100_000)}" for _word in range(WORDS)),
            status=Comment.Status.PENDING,
        )
        comment.findings.create(rule="link_count", points=chance.uniform(-20, 20), detail="")
    return article, editor, list(Comment.objects.filter(article=article))


def milliseconds(task):
    start = time.perf_counter()
    task()
    return (time.perf_counter() - start) * 1000


def features():
    chance = random.Random(3)
    return {f"word{chance.randrange(100_000)}": 0.06 for _word in range(WORDS)}


def memory_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def load():
    """Print what the first opinion costs; run in a process of its own."""
    from django.db import connection

    from comments.taught import opinion

    now, values = datetime.now(UTC), features()
    connection.ensure_connection()
    before = memory_mb()
    first = milliseconds(lambda: opinion(values, now=now))
    print(json.dumps({"loading": first, "megabytes": memory_mb() - before}))


def measure(database):
    from django.core.management import call_command

    from comments.learned import Lesson
    from comments.retraining import retrain
    from comments.taught import opinion

    call_command("migrate", verbosity=0)
    fill_all_buckets()
    fresh = [
        json.loads(
            subprocess.run([sys.executable, __file__, database], capture_output=True, check=True).stdout
        )
        for _again in range(3)
    ]
    loading = min(each["loading"] for each in fresh)
    print(f"loading a full table in a fresh process: {loading:.0f} ms, {fresh[0]['megabytes']:.1f} MB more")

    now, values = datetime.now(UTC), features()
    _article, editor, comments = make_comments(TIMES, networks=TIMES)
    opinion(values, now=now)
    opinions = [milliseconds(lambda: opinion(values, now=now)) for _each in comments]
    report("opinion, nothing new", opinions)
    lessons, refreshed = [], []
    for comment in comments:
        lessons.append(milliseconds(lambda comment=comment: comment.approve(by=editor)))
        refreshed.append(milliseconds(lambda: opinion(values, now=now)))
    report("decision with its lesson", lessons)
    report("opinion after a lesson", refreshed)
    corrections = [
        milliseconds(lambda comment=comment: comment.mark_spam(by=editor)) for comment in comments[:50]
    ]
    report("decision that corrects one", corrections)
    _article, editor, comments = make_comments(TIMES, networks=1)
    crowded = [milliseconds(lambda comment=comment: comment.approve(by=editor)) for comment in comments]
    report("decision that pushes another beyond the limit", crowded[20:])
    article, editor, comments = make_comments(MANY, networks=MANY)
    for comment in comments:
        comment.approve(by=editor)
    count = Lesson.objects.count()
    print(f"adding up {count:,} lessons anew: {milliseconds(lambda: retrain(check=True)) / 1000:.1f} s")
    print(f"deleting an article with {MANY:,} lessons: {milliseconds(article.delete) / 1000:.1f} s")
    return (
        loading <= LOADING_MS
        and statistics.median(opinions) <= OPINION_MS
        and statistics.median(lessons) <= LESSON_MS
    )


def report(what, times):
    print(f"{what}: median {statistics.median(times):.2f} ms, worst {max(times):.2f} ms")


def main():
    if len(sys.argv) > 1:
        set_up(sys.argv[1])
        load()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "learning.sqlite3")
        set_up(database)
        return 0 if measure(database) else 1


if __name__ == "__main__":
    sys.exit(main())
