"""Routes about how a repository is read."""

from django.urls import path

from apps.access import views

urlpatterns = [
    path("repositories/<int:pk>/access/", views.repository_access, name="repository_access"),
    path("repositories/<int:pk>/access/key/", views.make_deploy_key, name="make_deploy_key"),
    path("repositories/<int:pk>/access/test/", views.test_access, name="test_access"),
    path("repositories/<int:pk>/access/tested/", views.tested, name="tested"),
    path("repositories/<int:pk>/access/<uuid:credential>/remove/", views.remove_credential, name="remove_credential"),
]
