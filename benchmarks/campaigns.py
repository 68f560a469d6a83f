"""Which comments of labelled archives are grouped: how much of the spam, and whom among the good ones.

    .venv/bin/python benchmarks/campaigns.py [--crowded] [--show] ../shared/corpus/spam/*.jsonl

Each file comes to an empty site in memory, comment by comment, as ``spam_bench`` has it, and nobody decides.
With --crowded all come within 90 days, a minute apart, so that each is looked at beside all the others.
"""

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_project.settings")
os.environ.setdefault("SECRET_KEY", "for a benchmark only, with nothing to keep secret")

import django

django.setup()

from articles.models import Author
from comments import campaigns
from comments.archive import read_row_at, read_rows
from comments.facts import gather
from comments.intake import as_comment, store
from comments.models import Comment
from comments.moderation.pipeline import judge
from comments.rehearsal import NO_TIME_AT_ALL, STRANGER, article_of, form_data, in_time_order, site_in_memory

MINUTE = timedelta(minutes=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowded", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the groups in which good comments are")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    print(f"{'':24} {'spam':>11} {'good':>9} {'good beside':>12} {'groups':>7} {'largest':>8} {'ms each':>8}")
    print(f"{'':24} {'grouped':>11} {'grouped':>9} {'spam':>12}")
    for path in options.files:
        measure(path, options)


def measure(path, options):
    with path.open("rb") as stream, site_in_memory():
        moments = in_time_order(row for row in read_rows(stream, labelled=True) if hasattr(row, "label"))
        if options.crowded:
            moments = [
                (NO_TIME_AT_ALL + number * MINUTE, offset) for number, (_at, offset) in enumerate(moments)
            ]
        author, articles = Author.objects.create(name="Archive", slug="archive"), {}
        labels, seconds = {}, 0.0
        for now, offset in moments:
            row = read_row_at(stream, offset)
            article = article_of(row.article_title, row.article_text, now)
            if article.pk not in articles:
                article.author = author
                article.save(force_insert=True)
                articles[article.pk] = article
            data = form_data(row)
            verdict = judge(gather(article=article, data=data, visitor=STRANGER, now=now), policy="hold")
            comment = as_comment(article, data, verdict, parent=None, visitor=STRANGER, now=now)
            store(comment, verdict)
            labels[comment.pk] = row.label
            started = time.process_time()
            campaigns.group(comment)
            seconds += time.process_time() - started
        report(path, labels, seconds, show=options.show)


def report(path, labels, seconds, *, show):
    groups = defaultdict(list)
    for pk, number in Comment.objects.exclude(campaign=None).values_list("pk", "campaign"):
        groups[number].append(pk)
    mixed = [pks for pks in groups.values() if len({labels[pk] for pk in pks}) > 1]
    grouped = Counter(labels[pk] for pks in groups.values() for pk in pks)
    beside = sum(labels[pk] == "ham" for pks in mixed for pk in pks)
    total = Counter(labels.values())
    spam, good = f"{grouped['spam']}/{total['spam']}", f"{grouped['ham']}/{total['ham']}"
    largest = max(map(len, groups.values()), default=0)
    each = seconds * 1000 / len(labels)
    print(f"{path.stem:24} {spam:>11} {good:>9} {beside:>12} {len(groups):>7} {largest:>8} {each:>8.2f}")
    if show:
        for pks in groups.values():
            if any(labels[pk] == "ham" for pk in pks):
                print()
                for comment in Comment.objects.filter(pk__in=pks).order_by("pk"):
                    text = " ".join(comment.body.split())[:140]
                    percent, name = round(comment.spam_probability * 100), comment.author_name
                    print(f"    {labels[comment.pk]} {percent} % {name} <{comment.author_url}> {text}")


if __name__ == "__main__":
    main()
