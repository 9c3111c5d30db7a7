"""Faust and the outside world, thin: agents, engine, web, command line."""
