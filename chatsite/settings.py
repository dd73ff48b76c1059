"""Django's settings: what an operator says in the environment, and what follows.

``chatsite/environment.py`` reads the variables and refuses nonsense with a
sentence; here they are only put in their places. ``docs/settings.md`` lists them.
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from chatsite import environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.read(BASE_DIR)

DATA_DIR = env.data_dir
HOST = env.host
PORT = env.port
DEBUG = env.debug
# How long a server that was asked to stop still takes connections: proxies see it on /readyz.
DRAIN_SECONDS = env.drain_seconds
SECRET_KEY = env.secret_key
SECRET_KEY_FALLBACKS = env.secret_key_fallbacks
ALLOWED_HOSTS = env.allowed_hosts
# Exact origins (scheme, host and port) that may open a socket or post a form.
ORIGINS = env.origins
CSRF_TRUSTED_ORIGINS = env.origins
# Where links lead that are read elsewhere than on a page.
SITE_URL = env.origins[0] if env.origins else ""
SITE_NAME = env.site_name
# Whether layer and cache live in this process alone: then there may be only one.
IN_PROCESS = env.in_process

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
AUTH_USER_MODEL = "chat.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "daphne",
    "chatsite.apps.SiteConfig",
    "chat.apps.ChatConfig",
    "chat.apps.ChatAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.forms",
    "csp",
]

MIDDLEWARE = [
    "chatsite.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chatsite.content_policy.KeptPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "chat.accounts.middleware.SignedInMiddleware",
    "chat.views.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chat.views.errors.ErrorsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "chat.views.preferences.site",
            ]
        },
    }
]

# --- The store ----------------------------------------------------------------

DATABASES = {"default": env.database}
CHANNEL_LAYERS = {"default": env.channel_layer}
CACHES = env.caches
SESSION_ENGINE = "chat.accounts.sessions"
SESSION_CACHE_ALIAS = "sessions"
# Whether a server that starts brings the tables up to date, or leaves it to the operator.
MIGRATE_AT_START = env.migrate_at_start
# Threads that may be in the database at once; each keeps one connection.
DATABASE_THREADS = env.database_threads

# --- Limits (the wire's own are in chat/protocol.py) ------------------------------

# Where what is counted for all processes is; nothing: this process alone counts.
REDIS = env.redis
POSTS_PER_MINUTE = env.posts_per_minute
POSTS_BURST = env.posts_burst
COMMANDS_PER_MINUTE = env.commands_per_minute
CONNECTIONS_PER_PERSON = env.connections_per_person
CONNECTIONS_PER_ADDRESS = env.connections_per_address
REPORTS_PER_MINUTE = env.reports_per_minute
# How many proxies of ours stand before the server: that many addresses at the
# end of X-Forwarded-For are to be believed.
TRUSTED_PROXIES = env.trusted_proxies
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Moderation -----------------------------------------------------------------

# How long the text of what a moderator redacted can be brought back; 0: not at all.
EVIDENCE_DAYS = env.evidence_days
KEEP_DAYS = env.keep_days
# How long it is remembered from which addresses people came; 0: not at all.
ADDRESS_DAYS = env.address_days
# How old an account must be until it counts as no newcomer's.
NEWCOMER_HOURS = env.newcomer_hours

# --- Accounts -------------------------------------------------------------------

REGISTRATION = env.registration
AUTHENTICATION_BACKENDS = ["chat.accounts.backend.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("display_name", "email")},
    },
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "chat.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "display_name"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_USERNAME_MIN_LENGTH = 1
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# "strict": signing up with an address that somebody has looks the same as with a new one.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = {
    # Failures: of an address; of an account from one address; of an account from anywhere.
    "login_failed": "20/5m/ip,5/5m/key",
    "login_anywhere": "50/5m/key",
}
ACCOUNT_FORMS = {
    "login": "chat.accounts.forms.SignInForm",
    "signup": "chat.accounts.forms.SignUpForm",
    "change_password": "chat.accounts.forms.ChangePasswordForm",
    "set_password": "chat.accounts.forms.SetPasswordForm",
    "reset_password": "chat.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "chat.accounts.forms.NewPasswordForm",
    "add_email": "chat.accounts.forms.AddressForm",
    "reauthenticate": "chat.accounts.forms.ConfirmPasswordForm",
}
FORM_RENDERER = "chat.accounts.renderer.FormRenderer"
EMAIL_CONFIG = env.email
vars().update(EMAIL_CONFIG)

# --- The second factor ---------------------------------------------------------------

REQUIRE_STAFF_SECOND_FACTOR = env.require_staff_second_factor
MFA_ADAPTER = "chat.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
# A code of the half minute before or after is right too: clocks differ, and people type.
MFA_TOTP_TOLERANCE = 1
# allauth would let nobody with a second factor change their address, for fear of accounts
# made with somebody else's. Here an address keeps nobody else from making theirs.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODE_COUNT = 10
MFA_RATE_LIMITS = {
    # Wrong codes: from an address; of a person, shortly; of a person, by patience.
    "code_failed": "20/5m/ip,5/5m/key,50/d/key",
    "webauthn_login": "30/m/ip",
}
MFA_FORMS = {
    "authenticate": "chat.accounts.factor_forms.CodeForm",
    "reauthenticate": "chat.accounts.factor_forms.CodeAgainForm",
    "activate_totp": "chat.accounts.factor_forms.ActivateAppForm",
    "add_webauthn": "chat.accounts.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "chat.accounts.passkey_forms.RenamePasskeyForm",
    "authenticate_webauthn": "chat.accounts.passkey_forms.PasskeyForm",
    "reauthenticate_webauthn": "chat.accounts.passkey_forms.PasskeyAgainForm",
    "login_webauthn": "chat.accounts.passkey_forms.PasskeySignInForm",
}

# --- Languages ------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- Files ----------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.static_root
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.static.HashedStaticFiles"},
}
# Before static files are prepared (tests, runserver) they come from their sources.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- What a browser may do ---------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = env.behind_tls
CSRF_COOKIE_SECURE = env.behind_tls
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "chat.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if env.behind_tls else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.behind_tls else None
SECURE_SSL_REDIRECT = env.behind_tls
# HSTS for subdomains and browsers' preload lists binds a whole domain, for years:
# that is for the owner of the domain to say, at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- Watching ---------------------------------------------------------------------------

# What opens /metrics to who does not ask from this machine.
METRICS_TOKEN = env.metrics_token
LOG_REQUESTS = env.log_requests
LOGGING = logs.configuration(level=env.log_level, form=env.log_format)
