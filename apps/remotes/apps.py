from django.apps import AppConfig


class RemotesConfig(AppConfig):
    name = "apps.remotes"
    verbose_name = "DVC remotes"
