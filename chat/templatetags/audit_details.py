"""``{{ entry|details }}``: what an audit entry keeps, in the reader's words."""

from __future__ import annotations

from django import template

from chat.admin.details import details_of

register = template.Library()
register.filter("details", details_of)
