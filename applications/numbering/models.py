from django.db import models


class Series(models.Model):
    """The last number given in a gap-free series such as one organ's decisions of one year."""

    key = models.CharField(max_length=120, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        # Its first name: the code before an upgrade goes on counting in it.
        db_table = "organs_series"

    def __str__(self) -> str:
        return f"{self.key} {self.last}"
