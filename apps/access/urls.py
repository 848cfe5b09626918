"""Routes about how a repository is read."""

from django.urls import path

from apps.access import push_views, views

urlpatterns = [
    path("repositories/<int:pk>/access/", views.repository_access, name="repository_access"),
    path("repositories/<int:pk>/access/key/", views.make_deploy_key, name="make_deploy_key"),
    path("repositories/<int:pk>/access/test/", views.test_access, name="test_access"),
    path("repositories/<int:pk>/access/tested/", views.tested, name="tested"),
    path("repositories/<int:pk>/access/<uuid:credential>/remove/", views.remove_credential, name="remove_credential"),
    path("repositories/<int:pk>/access/pushes/", push_views.make_push_hook, name="make_push_hook"),
    path("repositories/<int:pk>/access/pushes/remove/", push_views.remove_push_hook, name="remove_push_hook"),
    path("push/<uuid:hook>/", push_views.push_notice, name="push_notice"),
]
