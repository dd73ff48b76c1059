"""``{% state_badge sanction %}``: whether it bites, as the admin shows it."""

from __future__ import annotations

from django import template

from chat.admin.standings import state_badge

register = template.Library()
register.simple_tag(state_badge)
