"""What the provider of the tests says of a person."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    # Asked for by their scope, in the ID token and at the userinfo endpoint.
    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"name": "profile", "id_number": "profile"}

    def get_additional_claims(self, request: Any) -> dict[str, str]:
        return {"name": request.user.first_name, "id_number": request.user.last_name}
