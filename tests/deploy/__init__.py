"""Tests of what is deployed: compose stack, Prometheus, Alertmanager, Grafana, scripts."""
