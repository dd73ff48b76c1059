"""How a form looks: each field with its label, hint and errors, in our own parts."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Django's own widgets inside ``templates/chat/parts/field.html``."""

    form_template_name = "chat/parts/fields.html"
    field_template_name = "chat/parts/field.html"
