"""Every app's routes under one roof."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "mlhealth"

urlpatterns = [
    path("", include("apps.dashboard.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.repositories.urls")),
    path("", include("apps.access.urls")),
    path("", include("apps.scorecards.urls")),
    path("", include("apps.experiments.urls")),
    path("", include("apps.badges.urls")),
    path("", include("apps.jobs.urls")),
    path("", include("apps.outbox.urls")),
    path("", include("apps.alerts.urls")),
    path("", include("apps.reports.urls")),
    path("admin/", admin.site.urls),
]
