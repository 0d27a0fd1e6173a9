from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.organs import regions
from rules.sameness import plain_number


def validate_region(value: str) -> None:
    if not regions.exists(value):
        raise ValidationError(
            _("“%(value)s” 不是江苏省的行政区划代码（GB/T 2260）。"), params={"value": value}
        )


def validate_prefix(value: str) -> None:
    """机关代字 that a number keeps however it is typed again (rules.sameness): else a genuine letter might not be found by
    its number. The field itself does not ask for it, since organs had others before.
    """
    plain = plain_number(value).replace("〔", "").replace("〕", "")
    if plain != value:
        raise ValidationError(
            _("机关代字中不能有括号、空格、小写字母和全角字符，否则文号不便核验。请改为“%(plain)s”。"),
            params={"plain": plain},
        )


class Organ(models.Model):
    """A body with a duty under Article 3: it identifies, informs or supervises."""

    class Kind(models.TextChoices):
        IDENTIFYING_UNIT = "identifying_unit", _("认定单位")
        CREDIT_BUREAU = "credit_bureau", _("公共信用信息工作机构")
        CREDIT_MANAGEMENT = "credit_management", _("社会信用管理部门")

    class Level(models.TextChoices):
        PROVINCE = "province", _("省级")
        CITY = "city", _("市级")
        COUNTY = "county", _("县级")

        @classmethod
        def of(cls, region: str) -> "Organ.Level":
            """The level of whoever serves just this division."""
            if region == regions.PROVINCE:
                return cls.PROVINCE
            return cls.CITY if region == regions.city_of(region) else cls.COUNTY

    code = models.SlugField(_("机构编号"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=200)
    # 机关代字: opens every document number of this organ.
    document_prefix = models.CharField(_("机关代字"), max_length=20, unique=True)
    kind = models.CharField(_("类别"), max_length=20, choices=Kind)
    level = models.CharField(_("层级"), max_length=10, choices=Level)
    region = models.CharField(_("行政区划"), max_length=6, validators=[validate_region])
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    # What one person alone used to word. Told where two have named no body yet (documents.remedies).
    remedies = models.TextField(_("复议、诉讼告知"), blank=True)

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        ordering = ["region", "kind", "code"]
        indexes = [models.Index(fields=["kind", "region"])]

    def __str__(self) -> str:
        return self.name

    @property
    def region_name(self) -> str:
        return regions.name(self.region)
