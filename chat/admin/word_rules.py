"""Word rules: made, tried out, changed, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from chat.actions import word_rules
from chat.admin.columns import excerpt, person_link, room_link
from chat.admin.confirming import Confirmation
from chat.admin.guarded import GuardedAdmin, click_of, may_enter
from chat.admin.rule_form import TRY, WordRuleForm
from chat.admin.searching import as_id
from chat.admin.standings import WhereFilter
from chat.models import WordRule


class RemoveRules(Confirmation):
    name = "remove"
    label = gettext_lazy("Remove…")
    title = gettext_lazy("Remove word rules")
    button = pgettext_lazy("thing", "Remove")
    columns = (gettext_lazy("pattern"), gettext_lazy("what happens"), gettext_lazy("where"))

    def cells(self, row: WordRule) -> Sequence[object]:
        where = room_link(row.room) if row.room else _("every room")
        return excerpt(row.pattern), row.get_outcome_display(), where

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        passes = _(
            "What they write like this goes through from now on; what waits goes on waiting."
        )
        return [(_("Everybody"), passes)]

    def act(self, row: WordRule, wanted: dict[str, Any]) -> None:
        word_rules.remove_rule(
            actor=self.request.user,
            rule_id=row.pk,
            reason=wanted["reason"],
            action_id=self.click,
        )

    def done(self, count: int) -> str:
        return ngettext("%d rule is removed.", "%d rules are removed.", count) % count


@admin.register(WordRule)
class WordRuleAdmin(GuardedAdmin):
    form = WordRuleForm
    confirmations = (RemoveRules,)
    list_display = ["pattern_shown", "kind", "outcome", "where", "is_active", "by", "created_at"]
    list_filter = ["outcome", "kind", WhereFilter, "is_active"]
    list_select_related = ["room", "made_by"]
    search_fields = ["pattern"]
    search_help_text = gettext_lazy("A part of the pattern, or #number")
    sortable_by = ()
    ordering = ["-id"]
    actions = ["switch_on", "switch_off"]
    change_form_template = "admin/chat/word_rule.html"
    rule_fields = ["kind", "pattern", "outcome", "sentence"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        form.is_trial = TRY in request.POST  # type: ignore[attr-defined]
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        trial = (_("Try it out"), {"fields": ["sample"]})
        if obj is None:
            return [(None, {"fields": [*self.rule_fields, "room", "reason"]}), trial]
        facts = (_("Facts"), {"fields": ["where", "by", "created_at"]})
        return [(None, {"fields": [*self.rule_fields, "is_active", "reason"]}), facts, trial]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["where", "by", "created_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WordRule], search_term: str
    ) -> tuple[QuerySet[WordRule], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("#") and (rule_id := as_id(term)) is not None:
            return queryset.filter(pk=rule_id), False
        return queryset.filter(pattern__icontains=term), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("pattern"))
    def pattern_shown(self, rule: WordRule) -> SafeString:
        return excerpt(rule.pattern)

    @admin.display(description=gettext_lazy("where"))
    def where(self, rule: WordRule) -> SafeString | str:
        return room_link(rule.room) if rule.room else _("every room")

    @admin.display(description=gettext_lazy("made by"))
    def by(self, rule: WordRule) -> SafeString | str:
        return person_link(rule.made_by)

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: WordRule, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        about: dict[str, Any] = {
            "actor": request.user,
            "reason": wanted["reason"],
            "action_id": click_of(request),
        }
        if change:
            names = {*self.rule_fields, "is_active"} & set(form.changed_data)
            if names:
                fields = {name: wanted[name] for name in names}
                word_rules.change_rule(rule_id=obj.pk, **fields, **about)
        else:
            fields = {name: wanted[name] for name in self.rule_fields}
            room_id = wanted["room"].pk if wanted["room"] else None
            obj.pk = word_rules.add_rule(room_id=room_id, **fields, **about).pk
        obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Put in force"))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[WordRule]) -> None:
        self._switch(request, queryset, is_active=True)

    @admin.action(description=gettext_lazy("Put out of force"))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[WordRule]) -> None:
        self._switch(request, queryset, is_active=False)

    def _switch(self, request: HttpRequest, rows: QuerySet[WordRule], *, is_active: bool) -> None:
        self.act_on_each(
            request,
            rows,
            lambda rule, reason: word_rules.change_rule(
                actor=request.user,
                rule_id=rule.pk,
                reason=reason,
                action_id=click_of(request),
                is_active=is_active,
            ),
            lambda n: ngettext("%d rule is changed.", "%d rules are changed.", n) % n,
        )
