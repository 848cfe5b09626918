"""Routes about people."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from apps.accounts import views
from apps.accounts.setup import is_administered

urlpatterns = [
    path(
        "login/",
        LoginView.as_view(
            template_name="accounts/login.html",
            redirect_authenticated_user=True,
            extra_context={"is_administered": is_administered},
        ),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("setup/<str:token>/", views.setup, name="setup"),
]
