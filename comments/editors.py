"""What readers are told of an editor."""

from django.conf import settings

from .forms import NAME_LENGTH, URL_LENGTH
from .markup import clean_line


def public_name(user):
    """Return the name above an editor's articles; of one who writes none, the name of the account."""
    author = getattr(user, "author", None)
    name = author.name if author else user.get_full_name()
    return clean_line(name or user.get_username())[:NAME_LENGTH]


def writes(user, article):
    """Tell whether an article is this user's own."""
    author = getattr(user, "author", None)
    return author is not None and author.pk == article.author_id


def website(user):
    """Return the address of an editor's own page, where there is one."""
    author = getattr(user, "author", None)
    url = settings.SITE_URL + author.get_absolute_url() if author else ""
    return url if len(url) <= URL_LENGTH else ""
