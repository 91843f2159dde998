"""Where a form leads when it is done: a request may name a page of this desk, and nothing else."""

from django.http import HttpRequest
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

# Percent signs make a Chinese address nine times as long; Django refuses to lead to more than 16,384 characters.
LONGEST = 8_000


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Return `next` of the request, sent or in its address, if it is a page of this desk; else `otherwise`.

    Never raises, so that what was done is not answered by a failure. What comes out may be redirected to as it is.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_page_of_ours(wanted, request) else otherwise


def is_page_of_ours(address: str, request: HttpRequest) -> bool:
    """Whether `address` is a path of this desk, or a full address of it: neither relative nor of another site."""
    own = f"{request.scheme}://{request.get_host()}/"
    return (
        address.startswith(("/", own))
        and address.isprintable()
        and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
        and len(iri_to_uri(address)) <= LONGEST
    )
