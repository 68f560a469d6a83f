"""Decisions in words: a whole sentence for each act, since languages differ in more than the verb.

``HERE`` says it where the comment is in sight, ``ANYWHERE`` where it is not, ``IN_A_WORD`` in a table's cell.
"""

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from .markup import plain_text
from .models import Batch

EXCERPT_LENGTH = 80

# By whether it is the first decision on a comment, and by the status it gives.
ANYWHERE = {
    (True, "approved"): gettext_lazy("{who} published “{comment}” by {author} on “{article}”."),
    (True, "pending"): gettext_lazy("{who} held “{comment}” by {author} on “{article}”."),
    (True, "spam"): gettext_lazy("{who} put “{comment}” by {author} on “{article}” into spam."),
    (True, "trash"): gettext_lazy("{who} put “{comment}” by {author} on “{article}” into the trash."),
    (True, "deleted"): gettext_lazy("{who} deleted “{comment}” by {author} on “{article}”."),
    (False, "approved"): gettext_lazy("{who} approved “{comment}” by {author} on “{article}”."),
    (False, "pending"): gettext_lazy("{who} put “{comment}” by {author} on “{article}” back in the queue."),
    (False, "spam"): gettext_lazy("{who} marked “{comment}” by {author} on “{article}” as spam."),
    (False, "trash"): gettext_lazy("{who} moved “{comment}” by {author} on “{article}” to the trash."),
    (False, "deleted"): gettext_lazy("{who} deleted “{comment}” by {author} on “{article}”."),
}
HERE = {
    (True, "approved"): gettext_lazy("{who} published it."),
    (True, "pending"): gettext_lazy("{who} held it."),
    (True, "spam"): gettext_lazy("{who} put it into spam."),
    (True, "trash"): gettext_lazy("{who} put it into the trash."),
    (True, "deleted"): gettext_lazy("{who} deleted it."),
    (False, "approved"): gettext_lazy("{who} approved it."),
    (False, "pending"): gettext_lazy("{who} put it back in the queue."),
    (False, "spam"): gettext_lazy("{who} marked it as spam."),
    (False, "trash"): gettext_lazy("{who} moved it to the trash."),
    (False, "deleted"): gettext_lazy("{who} deleted it."),
}
IN_A_WORD = {
    (True, "approved"): gettext_lazy("published"),
    (True, "pending"): gettext_lazy("held"),
    (True, "spam"): gettext_lazy("put into spam"),
    (True, "trash"): gettext_lazy("put into the trash"),
    (True, "deleted"): gettext_lazy("deleted"),
    (False, "approved"): gettext_lazy("approved"),
    (False, "pending"): gettext_lazy("put back in the queue"),
    (False, "spam"): gettext_lazy("marked as spam"),
    (False, "trash"): gettext_lazy("moved to the trash"),
    (False, "deleted"): gettext_lazy("deleted"),
}
# By whose decision it was.
TAKEN_BACK_ANYWHERE = {
    "own": gettext_lazy(
        "{who} took back their own decision on “{comment}” by {author} on “{article}”: "
        "it is “{status}” again."
    ),
    "filter": gettext_lazy(
        "{who} took back the filter’s decision on “{comment}” by {author} on “{article}”: "
        "it is “{status}” again."
    ),
    "other": gettext_lazy(
        "{who} took back {other}’s decision on “{comment}” by {author} on “{article}”: "
        "it is “{status}” again."
    ),
}
TAKEN_BACK_HERE = {
    "own": gettext_lazy("{who} took back their own decision: it is “{status}” again."),
    "filter": gettext_lazy("{who} took back the filter’s decision: it is “{status}” again."),
    "other": gettext_lazy("{who} took back {other}’s decision: it is “{status}” again."),
}
OF_BATCHES = {
    Batch.Move.APPROVE: ngettext_lazy(
        "{who} approved {link}{count} comment{end}.", "{who} approved {link}{count} comments{end}.", "count"
    ),
    Batch.Move.HOLD: ngettext_lazy(
        "{who} put {link}{count} comment{end} back in the queue.",
        "{who} put {link}{count} comments{end} back in the queue.",
        "count",
    ),
    Batch.Move.MARK_SPAM: ngettext_lazy(
        "{who} marked {link}{count} comment{end} as spam.",
        "{who} marked {link}{count} comments{end} as spam.",
        "count",
    ),
    Batch.Move.TRASH: ngettext_lazy(
        "{who} moved {link}{count} comment{end} to the trash.",
        "{who} moved {link}{count} comments{end} to the trash.",
        "count",
    ),
    Batch.Move.DELETE: ngettext_lazy(
        "{who} deleted {link}{count} comment{end}.", "{who} deleted {link}{count} comments{end}.", "count"
    ),
    Batch.Move.RESTORE: ngettext_lazy(
        "{who} restored {link}{count} comment{end}.", "{who} restored {link}{count} comments{end}.", "count"
    ),
}
TAKEN_BACK_BATCHES = {
    "own": ngettext_lazy(
        "{who} took back their own decision on {link}{count} comment{end}.",
        "{who} took back their own decisions on {link}{count} comments{end}.",
        "count",
    ),
    "other": ngettext_lazy(
        "{who} took back {other}’s decision on {link}{count} comment{end}.",
        "{who} took back {other}’s decisions on {link}{count} comments{end}.",
        "count",
    ),
}


def filter_name():
    """Return how the one that decides without a person is called."""
    return _("The filter")


def excerpt(comment):
    return Truncator(" ".join(plain_text(comment.body_html).split())).chars(EXCERPT_LENGTH) or "–"


def in_a_word(decision):
    if decision.undoes_id:
        return _("took it back")
    return str(IN_A_WORD[not decision.from_status, decision.to_status])


def sentence(decision, *, here=False, **links):
    """Return a decision as a sentence of HTML.

    ``here``: whether the comment is in sight. ``links``: of the words ``comment``, ``author``, ``article``,
    ``who``, ``other``, those that lead somewhere, as addresses.
    """
    words = {
        "who": _person(decision.by, links.get("who")),
        "status": decision.get_to_status_display(),
        "other": "",
    }
    if decision.undoes_id:
        whose = _whose(decision.by_id, decision.undoes.by_id)
        text = (TAKEN_BACK_HERE if here else TAKEN_BACK_ANYWHERE)[whose]
        words["other"] = _person(decision.undoes.by, links.get("other"))
    else:
        text = (HERE if here else ANYWHERE)[not decision.from_status, decision.to_status]
    if not here:
        comment = decision.comment
        words |= {
            "comment": _linked(excerpt(comment), links.get("comment")),
            "author": _linked(comment.author_name or _("somebody without a name"), links.get("author")),
            "article": _linked(comment.article.title, links.get("article")),
        }
    return format_html(str(text), **words)


def sentence_of_batch(batch, **links):
    """Return a batch as a sentence of HTML. ``links``: addresses for ``who``, ``other`` and ``comments``."""
    words = {
        "who": _person(batch.by, links.get("who")),
        "other": "",
        "count": number_format(batch.done, force_grouping=True),
        "link": format_html('<a href="{}">', links["comments"]) if links.get("comments") else "",
        "end": SafeString("</a>") if links.get("comments") else "",
    }
    if batch.undoes_id:
        text = TAKEN_BACK_BATCHES[_whose(batch.by_id, batch.undoes.by_id)]
        words["other"] = _person(batch.undoes.by, links.get("other"))
    elif batch.move in OF_BATCHES:
        text = OF_BATCHES[batch.move]
    else:
        return format_html("{who}: {link}{batch}{end}", batch=str(batch), **words)
    # The plural is chosen when the number is put in.
    return format_html(text % {"count": batch.done}, **words)


def _whose(by_id, other_id):
    if other_id is None:
        return "filter"
    return "own" if by_id == other_id else "other"


def _person(user, url):
    return _linked(str(user), url) if user else filter_name()


def _linked(text, url):
    """Return somebody's words, as a link if there is one; their direction must not turn the sentence."""
    text = format_html("<bdi>{}</bdi>", text)
    return format_html('<a href="{}">{}</a>', url, text) if url else text
