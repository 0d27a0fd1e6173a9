"""Settings of django-allauth: how often one may try, and with which forms."""

RATE_LIMITS = {
    "login_failed": "5/5m/key,20/5m/ip",
    # By the mark of a browser that signed in before (accounts/known_devices.py).
    "login_failed_known_device": "5/5m/key",
    # Wrong passwords are counted by the portal (accounts/passwords.py); this is for the rest.
    "change_password": "20/m/user",
    "reauthenticate": "20/m/user",
}
FORMS = {
    "login": "applications.accounts.forms.LoginForm",
    "signup": "applications.accounts.forms.SignupForm",
    "reset_password": "applications.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "applications.accounts.forms.ResetPasswordKeyForm",
    "change_password": "applications.accounts.forms.ChangePasswordForm",
    "set_password": "applications.accounts.forms.SetPasswordForm",
    "add_email": "applications.accounts.forms.AddEmailForm",
    "reauthenticate": "applications.accounts.forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "applications.accounts.mfa_forms.AuthenticateForm",
    "reauthenticate": "applications.accounts.mfa_forms.ReauthenticateForm",
    "activate_totp": "applications.accounts.mfa_forms.ActivateForm",
}
