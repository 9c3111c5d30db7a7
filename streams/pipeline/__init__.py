"""The stages: batches of records in, outputs and state out. Pure; driven by :mod:`agents` or by a test."""
