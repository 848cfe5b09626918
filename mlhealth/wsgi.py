"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlhealth.settings")
application = get_wsgi_application()
# Pages make many objects that live for one answer; looking for cycles among them took a fifth of the longest pages.
gc.freeze()
gc.set_threshold(100_000, 20, 20)
