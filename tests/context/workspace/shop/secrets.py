"""Keys that a suggestion must never bring into another file."""

PAYMENT_PASSWORD = "never-to-be-read"


def payment_password_of(order: object) -> str:
    return PAYMENT_PASSWORD
