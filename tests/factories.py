"""Objects for tests: whatever a test does not say is filled in with something plausible."""

from datetime import UTC, datetime
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from articles.models import Article, Author, Category, Tag
from comments.models import Comment

numbers = count(1)

LONG_AGO = datetime(2017, 3, 18, 9, 0, tzinfo=UTC)

# The body of an article that the form below answers to the point, and what nobody could take for an answer:
# far enough from the thresholds to either side, whatever exactly the rules weigh.
ON_TOPIC = """When the back goes into spasm, resting flat on the floor with the knees up helped most.

A heat pad on the lower back eases the muscles for twenty minutes. Lying flat with the knees up takes the
load off the spine; resting in bed for days makes it worse."""
SPAM = {
    "author": "Cheap Pills Online",
    "url": "https://cheap-pills-online.example/buy/viagra.html?ref=7",
    "comment": """Buy viagra online! <a href="https://cheap-pills-online.example/viagra">cheap viagra</a>
<a href="https://casino-bonus.example/free">casino bonus</a> <a href="https://payday-loans.example/">payday
loans</a> https://replica-watches.example/cheap https://replica-handbags.example/cheap""",
}


def make_author(**fields):
    number = next(numbers)
    return Author.objects.create(**{"name": f"Author {number}", "slug": f"author-{number}"} | fields)


def make_category(name, parent=None, **fields):
    return Category.objects.create(name=name, slug=name.lower().replace(" ", "-"), parent=parent, **fields)


def make_tag(name):
    return Tag.objects.create(name=name, slug=name.lower())


def make_article(*, categories=(), tags=(), by=None, **fields):
    number = next(numbers)
    article = Article(
        **{
            "title": f"Article {number}",
            "path": f"2017/03/article-{number}/",
            "body": "The first paragraph.\n\nThe second one.",
            "status": Article.Status.PUBLISHED,
            "published_at": LONG_AGO,
        }
        | fields
    )
    if article.author_id is None:
        article.author = make_author()
    article.save(by=by)
    article.categories.set(categories)
    article.tags.set(tags)
    return article


def make_comment(article, *, at=None, **fields):
    number = next(numbers)
    return Comment.objects.create(
        **{
            "article": article,
            "author_name": f"Reader {number}",
            "author_email": f"reader{number}@example.org",
            "body": f"This is what reader {number} thinks.",
            "status": Comment.Status.APPROVED,
            "submitted_at": at or datetime.fromtimestamp(LONG_AGO.timestamp() + number, tz=UTC),
        }
        | fields
    )


def make_user(username="ana", *, groups=(), **fields):
    user = get_user_model().objects.create_user(
        username, f"{username}@example.org", "a long password", **fields
    )
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def make_moderator(username="ana"):
    return make_user(username, groups=["Moderators"], is_staff=True)


def comment_form(article, **fields):
    """What a browser sends from the form under an article."""
    return {
        "comment": "Resting flat with my knees up helped more than the heat pad did.",
        "author": "Ingrid Sommer",
        "email": "new.reader@example.org",
        "url": "",
        "subject": "",
        "comment_parent": "",
        "revision": str(article.revision_number),
    } | fields
