"""The spam that this project began with, and two hundred relatives of it, on a site's first day."""

import io
import itertools
import json
import random
from datetime import UTC, datetime

import pytest

from comments.archive import read_rows
from comments.moderation.types import Outcome
from comments.rehearsal import judge_row

NOW = datetime(2017, 3, 20, 7, 31, tzinfo=UTC)

# One clumsy sentence of praise for any page at all; each part in words that such texts are spun of.
PARTS = (
    (
        "It's not my first visit to",
        "This is hardly the first time I come to",
        "Not for the first time I look at",
    ),
    ("this web page", "this weblog", "your site", "this website", "this internet site", "your web site"),
    (
        "i am visiting it dailly",
        "i come here every day",
        "i browse it on daily basis",
        "i look here each morning",
    ),
    ("and obtain", "and take", "and get", "and receive"),
    ("pleasant", "fastidious", "nice", "good", "amazing", "valuable"),
    ("information", "data", "facts", "knowledge", "stuff"),
    ("from here every day.", "from this place all the time.", "from it daily.", "out of here always."),
)


def cousins(count):
    """Return so many different sentences, some broken within a line as such texts are."""
    chance = random.Random(2017)
    every = list(itertools.product(*PARTS))
    for parts in chance.sample(every, count):
        yield f"{parts[0]} {parts[1]},\n{' '.join(parts[2:])}" if chance.random() < 0.5 else " ".join(parts)


def judged(bodies, article, **more):
    rows = [
        {"id": number, "body": body, "article_title": article[0], "article_text": article[1], **more}
        for number, body in enumerate(bodies)
    ]
    stream = io.BytesIO("\n".join(map(json.dumps, rows)).encode())
    return [judge_row(row, policy="clean", now=NOW) for row in read_rows(stream, labelled=False)]


@pytest.fixture
def page(shared):
    """The source page: its title, the text of its article, and its one comment."""
    text = (shared / "seed" / "source-page.txt").read_text(encoding="utf-8")
    article, _heading, rest = text.partition("One thought on")
    comment = rest.partition("7:31 am")[2].partition("Leave a Reply")[0]
    lines = [line.strip() for line in comment.strip().splitlines()]
    return (article.splitlines()[0], article), "\n".join(lines)


@pytest.mark.django_db
def test_comment_of_the_source_page_is_not_published_and_the_reasons_say_why(page):
    article, comment = page
    assert comment.startswith("It’s not my first time")
    (verdict,) = judged([comment], article)
    assert verdict.outcome is not Outcome.PUBLISH
    reasons = sorted(verdict.findings, key=lambda finding: -finding.points)[:3]
    assert {"words", "praise"} <= {finding.rule for finding in reasons}
    assert "any article" in next(finding.detail for finding in reasons if finding.rule == "praise")


@pytest.mark.django_db
def test_two_hundred_cousins_of_it_are_not_published(page):
    article, _comment = page
    verdicts = judged(cousins(200), article)
    assert len(verdicts) == 200
    assert [verdict.outcome for verdict in verdicts].count(Outcome.PUBLISH) == 0


@pytest.mark.django_db
def test_answer_to_the_article_is_published(page):
    article, _comment = page
    answer = (
        "Ice for the first two days and then heat, as you write, helped my lower back more than the pills."
    )
    (verdict,) = judged([answer], article, author="Martha K.", email_domain="example.org")
    assert verdict.outcome is Outcome.PUBLISH
