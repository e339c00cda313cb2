"""The bot over real sockets: HTTP and the gateway, spoken by a small server on this machine."""
