from django.contrib import admin
from django.urls import include, path

# The articles come last: an article's address may be any that nothing else has.
urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("comments.urls")),
    path("", include("articles.urls")),
]
