"""People: named, switched off and on, signed out, given rights and new passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from chat import names
from chat.actions import accounts, people
from chat.admin.columns import list_link
from chat.admin.forms import ReasonedForm, reason_field
from chat.admin.guarded import GuardedAdmin, actor_of, may_enter
from chat.admin.searching import as_id
from chat.errors import BusyError, ChatError
from chat.models import Message, User

PASSWORD_CHARS = 128
_new_password = sensitive_post_parameters("password")


def password_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=PASSWORD_CHARS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy("They can change it on their profile page."),
    )


class PersonForm(ReasonedForm):
    class Meta:
        model = User
        fields = ["display_name", "is_active", "is_staff"]
        help_texts = {
            "is_active": gettext_lazy("Switched off, nobody can sign in. What was written stays."),
            "is_staff": gettext_lazy("May come here and moderates every room."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "display_name" in self.fields:
            self.fields["display_name"].widget.attrs.update(dir="auto", autocomplete="off")


class NewPersonForm(ReasonedForm):
    password = password_field()

    class Meta:
        model = User
        fields = ["display_name", "email"]


class PasswordForm(forms.Form):
    password = password_field()
    reason = reason_field()


@admin.register(User)
class PersonAdmin(GuardedAdmin):
    form = PersonForm
    list_display = ["display_name", "kind", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff", "kind"]
    search_fields = ["name_skeleton"]
    search_help_text = gettext_lazy("A part of the name, or #number")
    ordering = ["-id"]
    actions = ["deactivate", "activate", "sign_out_everywhere", "make_staff", "make_no_staff"]
    audit_filter = "target__id__exact"
    change_form_template = "admin/chat/person.html"
    facts = ["kind", "messages_here", "memberships_here", "date_joined", "last_login"]

    # --- Who may -----------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request) and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is None or not may_enter(request):
            return may_enter(request)
        try:
            accounts.check_may_manage(actor_of(request), obj)
        except ChatError:
            return False
        return True

    def has_staff_permission(self, request: HttpRequest) -> bool:
        """Whether to offer the list's actions that give and take staff rights."""
        return may_enter(request) and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        fields = [*self.facts]
        if request.user.is_superuser:
            fields.append("email")
        if not request.user.is_superuser or obj.is_superuser:
            fields.append("is_staff")
        return fields

    # --- The page ------------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = NewPersonForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["display_name", "email", "password", "reason"]})]
        # Addresses of mail are for those alone who must reach people: the site's owners.
        facts = [*self.facts, "email"] if request.user.is_superuser else self.facts
        return [
            (None, {"fields": ["display_name", "is_active", "is_staff", "reason"]}),
            (_("Facts"), {"fields": facts}),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term.strip():
            return queryset, False
        user_id = as_id(search_term)
        if user_id is not None:
            return queryset.filter(pk=user_id), False
        return queryset.filter(name_skeleton__contains=names.skeleton(search_term)), False

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
        }
        if "display_name" in changed:
            people.rename_person(display_name=wanted["display_name"], **about)
        if "is_active" in changed:
            accounts.set_active(active=wanted["is_active"], **about)
        if "is_staff" in changed:
            accounts.set_staff(staff=wanted["is_staff"], **about)

    @admin.action(description=gettext_lazy("Switch off: sign out and keep out"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=False)

    @admin.action(description=gettext_lazy("Switch on again"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: HttpRequest, rows: QuerySet[User], *, active: bool) -> None:
        def done(n: int) -> str:
            if active:
                return ngettext("%d account is on.", "%d accounts are on.", n) % n
            return ngettext("%d account is off.", "%d accounts are off.", n) % n

        self.act_on_each(
            request,
            rows,
            lambda person, reason: accounts.set_active(
                actor=actor_of(request), user_id=person.pk, active=active, reason=reason
            ),
            done,
        )

    @admin.action(description=gettext_lazy("Sign out everywhere"))
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda person, reason: accounts.end_sessions(
                actor=actor_of(request), user=person, reason=reason
            ),
            lambda n: ngettext("%d person is signed out.", "%d people are signed out.", n) % n,
        )

    @admin.action(description=gettext_lazy("Make staff"), permissions=["staff"])
    def make_staff(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_staff(request, queryset, staff=True)

    @admin.action(description=gettext_lazy("Take out of the staff"), permissions=["staff"])
    def make_no_staff(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_staff(request, queryset, staff=False)

    def _set_staff(self, request: HttpRequest, rows: QuerySet[User], *, staff: bool) -> None:
        self.act_on_each(
            request,
            rows,
            lambda person, reason: accounts.set_staff(
                actor=actor_of(request), user_id=person.pk, staff=staff, reason=reason
            ),
            lambda n: ngettext("%d person is changed.", "%d people are changed.", n) % n,
        )

    # --- A new password --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(_new_password(self.password_view))
        return [
            path("<int:user_id>/password/", page, name="chat_user_password"),
            *super().get_urls(),
        ]

    def password_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Ask for a new password for somebody, and set it; for owners of the site."""
        people.check_owner(request.user)
        person = self.get_object(request, str(user_id))
        if person is None:
            raise Http404
        form = PasswordForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                people.set_password(actor=request.user, user_id=person.pk, **form.cleaned_data)
            except BusyError:
                raise
            except ChatError as refusal:
                form.add_error("password", refusal.text)
            else:
                self.message_user(request, _("The new password is set."), messages.SUCCESS)
                return redirect(reverse("admin:chat_user_change", args=[person.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("New password"),
            "subtitle": str(person),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "original": person,
        }
        return TemplateResponse(request, "admin/chat/password.html", context)
