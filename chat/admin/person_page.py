"""The page of one person: forms, facts, what is known of them, and a new password."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.actions import accounts, people, site_roles
from chat.admin import new_password
from chat.admin.columns import list_link
from chat.admin.forms import ReasonedForm
from chat.admin.guarded import GuardedAdmin, actor_of, click_of, may_enter, rank_of
from chat.admin.past import past_of
from chat.admin.site_roles import choices_for, role_label, role_of
from chat.errors import ChatError
from chat.models import Message, User
from chat.ranks import Rank


class PersonForm(ReasonedForm):
    site_role = forms.ChoiceField(
        label=gettext_lazy("Role on the site"),
        required=False,
        help_text=gettext_lazy(
            "Moderators come here and moderate every room; administrators look after accounts, too."
        ),
    )

    class Meta:
        model = User
        fields = ["display_name", "is_active"]
        help_texts = {
            "is_active": gettext_lazy("Switched off, nobody can sign in. What was written stays."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "display_name" in self.fields:
            self.fields["display_name"].widget.attrs.update(dir="auto", autocomplete="off")
        if "site_role" in self.fields:
            role = cast(forms.ChoiceField, self.fields["site_role"])
            role.choices = choices_for(self.rank)
            role.initial = role_of(self.instance)

    rank = Rank.MODERATOR
    """Of who fills it in: one gives what is below oneself."""


class NewPersonForm(ReasonedForm):
    password = new_password.password_field()

    class Meta:
        model = User
        fields = ["display_name", "email"]


class PersonPage(GuardedAdmin):
    """What of ``PersonAdmin`` concerns one person."""

    form = PersonForm
    audit_filter = "target__id__exact"
    change_form_template = "admin/chat/person.html"
    facts = ["kind", "messages_here", "memberships_here", "date_joined", "last_login"]

    # --- Who may -----------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request) and rank_of(request) >= Rank.OWNER

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is None or not may_enter(request):
            return may_enter(request)
        try:
            accounts.check_may_manage(actor_of(request), obj)
        except ChatError:
            return False
        return True

    def has_administer_permission(self, request: HttpRequest) -> bool:
        """Whether to offer the list's actions that give and take roles."""
        return may_enter(request) and rank_of(request) >= Rank.ADMINISTRATOR

    def has_own_permission(self, request: HttpRequest) -> bool:
        return may_enter(request) and rank_of(request) >= Rank.OWNER

    # --- The page ------------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = NewPersonForm
        form = super().get_form(request, obj, change, **kwargs)
        form.rank = rank_of(request)  # type: ignore[attr-defined]
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        is_given = self.has_administer_permission(request) and not obj.is_superuser
        is_own = obj.pk == request.user.pk
        role = [] if is_given and not is_own else ["site_role"]
        return [*self.facts, "email", *role]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["display_name", "email", "password", "reason"]})]
        # Addresses of mail are for those alone who must reach people: the site's owners.
        facts = [*self.facts, "email"] if self.has_own_permission(request) else self.facts
        return [
            (None, {"fields": ["display_name", "is_active", "site_role", "reason"]}),
            (_("Facts"), {"fields": facts}),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        person: User | None = context.get("original")
        if person is not None:
            context["past"] = past_of(person)
            context["confirmations"] = [
                {"url": f"admin:chat_user_{asked.name}", "label": asked.label}
                for asked in self.confirmations
                if person.pk != request.user.pk and asked(self, request).is_offered()
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("role on the site"))
    def site_role(self, person: User) -> str:
        return role_label(person)

    @admin.display(description=gettext_lazy("messages"))
    def messages_here(self, person: User) -> SafeString:
        newest = Message.objects.filter(author=person).order_by("-pk").first()
        text = newest.created_at.strftime("… %Y-%m-%d") if newest else "—"
        return list_link("message", text, author__id__exact=person.pk)

    @admin.display(description=gettext_lazy("rooms"))
    def memberships_here(self, person: User) -> SafeString:
        return list_link("membership", person.memberships.count(), user__id__exact=person.pk)

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        if not change:
            made = people.add_person(
                actor=request.user,
                display_name=wanted["display_name"],
                email=wanted["email"],
                password=wanted["password"],
                reason=wanted["reason"],
            )
            obj.pk = made.pk
        else:
            self._change(request, obj.pk, form)
        obj.refresh_from_db()

    def _change(self, request: HttpRequest, user_id: int, form: Any) -> None:
        wanted, changed = form.cleaned_data, form.changed_data
        about: dict[str, Any] = {
            "actor": request.user,
            "user_id": user_id,
            "reason": wanted["reason"],
            "action_id": click_of(request),
        }
        if "display_name" in changed:
            people.rename_person(display_name=wanted["display_name"], **about)
        if "is_active" in changed:
            accounts.set_active(active=wanted["is_active"], **about)
        if "site_role" in changed:
            site_roles.set_site_role(site_role=wanted["site_role"], **about)

    # --- A new password --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(new_password.hidden_password(self.password_view))
        return [
            path("<int:user_id>/password/", page, name="chat_user_password"),
            *super().get_urls(),
        ]

    def password_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Ask for a new password for somebody, and set it; for owners of the site."""
        return new_password.page(request, self, user_id)
