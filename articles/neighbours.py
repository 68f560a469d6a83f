"""Where a reader may go from an article: what is about the same, and what was written before and after."""

from django.db.models import Count, Q, Subquery

from .models import Article

RELATED = 3


def related(article, *, tags, category):
    """Return the published articles that share most tags with this one, then those of its category.

    ``category``: the deepest one that the article is in, or None. The newest first among equals.
    """
    if not tags and category is None:
        return []
    shares = Q(tags__in=tags) if tags else Q()
    return list(
        _listed()
        .filter(shares | Q(categories=category) if category else shares)
        .exclude(pk=article.pk)
        .annotate(shared=Count("tags", filter=shares, distinct=True))
        .order_by("-shared", "-published_at", "-pk")[:RELATED]
    )


def before_and_after(article):
    """Return the published articles that came right before and right after this one, None where none did."""
    at, pk = article.published_at, article.pk
    public = Article.objects.published()
    earlier = public.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=pk))
    later = public.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=pk))
    ends = [earlier.order_by("-published_at", "-pk"), later.order_by("published_at", "pk")]
    found = _listed().filter(pk__in=[Subquery(end.values("pk")[:1]) for end in ends])
    by_side = {(each.published_at, each.pk) > (at, pk): each for each in found}
    return by_side.get(False), by_side.get(True)


def _listed():
    return Article.objects.published().only("title", "path", "language", "published_at")
