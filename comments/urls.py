from django.urls import path, register_converter

from articles.feeds import feed_paths
from articles.paths import CommentedPathConverter

from . import feeds, moderating, views

register_converter(CommentedPathConverter, "commented_path")

app_name = "comments"

urlpatterns = [
    # Nothing answers here: it is the path of the commenter's cookie, shared by all posting addresses.
    path("comments/post/", views.post_root, name="post_root"),
    path("comments/post/<int:article_id>/", views.post_comment, name="post"),
    path("comments/receipt/<str:token>/", views.receipt, name="receipt"),
    path("comments/receipt/<str:token>/confirm/", views.confirm, name="confirm"),
    path("comments/data/", views.data_processing, name="data"),
    *feed_paths("comments/feed/", feeds.CommentFeed, "feed"),
    path("comments/<int:pk>/", views.permalink, name="permalink"),
    path("comments/<int:pk>/moderate/", moderating.moderate, name="moderate"),
    path("comments/moderate/<str:token>/", moderating.moderate_by_mail, name="moderate_by_mail"),
    path("<commented_path:path>/comment-page-<int:number>/", views.comment_page, name="page"),
    *feed_paths("<commented_path:path>/feed/", feeds.ArticleCommentFeed, "article_feed"),
]
