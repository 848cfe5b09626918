"""Routes about alerts."""

from django.urls import path

from apps.alerts import views

urlpatterns = [
    path("teams/<slug:team>/alerts/", views.team_alerts, name="team_alerts"),
    path("teams/<slug:team>/alerts/on/", views.turn_alerts_on, name="turn_alerts_on"),
    path("teams/<slug:team>/alerts/new/", views.add_rule, name="add_rule"),
    path("teams/<slug:team>/alerts/preview/", views.preview_alert, name="preview_alert"),
    path("alerts/<int:pk>/", views.edit_rule, name="edit_rule"),
    path("alerts/<int:pk>/switch/", views.switch_rule, name="switch_rule"),
    path("alerts/<int:pk>/remove/", views.remove_rule, name="remove_rule"),
]
