from django.urls import path

from apps.badges import views

urlpatterns = [
    path("badges/<slug:token>.svg", views.badge_svg, name="badge_svg"),
    path("badges/<slug:token>.json", views.badge_json, name="badge_json"),
    path("repositories/<int:pk>/badges/", views.repository_badges, name="repository_badges"),
    path("repositories/<int:pk>/badges/<int:badge>/revoke/", views.revoke_badge, name="revoke_badge"),
]
