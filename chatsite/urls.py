"""The addresses of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from chat.views.accounts import AddressView, SignOutView, SignUpView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/signup/", SignUpView.as_view(), name="account_signup"),
    path("accounts/logout/", SignOutView.as_view(), name="account_logout"),
    path("accounts/email/", AddressView.as_view(), name="account_email"),
    path("accounts/2fa/", include("chat.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("chat.urls")),
]

handler400 = "chat.views.errors.bad_request"
handler403 = "chat.views.errors.forbidden"
handler404 = "chat.views.errors.not_found"
handler500 = "chat.views.errors.server_error"
