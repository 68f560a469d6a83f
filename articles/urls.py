from django.urls import path, register_converter

from . import archives, feeds, finding, paths, views

register_converter(paths.ArticlePathConverter, "article_path")
register_converter(paths.CategoryPathConverter, "category_path")
register_converter(paths.YearConverter, "year")
register_converter(paths.MonthConverter, "month")

app_name = "articles"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("page/<int:page>/", views.HomeView.as_view(), name="home"),
    # Before the lists: a category's path may have any number of parts.
    *feeds.feed_paths("feed/", feeds.ArticleFeed, "feed"),
    *feeds.feed_paths("search/feed/", feeds.SearchFeed, "search_feed"),
    *feeds.feed_paths("category/<category_path:path>/feed/", feeds.CategoryFeed, "category_feed"),
    *feeds.feed_paths("tag/<slug:slug>/feed/", feeds.TagFeed, "tag_feed"),
    *feeds.feed_paths("author/<slug:slug>/feed/", feeds.AuthorFeed, "author_feed"),
    path("category/<category_path:path>/page/<int:page>/", views.CategoryView.as_view(), name="category"),
    path("category/<category_path:path>/", views.CategoryView.as_view(), name="category"),
    path("tag/<slug:slug>/", views.TagView.as_view(), name="tag"),
    path("tag/<slug:slug>/page/<int:page>/", views.TagView.as_view(), name="tag"),
    path("author/<slug:slug>/", views.AuthorView.as_view(), name="author"),
    path("author/<slug:slug>/page/<int:page>/", views.AuthorView.as_view(), name="author"),
    path("search/", finding.search, name="search"),
    path("opensearch.xml", finding.opensearch, name="opensearch"),
    path("archive/", archives.archive, name="archive"),
    path("<year:year>/", archives.PeriodView.as_view(), name="period"),
    path("<year:year>/page/<int:page>/", archives.PeriodView.as_view(), name="period"),
    path("<year:year>/<month:month>/", archives.PeriodView.as_view(), name="period"),
    path("<year:year>/<month:month>/page/<int:page>/", archives.PeriodView.as_view(), name="period"),
    path("share-image/<int:number>-<slug:digest>.png", views.share_image, name="share_image"),
    path("<article_path:path>/", views.article_detail, name="detail"),
]
