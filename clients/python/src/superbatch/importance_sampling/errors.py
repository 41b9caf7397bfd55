"""The errors of this package."""


class FieldError(ValueError):
    """A caller's mistake that belongs to one field of what it gave.

    Attributes:
        field: The field, such as ``super_batch_size`` or ``scores[17]``.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
