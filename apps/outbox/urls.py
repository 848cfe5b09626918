"""Routes about channels and what was sent to them."""

from django.urls import path

from apps.outbox import views

urlpatterns = [
    path("channels/", views.channels, name="channels"),
    path("teams/<slug:team>/channels/", views.team_channels, name="team_channels"),
    path("teams/<slug:team>/channels/new/<slug:kind>/", views.add_channel, name="add_channel"),
    path("teams/<slug:team>/deliveries/", views.deliveries, name="deliveries"),
    path("channels/<uuid:pk>/test/", views.test_channel, name="test_channel"),
    path("channels/<uuid:pk>/pause/", views.pause_channel, name="pause_channel"),
    path("channels/<uuid:pk>/remove/", views.remove_channel, name="remove_channel"),
    path("deliveries/<uuid:pk>/again/", views.send_again, name="send_again"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
