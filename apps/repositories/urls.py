"""Routes of what is watched."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
