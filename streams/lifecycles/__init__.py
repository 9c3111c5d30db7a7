"""History to state and durations: one pure fold for each kind of entity."""
