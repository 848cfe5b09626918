"""Routes about workers and what they do, for administrators; and how a monitor asks whether all is well."""

from django.urls import path

from apps.jobs import health, views

urlpatterns = [
    path("workers/", views.workers, name="workers"),
    path("workers/jobs/<int:pk>/", views.job, name="job"),
    path("workers/jobs/<int:pk>/retry/", views.retry_job, name="retry_job"),
    path("workers/jobs/<int:pk>/discard/", views.discard_job, name="discard_job"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
