"""Requests: language, queue, images, addresses, endpoints."""
