"""Browser tests: one desk and one Chromium a test process."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import CHROMIUM
from tests.e2e.stack import Model, Stack, running_stack, shared_model

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
# What is expected to come comes within this on a busy machine too; what is there is not waited for.
expect.set_options(timeout=30_000)
PASSWORD = "desk-demo-2026"
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def model(tmp_path_factory, worker_id) -> Iterator[Model]:
    """The demo organisation, from which desks are copied: made once for all processes."""
    ours = tmp_path_factory.getbasetemp()
    shared = ours if worker_id == "master" else ours.parent
    with shared_model(shared, worker_id) as made:
        yield made


@pytest.fixture(scope="session")
def stack(model, tmp_path_factory, worker_id) -> Iterator[Stack]:
    """A desk with the demo organisation, for the browser tests of this process."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    with running_stack(model, worker_id, tmp_path_factory.mktemp("desk") / "data", 1 + number) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("REQUIRE_BROWSER=1, but there is no Chromium on this machine")
    # The driver runs an event loop in this thread; Django must not take that for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with mock.patch.dict(os.environ):
        # Under faketime all clocks of the browser move: it stands still where its monotonic one does not.
        os.environ.pop("FAKETIME_DONT_FAKE_MONOTONIC", None)
        playwright = sync_playwright().start()
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    chromium.close()
    playwright.stop()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def visitor(browser: Browser, stack: Stack, *, language: str = "en", size: str = "desktop", **more) -> BrowserContext:
    """A fresh browser profile of one person, from whose address nothing was tried yet: all of them share one."""
    server = redis.from_url(stack.env["REDIS_URL"])
    for key in server.scan_iter("throttle:*"):
        server.delete(key)
    server.close()
    return browser.new_context(
        base_url=stack.url,
        locale=LOCALES[language],
        viewport=SIZES[size],
        has_touch=size == "phone",
        reduced_motion="reduce",
        timezone_id="Asia/Shanghai",
        **more,
    )


def signed_in(browser: Browser, stack: Stack, who: str | None, **look) -> Page:
    """The page of a demo person in a fresh browser profile; None is a customer, who has no account."""
    page = visitor(browser, stack, **look).new_page()
    if who is not None:
        page.goto("/account/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/queue/**")
    return page
