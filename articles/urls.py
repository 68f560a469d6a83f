from django.urls import path, register_converter

from . import feeds, paths, views

register_converter(paths.ArticlePathConverter, "article_path")
register_converter(paths.CategoryPathConverter, "category_path")

app_name = "articles"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("page/<int:page>/", views.HomeView.as_view(), name="home"),
    path("category/<category_path:path>/page/<int:page>/", views.CategoryView.as_view(), name="category"),
    path("category/<category_path:path>/", views.CategoryView.as_view(), name="category"),
    path("tag/<slug:slug>/", views.TagView.as_view(), name="tag"),
    path("tag/<slug:slug>/page/<int:page>/", views.TagView.as_view(), name="tag"),
    path("author/<slug:slug>/", views.AuthorView.as_view(), name="author"),
    path("author/<slug:slug>/page/<int:page>/", views.AuthorView.as_view(), name="author"),
    path("feed/", feeds.ArticleFeed(), name="feed"),
    path("<article_path:path>/", views.article_detail, name="detail"),
]
