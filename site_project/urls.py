from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from . import crawlers

admin.site.site_header = admin.site.site_title = settings.SITE_NAME

# The articles come last: an article's address may be any that nothing else has.
urlpatterns = [
    path("admin/", admin.site.urls),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", crawlers.sitemap_part, name="sitemap_part"),
    path("", include("comments.urls")),
    path("", include("articles.urls")),
]

handler404 = "site_project.views.page_not_found"
