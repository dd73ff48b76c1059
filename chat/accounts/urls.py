"""The addresses of the pages around second factors, where ours stand in for allauth's."""

from django.urls import URLPattern, URLResolver, path

from chat.views import second_factor as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Overview.as_view(), name="mfa_index"),
    path("authenticate/", views.Authenticate.as_view(), name="mfa_authenticate"),
    path("reauthenticate/", views.ReauthenticateByCode.as_view(), name="mfa_reauthenticate"),
    path("totp/activate/", views.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("totp/deactivate/", views.DeactivateApp.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("webauthn/", views.PasskeyList.as_view(), name="mfa_list_webauthn"),
    path("webauthn/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "webauthn/reauthenticate/",
        views.ReauthenticateByPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("webauthn/keys/<int:pk>/edit/", views.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path(
        "webauthn/keys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"
    ),
]
