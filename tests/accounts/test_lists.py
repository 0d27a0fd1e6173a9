"""Officers' lists answer to the filters, the search and the columns that they show, and to nothing else.

Generated over every list of the officers' site, every field of its model and of the models beside it.
"""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.contrib import admin
from django.contrib.admin import DateFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db import connection
from django.db.models import F, OrderBy
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import LONGEST_SEARCH
from applications.accounts.models import Role, User
from applications.organs.models import Organ
from applications.subjects.models import Claim, Subject
from rules.sameness import plain_name
from tests.fixtures import make_user
from tests.isolation.visiting import refusals_drawn_once
from tests.repairs.steps import submitted

LISTS = sorted(admin.site._registry.items(), key=lambda each: each[0]._meta.label)
LOOKUPS = ("", "__exact", "__regex", "__iregex", "__startswith", "__contains", "__gt", "__in", "__isnull")
RELATED_LOOKUPS = ("", "__startswith", "__regex")
ENGLISH = "Jiangsu East China Fine Food Import and Export Company"
every_list = pytest.mark.parametrize(
    "model_admin", [model_admin for _, model_admin in LISTS], ids=[model._meta.label for model, _ in LISTS]
)


@pytest.fixture
def officer(db):
    """Somebody who may open a list: ``officer(model_admin)``."""

    def make(model_admin: OrganScopedAdmin) -> User:
        kind = model_admin.organ_kinds[0] if model_admin.organ_kinds else Organ.Kind.CREDIT_MANAGEMENT
        organ = Organ.objects.create(
            code="js-org",
            name="江苏省示例机构",
            document_prefix="苏示例",
            kind=kind,
            level=Organ.Level.PROVINCE,
            region="320000",
            uscc="11320000000000009X",
        )
        role = model_admin.view_roles[0] if model_admin.view_roles else Role.SUPERVISOR
        return make_user("officer@example.com", "示例人员", organ, role)

    return make


def address(model_admin) -> str:
    return f"/admin/{model_admin.opts.app_label}/{model_admin.opts.model_name}/"


def own_parameters(model_admin, user: User) -> set[str]:
    """The parameters of the filters beside the rows: those of their links, and those that they name as theirs."""
    request = RequestFactory().get(address(model_admin))
    request.user = user
    shown = model_admin.get_changelist_instance(request)
    links = [choice["query_string"] for spec in shown.filter_specs for choice in spec.choices(shown)]
    named = {name for spec in shown.filter_specs for name in spec.expected_parameters()}
    return named | {name for link in links for name in re.findall(r"[?&]([^=&]+)=", link)}


def paths_of(model, depth: int = 2) -> list[str]:
    """Every field that a look-up could start from, also those of related models."""
    found = ["pk"]
    for field in model._meta.get_fields(include_hidden=True):
        if "+" in field.name:
            # The hidden side of a relation, which no look-up can name.
            continue
        found += [field.name, getattr(field, "attname", field.name)]
        if field.is_relation and field.related_model and depth > 1:
            found += [f"{field.name}__{rest}" for rest in paths_of(field.related_model, depth - 1)]
    return found


def test_every_model_on_the_site_has_the_base_and_no_list_widens_it():
    assert len(LISTS) > 15
    for model, model_admin in LISTS:
        assert isinstance(model_admin, OrganScopedAdmin), model
        for name in ("get_changelist", "to_field_allowed", "response_action"):
            assert getattr(type(model_admin), name) is getattr(OrganScopedAdmin, name), (model, name)
        assert not model_admin.date_hierarchy, model
        assert not model_admin.list_editable, model
        assert not any("regex" in str(field) for field in model_admin.search_fields), model


@every_list
def test_no_field_can_be_asked_for_but_those_offered(client, officer, model_admin):
    user = officer(model_admin)
    client.force_login(user)
    offered = own_parameters(model_admin, user)
    request = RequestFactory().get(address(model_admin))
    request.user = user
    paths = {*paths_of(model_admin.model), *model_admin.get_queryset(request).query.annotations}
    asked = {
        f"{path}{lookup}" for path in paths for lookup in (RELATED_LOOKUPS if "__" in path else LOOKUPS)
    } - offered
    assert len(asked) > 50
    for name in sorted(asked):
        # Through the list itself: a page for each of some ten thousand would take minutes.
        request = RequestFactory().get(address(model_admin), {name: "a"})
        request.user = user
        with pytest.raises(admin.exceptions.DisallowedModelAdminLookup, match=re.escape(name)):
            model_admin.get_changelist_instance(request)


@every_list
def test_a_look_up_is_answered_with_the_way_to_the_list(client, officer, model_admin):
    client.force_login(officer(model_admin))
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address(model_admin), {"pk__regex": "^(a+)+$"})
    assert not any("(a+)+" in query["sql"] for query in asked)
    assert response.status_code == 400
    page = response.content.decode()
    assert "没有执行" in page
    assert f'href="{address(model_admin)}"' in page


@every_list
def test_the_links_of_the_list_work_and_what_an_app_adds_to_a_link_is_left_aside(
    client, officer, model_admin
):
    user = officer(model_admin)
    client.force_login(user)
    request = RequestFactory().get(address(model_admin))
    request.user = user
    shown = model_admin.get_changelist_instance(request)
    for spec in shown.filter_specs:
        for choice in spec.choices(shown):
            assert client.get(address(model_admin) + choice["query_string"]).status_code == 200
    for extra in (
        {"from": "singlemessage", "isappinstalled": "0"},
        {"utm_source": "x"},
        {"all": ""},
        {"o": "1"},
    ):
        assert client.get(address(model_admin), extra).status_code == 200, extra


@every_list
def test_values_that_no_row_has_are_answered_with_the_whole_list(client, officer, model_admin):
    user = officer(model_admin)
    client.force_login(user)
    for name in own_parameters(model_admin, user):
        for value in (
            "x",
            "9" * 30,
            "9" * 5000,
            "0001-01-01",
            "9999-12-31 23:59:59+08:00",
            "-1",
            "１２",
            "😀",
        ):
            response = client.get(address(model_admin), {name: [value, value]}, follow=True)
            assert response.status_code == 200, (name, value[:40])
            if response.redirect_chain:
                assert "下面是没有筛选的列表" in response.content.decode()
    for query in (
        "e=1&p=99999",
        "p=" + "9" * 5000,
        "p=-1",
        "o=" + "9" * 5000,
        "o=--1.0.x",
        "o=" + ".".join(["1"] * 2000),
    ):
        response = client.get(f"{address(model_admin)}?{query}", follow=True)
        assert response.status_code == 200, query[:40]
        assert "数据库" not in response.content.decode()


@every_list
def test_only_columns_that_are_shown_can_sort(officer, model_admin):
    user = officer(model_admin)
    request = RequestFactory().get(address(model_admin))
    request.user = user
    shown = model_admin.get_changelist_instance(request)
    allowed = set()
    for column in shown.list_display:
        allowed.add(str(shown.get_ordering_field(column)).lstrip("-"))
    usual = {_name(part) for part in shown.get_ordering(request, shown.root_queryset)}
    for place in range(-50, 50):
        request = RequestFactory().get(address(model_admin), {"o": f"{place}.-{place}"})
        request.user = user
        asked = model_admin.get_changelist_instance(request)
        names = {_name(part) for part in asked.get_ordering(request, asked.root_queryset)}
        assert names <= allowed | usual | {"pk"}, place
    assert not allowed & {
        "password",
        "tracking_code",
        "identity_digest",
        "verification_code",
        "identity_number",
    }


def _name(part: object) -> str:
    if isinstance(part, OrderBy) and isinstance(part.expression, F):
        return part.expression.name
    return str(part).lstrip("-")


@every_list
def test_a_search_is_short_and_one_term(client, officer, model_admin):
    client.force_login(officer(model_admin))
    for term, sentence in (
        ("字" * (LONGEST_SEARCH + 1), f"搜索内容最多{LONGEST_SEARCH}个字"),
        ("字 " * 1000, f"搜索内容最多{LONGEST_SEARCH}个字"),
    ):
        page = client.get(address(model_admin), {"q": term})
        assert page.status_code == 200
        assert "没有搜索" in page.content.decode() and sentence in page.content.decode()
    for term in (
        "^(a+)+$",
        '"',
        "'",
        '"a\\',
        "\\",
        "%",
        "_",
        "%_",
        "*",
        "[",
        "a" * LONGEST_SEARCH,
        "a " * (LONGEST_SEARCH // 2),
    ):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address(model_admin), {"q": term})
        assert page.status_code == 200, term
        assert "没有搜索" not in page.content.decode()
        # However many words it has, each field is asked for it once.
        assert all(each["sql"].count(" LIKE ") <= 8 for each in asked), term


@pytest.mark.parametrize("typed", [ENGLISH, f" {ENGLISH} ", "Jiangsu East China"])
def test_an_english_name_is_found_with_its_spaces(
    client, general_record, market_bureau, alice, wang, qian, typed
):
    """In a list that looks for it itself, and in one that Django looks through."""
    Subject.objects.filter(pk=general_record.subject_id).update(name=ENGLISH, plain_name=plain_name(ENGLISH))
    case = submitted(general_record, market_bureau, alice)
    Claim.objects.update(status="pending", organ=qian.organ)
    for officer, row in ((wang, case), (qian, Claim.objects.get())):
        client.force_login(officer)
        page = client.get(address(admin.site._registry[type(row)]), {"q": typed}).text
        assert f"/{row.pk}/change/" in page, row


@every_list
def test_rows_are_named_by_their_id_alone(client, officer, model_admin):
    client.force_login(officer(model_admin))
    names = {field.name for field in model_admin.opts.concrete_fields if not field.primary_key}
    for name in {*names, "password", "x"}:
        assert client.get(address(model_admin), {"_to_field": name, "_popup": "1"}).status_code == 400, name
    pk = model_admin.opts.pk.name
    assert client.get(address(model_admin), {"_to_field": pk, "_popup": "1"}).status_code == 200


@every_list
def test_ids_that_no_row_can_have_are_not_found(client, officer, model_admin):
    client.force_login(officer(model_admin))
    ids = ("9" * 19, "9" * 30, "9" * 5000, "-1", "0", "x", "１２", "_00", "1.5", "1e9", "%F0%9F%98%80", "a/b")
    with refusals_drawn_once():
        for pk, page in product(ids, ("change/", "delete/", "history/")):
            response = client.get(f"{address(model_admin)}{pk}/{page}")
            assert response.status_code in (403, 404), (pk[:40], page)


@every_list
def test_an_action_on_what_can_be_no_row_changes_nothing(client, officer, model_admin):
    client.force_login(officer(model_admin))
    for action in (*(each if isinstance(each, str) else each.__name__ for each in model_admin.actions), "x"):
        for chosen in ("9" * 30, "9" * 5000, "x", "-1", "\0"):
            form = {"action": action, "index": "9" * 30, "_selected_action": [chosen]}
            assert client.post(address(model_admin), form, follow=True).status_code == 200, (
                action,
                chosen[:40],
            )
            form["index"] = "0"
            assert client.post(address(model_admin), form, follow=True).status_code == 200, (
                action,
                chosen[:40],
            )


def test_some_list_filters_by_day_so_that_the_above_says_something():
    assert any(
        isinstance(each, tuple) and each[1] is DateFieldListFilter
        for _, model_admin in LISTS
        for each in model_admin.list_filter
    )


def test_a_security_administrator_cannot_read_a_password_hash(client, officer):
    model_admin = admin.site._registry[User]
    user = officer(model_admin)
    client.force_login(user)
    for name in (
        "password__regex",
        "password__startswith",
        "password",
        "staff_roles__user__password__startswith",
    ):
        assert client.get(address(model_admin), {name: user.password[:8]}).status_code == 400


@pytest.mark.parametrize("path", ("r/1/1/", "r/9/" + "9" * 30 + "/", "autocomplete/", "password_change/"))
def test_pages_of_djangos_own_that_nothing_leads_to_are_not_there(client, officer, path):
    client.force_login(officer(admin.site._registry[Organ]))
    query = {"app_label": "accounts", "model_name": "staffrole", "field_name": "user", "term": "a"}
    assert client.get(f"/admin/{path}", query).status_code == 404


@every_list
def test_each_column_and_filter_is_named_in_the_language_of_its_readers(model_admin):
    named = [each for each in model_admin.list_display if not hasattr(model_admin, each)]
    named += [
        each if isinstance(each, str) else each[0]
        for each in model_admin.list_filter
        if isinstance(each, (str, tuple))
    ]
    fields = [get_fields_from_path(model_admin.model, each)[-1] for each in named if each != "__str__"]
    assert [field.name for field in fields if not re.search("[\u4e00-\u9fff]", str(field.verbose_name))] == []
