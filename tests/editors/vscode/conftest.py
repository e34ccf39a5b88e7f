"""One VS Code that the tests share, and one of its own for those that need another start."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import ViewportSize, async_playwright

from tests.editors.vscode.code_server import CHROMIUM, SCRIPTED, User, install, package, require, running
from tests.editors.vscode.editor import Editor
from tests.editors.vscode.waiting import READY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

    from playwright.async_api import Browser

    Start = Callable[..., Awaitable[Editor]]

SIZE = ViewportSize(width=900, height=560)
HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in one event loop, which the browser lives in."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def vsix() -> Path:
    """The extension as users get it."""
    require()
    return package()


@pytest.fixture(scope="session")
def extensions(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the extension installed in it."""
    folder = tmp_path_factory.mktemp("vscode")
    install(vsix, folder / "extensions", User(folder / "installer"))
    return folder / "extensions"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    require()
    async with async_playwright() as playwright:
        # As root, as in CI, Chromium has no sandbox.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know how the test went."""
    report = yield
    item.stash[FAILED] = report.when == "call" and report.failed
    return report


async def keep_failure(editor: Editor, request: pytest.FixtureRequest) -> None:
    """Keep a picture of what a test that failed has left."""
    if request.node.stash[FAILED]:
        await editor.screenshot(f"failed-{request.node.name}")


@contextlib.asynccontextmanager
async def windows(
    browser: Browser, extensions: Path, user: User, workspace: Path | None = None
) -> AsyncIterator[Editor]:
    """Start a VS Code for a user and show it."""
    async with running(user, extensions) as address, await browser.new_context(viewport=SIZE) as context:
        yield await Editor.show(await context.new_page(), address, user, workspace)


@pytest.fixture
def user(tmp_path: Path) -> User:
    """Somebody whose server writes what a script says."""
    user = User(tmp_path)
    user.script.write_text("")
    user.serve(*SCRIPTED)
    return user


@pytest_asyncio.fixture(loop_scope="session")
async def start(browser: Browser, extensions: Path, user: User, request: pytest.FixtureRequest) -> AsyncIterator[Start]:
    """What starts a VS Code of the test's own for ``user``."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(workspace: Path | None = None, *, status: str = READY) -> Editor:
            editor = await stack.enter_async_context(windows(browser, extensions, user, workspace))
            stack.push_async_callback(keep_failure, editor, request)
            await editor.wait_for_status(status)
            if status == READY:
                await editor.warm_up()
            return editor

        yield start


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(browser: Browser, extensions: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """The window of `editor`."""
    user = User(tmp_path_factory.mktemp("shared"))
    user.script.write_text("")
    user.serve(*SCRIPTED)
    async with windows(browser, extensions, user) as editor:
        await editor.wait_for_status(READY)
        await editor.warm_up()
        # The embedded model's advice.
        await editor.clear_notifications()
        yield editor


@pytest_asyncio.fixture(loop_scope="session")
async def editor(shared: Editor, request: pytest.FixtureRequest) -> AsyncIterator[Editor]:
    """A VS Code that other tests use as well: nothing may be left in it but files that are open."""
    shared.script("")
    # A list that a test which failed has left open.
    await shared.press("Escape")
    yield shared
    await keep_failure(shared, request)
