"""How many examples a property is tried with: few while one works, more in CI, very many in long trials.

Chosen by `HYPOTHESIS_PROFILE`. A test that says nothing takes the number of its profile; one that says `@examples(60)`
takes 60 of a hundred of them.
"""

import os

from hypothesis import HealthCheck, settings

NUMBERS = {"dev": 15, "ci": 40, "trials": 1000}
for name, number in NUMBERS.items():
    # no deadline: a busy machine is no fault; one database transaction for all examples is what our tests mean;
    # CI tries the same examples every time, so that what fails there was changed there: trials look for new ones
    settings.register_profile(
        name,
        max_examples=number,
        deadline=None,
        derandomize=name == "ci",
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def load_profile():
    """Take the profile that the environment names."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def examples(number, in_trials=0, **options):
    """Settings with so many of a hundred examples, at least one, and ten times as many, or `in_trials`, in trials."""
    usual = max(1, settings.default.max_examples * number // 100)
    return settings(max_examples=in_trials if in_trials and is_trial() else usual, **options)


def is_trial():
    """Whether this run is one of long trials, which look at everything."""
    return settings.default.max_examples >= NUMBERS["trials"]


def some_of(records, number):
    """So many records, from the first to the last at even distances; all of them in long trials."""
    records = list(records)
    return records if is_trial() else records[:: max(1, -(-len(records) // number))]
