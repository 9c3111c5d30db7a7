"""The web side of a worker: ``/metrics``, health, the wallboard and the JSON behind it.

A worker serves its own figures (:func:`agents.web.server.create_web`). Where several workers share the queues, a front
(:func:`agents.web.front.create_front`) shows them as one.
"""
