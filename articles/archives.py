"""Articles by when they were published, at the addresses that WordPress gives them."""

from datetime import date
from itertools import groupby

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from . import heads
from .models import FIRST_YEAR, LAST_YEAR, Article
from .views import ArticleListView, article_detail
from .visitors import signed_in_user


class PeriodView(ArticleListView):
    """The articles of a year or of a month; an article whose own address this is comes first."""

    template_name = "articles/period.html"

    def get(self, request, *args, **kwargs):
        path = request.path.removeprefix(reverse("articles:home"))
        if Article.objects.visible_to(signed_in_user(request)).filter(path=path).exists():
            return article_detail(request, path)
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            # An article may have been here, or moved from here.
            return article_detail(request, path)

    def get_queryset(self):
        self.year, self.month = self.kwargs["year"], self.kwargs.get("month")
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise Http404
        return super().get_queryset().of_period(self.year, self.month)

    def get_head(self, number):
        name = date_format(date(self.year, self.month, 1), "YEAR_MONTH_FORMAT") if self.month else self.year
        return heads.of_page(str(name), f"{name} · {settings.SITE_NAME}")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            year=self.year, month=self.month and date(self.year, self.month, 1), **kwargs
        )
        if not context["articles"]:
            raise Http404
        return context


@require_safe
def archive(request):
    """List every year and month that has articles, with how many, in one look-up."""
    months = (
        Article.objects.published()
        .annotate(month=TruncMonth("published_at"))
        .order_by("-month")
        .values_list("month")
        .annotate(count=Count("pk"))
    )
    years = []
    for year, rows in groupby(months, key=lambda row: row[0].year):
        each = [{"month": month, "count": count} for month, count in rows]
        years.append({"year": year, "months": each, "count": sum(row["count"] for row in each)})
    total = sum(year["count"] for year in years)
    return render(
        request,
        "articles/archive.html",
        {
            "years": years,
            "total": total,
            "canonical_url": settings.SITE_URL + reverse("articles:archive"),
            "head": heads.of_page(_("Archive"), _("All articles by month")),
            "noindex": total < 2,
        },
    )
