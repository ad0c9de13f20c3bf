"""The webhook: notices as JSON, sent to an address of the user, with retries."""
