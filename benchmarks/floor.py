"""The floor page: a bare view, no session, 50 rows × 12 columns in a plain template, with the paginator's count."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils.functional import cached_property

from membership.models import Member

COLUMNS = [
    "member_number",
    "first_name",
    "last_name",
    "mobile",
    "email",
    "street",
    "postal_code",
    "city",
    "joined_on",
    "birth_year",
    "status",
    "branch.name",
]


class _Page:
    """The template, compiled once, as a cached loader would."""

    @cached_property
    def template(self):  # type: ignore[no-untyped-def]
        heads = "".join(f"<th>{column}</th>" for column in COLUMNS)
        cells = "".join(f"<td>{{{{ m.{column} }}}}</td>" for column in COLUMNS)
        return engines["django"].from_string(
            f"<!doctype html><title>Floor</title><p>{{{{ page.paginator.count }}}}</p><table><tr>{heads}</tr>"
            f"{{% for m in page %}}<tr>{cells}</tr>{{% endfor %}}</table>"
        )


_page = _Page()


def floor(request: HttpRequest) -> HttpResponse:
    """Page 1."""
    members = Member.objects.select_related("branch").order_by("sort_key", "id")
    return HttpResponse(_page.template.render({"page": Paginator(members, 50).page(1)}, request))


urlpatterns = [path("", floor)]
