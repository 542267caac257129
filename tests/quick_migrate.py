"""Django's `migrate` at a third of its cost, for the databases of a test run. A trial holds that it makes the same ones.

Before each step Django draws the models as they then were, and with the one that a step is about all models that hang
together with it: here nearly all, so that an empty database took twenty seconds, spent on nothing but that. What
operators run is Django's own command.
"""

from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


class QuickMigrate(migrate.Command):
    def handle(self, *args, **options):
        with fewer_models_drawn():
            super().handle(*args, **options)


@contextmanager
def fewer_models_drawn():
    """Within, a step of a migration draws one model, or all of them once somebody asks for them again."""
    whole = ProjectState.reload_model
    ProjectState.reload_model = draw_model
    try:
        yield
    finally:
        ProjectState.reload_model = whole


def draw_model(state, app_label, model_name, delay=False):
    """Draw a model anew, alone where no other model's columns hang on what has changed.

    That is so for a model nobody can point to yet, and where Django says that its relations may wait (`delay`). The
    state is marked as waiting, so that what runs Python in a migration draws all models first, as Django has it.
    """
    if "apps" not in state.__dict__:  # nothing is drawn yet
        return
    state.is_delayed = True
    if delay or model_name not in state.apps.all_models[app_label]:
        state.apps.unregister_model(app_label, model_name)
        state.apps.render_multiple([state.models[app_label, model_name]])
    else:
        del state.apps
