"""Reads labelled archives for the fit: each file as a site of its own, comment after comment."""

from argparse import ArgumentTypeError
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from .archive import Row, read_rows
from .fitting import count_words, prepare
from .markup import plain_text
from .moderation.addresses import host, registrable, without_addresses
from .moderation.text import words
from .rehearsal import form_data, in_time_order, witness

# A source with more than this share of all spam is divided by campaign, into so many parts: left out whole,
# it would leave too little behind.
LARGE = 0.2
PARTS = 5

# Words in a row that no two people write by chance, and how many such rows of a text are looked at.
ROW = 8
ROWS = 40

# Where many people who have nothing to do with each other have a page.
SHARED_HOSTS = frozenset(
    (
        "altervista.org", "bit.ly", "blogspot.com", "facebook.com", "google.com", "hatena.ne.jp",
        "livejournal.com", "tumblr.com", "twitter.com", "typepad.com", "weebly.com", "wordpress.com",
        "youtube.com",
    )
)  # fmt: skip


def archive(name):
    """Return the path of an archive. Raises ArgumentTypeError, for the command line, if there is no file."""
    path = Path(name)
    if not path.is_file():
        raise ArgumentTypeError(f"there is no file {name}")
    return path


def read(files, *, background=None, report):
    """Return the table of common words and all comments, prepared for the fit.

    ``background``: the table, where it stands already. ``report``: is told of each row that can't be read.
    """
    rows = {file: list(rows_of(file, report)) for file in files}
    if background is None:
        background = count_words(texts_of(row for some in rows.values() for row in some))
    prepared, marks = [], []
    for file, some in rows.items():
        with file.open("rb") as stream, closing(witness(stream, in_time_order(some))) as seen:
            for row, facts in seen:
                is_spam, source = row.label == "spam", row.source or file.stem
                marks.append((source, is_spam, campaign_marks(facts)))
                prepared.append(prepare(facts, is_spam=is_spam, group=source, background=background))
    groups = divide(marks)
    return background, [
        replace(comment, group=group) for comment, group in zip(prepared, groups, strict=True)
    ]


def divide(marks):
    """Name for each comment the group that must stay together: its source; of a large one, its campaigns.

    ``marks``: source, whether it is spam, and the marks of its campaign.
    """
    spam = Counter(source for source, is_spam, _found in marks if is_spam)
    groups = [source for source, _is_spam, _found in marks]
    for source, count in spam.items():
        if count > LARGE * spam.total() and len(spam) > 1:
            numbers = [n for n, (of, is_spam, _found) in enumerate(marks) if of == source and is_spam]
            parts = _campaigns([marks[number][2] for number in numbers])
            for number, part in zip(numbers, parts, strict=True):
                groups[number] = f"{source}, part {part}"
    return groups


def campaign_marks(facts):
    """Return what comments of one campaign share: the sites they lead to, words in a row."""
    hosts = {registrable(host(address)) for address in (facts.author_url, *facts.links)}
    said = words(without_addresses(facts.text))
    rows = (" ".join(said[at : at + ROW]) for at in range(min(ROWS, len(said) - ROW + 1)))
    return [*(name for name in hosts if "." in name and name not in SHARED_HOSTS), *rows]


def _campaigns(marks):
    """Put comments that share a mark, directly or through others, into one of PARTS parts of like size."""
    parent = {}

    def root(key):
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for number, found in enumerate(marks):
        for mark in found:
            parent[root(mark)] = root(number)
    campaigns = [root(number) for number in range(len(marks))]
    part = spread(Counter(campaigns), PARTS)
    return [part[campaign] for campaign in campaigns]


def spread(sizes, count):
    """Put groups into so many parts of like size, the largest first; return each group's part.

    ``sizes``: a Counter of the groups.
    """
    loads, part = [0] * count, {}
    for group, size in sizes.most_common():
        part[group] = loads.index(min(loads))
        loads[part[group]] += size
    return part


def describe(files, prepared):
    """Say what something was fitted on, for the head of its file."""
    spam = sum(comment.is_spam for comment in prepared)
    return {
        "comments": len(prepared),
        "spam": spam,
        "good": len(prepared) - spam,
        "sources": ", ".join(sorted(file.stem for file in files)),
    }


def rows_of(file, report):
    with file.open("rb") as stream:
        for row in read_rows(stream, labelled=True):
            if isinstance(row, Row):
                yield row
            else:
                report(f"{file}: {row}")


def texts_of(rows):
    """Yield the visible text of each comment, and each article once."""
    seen = set()
    for row in rows:
        yield plain_text(form_data(row)["body_html"])
        article = (row.article_title, row.article_text[:200])
        if article not in seen:
            seen.add(article)
            yield f"{row.article_title}. {row.article_text}"
