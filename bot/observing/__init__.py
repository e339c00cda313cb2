"""What an admin sees of a running bot: logs, a health endpoint, and figures for Prometheus."""
