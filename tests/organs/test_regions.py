"""The administrative divisions as forms offer them."""

from applications.calendars.forms import ClosureForm
from applications.organs import regions
from applications.sharing.forms import DestinationForm


def test_a_form_offers_the_divisions_inside_the_departments_own():
    assert regions.choices_in("320102") == [("320102", "320102 南京市玄武区")]
    nanjing = regions.choices_in("320100")
    assert nanjing[:2] == [("320100", "320100 南京市"), ("320102", "320102 南京市玄武区")]
    assert all(code.startswith("3201") for code, _label in nanjing)
    # The province, 13 cities, 95 counties and districts.
    assert len(regions.choices_in("320000")) == 109


def test_both_forms_of_a_department_offer_the_same():
    for form in (ClosureForm, DestinationForm):
        assert form(department_region="320100").fields["region"].choices == regions.choices_in("320100")
