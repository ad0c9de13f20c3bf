"""Reads lists and single runs from the API: decides which pages to request, and puts them together."""
