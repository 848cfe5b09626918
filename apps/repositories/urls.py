"""Routes that change what is watched."""

from django.urls import path

from apps.repositories import views

urlpatterns = [
    path("repositories/add/", views.register, name="register"),
    path("repositories/example/", views.load_example, name="load_example"),
    path("repositories/<int:pk>/edit/", views.edit_repository, name="edit_repository"),
    path("repositories/<int:pk>/remove/", views.remove_repository, name="remove_repository"),
    path("repositories/<int:pk>/audit/", views.audit_now, name="audit_now"),
    path("teams/<slug:slug>/audits/", views.team_audits, name="team_audits"),
    path("audits/", views.all_audits, name="all_audits"),
]
