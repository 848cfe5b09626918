from django.urls import path

from apps.experiments import comparing_views, experiment_views, plot_views, run_views, views

urlpatterns = [
    path("experiments/", views.recent_experiments, name="recent_experiments"),
    path("repositories/<int:pk>/experiments/", views.experiments, name="experiments"),
    path("repositories/<int:pk>/experiments/one/", experiment_views.experiment, name="experiment"),
    path("repositories/<int:pk>/experiments/timeline.json", views.timeline, name="timeline"),
    path("repositories/<int:pk>/experiments/runs/", views.runs, name="runs"),
    path("repositories/<int:pk>/experiments/runs.<slug:form>", views.export, name="export"),
    path("repositories/<int:pk>/experiments/runs/<int:number>/", run_views.run, name="run"),
    path("repositories/<int:pk>/experiments/plot.json", plot_views.plot, name="plot"),
    path("repositories/<int:pk>/experiments/plots/<slug:digest>", plot_views.plot_image, name="plot_image"),
    path("repositories/<int:pk>/experiments/tried/", comparing_views.tried, name="tried"),
    path("repositories/<int:pk>/experiments/compare/", comparing_views.compare, name="compare"),
    path("repositories/<int:pk>/experiments/direction/", views.set_direction, name="set_direction"),
]
