"""A Django project with nothing of ours: stock REST framework and Wagtail over the same recommendations."""
