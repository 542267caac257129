"""`manage.py migrate`: Django's own, which takes a third of the time here.

Before each step Django draws the models as they then were, and with the one that a step is about all models that hang
together with it: here nearly all, so that an empty database took twenty seconds, spent on nothing but that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


class Command(migrate.Command):
    def handle(self, *args: object, **options: object) -> None:
        with fewer_models_drawn():
            super().handle(*args, **options)


@contextmanager
def fewer_models_drawn() -> Iterator[None]:
    """Within, a step of a migration draws one model, or all of them once somebody asks for them again."""
    whole = ProjectState.reload_model
    ProjectState.reload_model = draw_model  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ProjectState.reload_model = whole  # type: ignore[method-assign]


def draw_model(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
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
