from django.urls import path

from apps.reports import edition_views, views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("teams/<slug:team>/reports/new/", views.add_report, name="add_report"),
    path("teams/<slug:team>/reports/new/preview/", views.preview_new_report, name="preview_new_report"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/edit/", views.edit_report, name="edit_report"),
    path("reports/<int:pk>/preview/", views.preview_report, name="preview_report"),
    path("reports/<int:pk>/send/", views.send_report, name="send_report"),
    path("reports/<int:pk>/remove/", views.remove_report, name="remove_report"),
    path("reports/<int:pk>/editions/<int:number>/", edition_views.edition, name="edition"),
    path("reports/<int:pk>/editions/<int:number>/<slug:form>/", edition_views.edition_file, name="edition_file"),
]
