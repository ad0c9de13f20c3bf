"""Widgets that several screens share: menus, dialogs, prompts, lists, bars and placeholders."""
