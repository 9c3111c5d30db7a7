"""From what other systems say to events: declarative mappings for files, and one module for each vendor."""
