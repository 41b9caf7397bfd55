"""Superbatch inside of other tuners: :mod:`superbatch.integrations.optuna` (a sampler) and :mod:`superbatch.integrations.ray` (a searcher)."""
