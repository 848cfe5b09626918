from django.urls import path

from apps.scorecards import views

urlpatterns = [
    path("repositories/<int:pk>/", views.repository, name="repository"),
    path("repositories/<int:pk>/progress/", views.progress, name="progress"),
    path("repositories/<int:pk>/scorecards/", views.history, name="history"),
    path("repositories/<int:pk>/scorecards/<int:card>/", views.scorecard, name="scorecard"),
    path("repositories/<int:pk>/changes/", views.changes, name="changes"),
    path("repositories/<int:pk>/measures/", views.measures, name="measures"),
    path("checks/", views.checks, name="checks"),
    path("checks/<slug:area>/<slug:name>/", views.check, name="check"),
]
