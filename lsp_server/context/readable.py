"""What midfill reads: the languages by the names of their files, what is never read, and the text of a file.

Secrets. Files that hold keys, passwords or the answers of a login are refused by name: they are of no use to a
completion, and a suggestion could bring them into other files. The border: where a name says that the *file* is the
secret (``.env``, ``id_rsa``, ``credentials.json``, ``prod.tfvars``), it is refused. Source code that deals with
secrets has the word in its name too (``secret_manager.py``, ``credentials.ts``, ``password_reset.rb``) and is read: to
refuse it would blind midfill to a part of every larger program. In between stand the few names of source files into
which guides tell people to write their keys (``secrets.py``, ``arduino_secrets.h``, ``wp-config.php``); those are
refused. A key inside any other file is seen when its text is read.

What is left out silently, because it teaches the model nothing: generated and minified code, installed dependencies,
the folders of version control.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from lsp_server.context.ignore import Patterns, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

# One row a language. Data (JSON, YAML, TOML, XML) and prose are left out, for they are large and define no names that
# code uses. So is HTML: most of it in a workspace is reports and documentation that somebody generated; the templates
# of components, which do belong to code, are Vue's, Svelte's and Astro's.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "Python": (".py", ".pyi", ".pyx", ".pxd"),
    "TypeScript": (".ts", ".tsx", ".mts", ".cts"),
    "JavaScript": (".js", ".jsx", ".mjs", ".cjs"),
    "Java": (".java",),
    "Go": (".go",),
    "Rust": (".rs",),
    "C": (".c", ".h"),
    "C++": (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inl", ".ipp", ".tpp", ".cu", ".cuh", ".ino"),
    "C#": (".cs", ".csx"),
    "PHP": (".php", ".phtml"),
    "Ruby": (".rb", ".rake", ".gemspec"),
    "Shell": (".sh", ".bash", ".zsh", ".ksh", ".bats"),
    "Kotlin": (".kt", ".kts"),
    "Swift": (".swift",),
    "Scala": (".scala", ".sc"),
    "Groovy": (".groovy", ".gradle"),
    "Lua": (".lua",),
    "Vue": (".vue",),
    "Svelte": (".svelte",),
    "Astro": (".astro",),
    "SQL": (".sql",),
    "Protocol Buffers": (".proto",),
    "GraphQL": (".graphql", ".gql"),
    "Zig": (".zig",),
    "Dart": (".dart",),
    "Elixir": (".ex", ".exs", ".heex"),
    "Erlang": (".erl", ".hrl"),
    "Haskell": (".hs",),
    "OCaml": (".ml", ".mli"),
    "F#": (".fs", ".fsi", ".fsx"),
    "Clojure": (".clj", ".cljs", ".cljc"),
    "R": (".r",),
    "Julia": (".jl",),
    "Perl": (".pl", ".pm"),
    "Objective-C": (".m", ".mm"),
    "PowerShell": (".ps1", ".psm1"),
    "Terraform": (".tf",),
    "Nix": (".nix",),
    "Starlark": (".bzl", ".star"),
    "CMake": (".cmake",),
    "CSS": (".css", ".scss", ".sass", ".less"),
}
# Files that hold code under one name, in lower case.
NAMES = {
    "build.bazel": "Starlark",
    "cmakelists.txt": "CMake",
    "dockerfile": "Dockerfile",
    "gemfile": "Ruby",
    "gnumakefile": "Makefile",
    "jenkinsfile": "Groovy",
    "justfile": "Just",
    "makefile": "Makefile",
    "rakefile": "Ruby",
}
LANGUAGE_OF = {suffix: language for language, suffixes in LANGUAGES.items() for suffix in suffixes}

# Names of files and directories in the syntax of gitignore: of several lines that match a name, the last one counts.
SECRETS: tuple[str, ...] = (
    # Words that give a secret away, but not in the name of source code or of a directory.
    *("*credential*", "*secret*", "*passw*", "*service[-_]account*", "*firebase-adminsdk*", "*kubeconfig*"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
    *(f"!*{suffix}" for suffix in LANGUAGE_OF),
    "!*/",
    *(".env*", "*.env", "!.env*.example", "!.env*.sample", "!.env*.template", "!.env*.dist"),
    # Keys, certificates and the stores of both.
    *("*.pem", "*.key", "*.ppk", "*.p8", "*.p12", "*.pfx", "*.p7b", "*.der", "*.crt", "*.cer", "*.csr", "*.snk"),
    *("*.jks", "*.jceks", "*.keystore", "*.bks", "*.kdb", "*.kdbx", "*.keytab", "*.keychain", "*.keychain-db"),
    *("*.asc", "*.gpg", "*.pgp", "*.age", "*.ovpn", "*.mobileprovision", "ssh_host_*_key"),
    # What programs keep of a login.
    *(".netrc", "_netrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", "pip.conf", ".git-credentials", ".dockercfg"),
    *(".htpasswd", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".s3cfg", ".boto", ".credentials*"),
    *(".vault-token", ".vault_pass*", ".terraformrc", "terraform.rc", ".erlang.cookie", ".*_history"),
    *(".aws/", ".azure/", ".gcloud/", ".ssh/", ".gnupg/", ".kube/", ".password-store/", ".secrets/"),
    *("google-services.json", "GoogleService-Info.plist", "*.tfvars", "*.tfvars.json", "*.tfstate", "*.tfstate.*"),
    # Source files that are there to hold keys.
    *("secrets.py", "secrets.h", "*_secrets.h", "credentials.h", "secrets.dart", "Secrets.swift", "secrets.lua"),
    *("local_settings.py", "wp-config.php", "LocalSettings.php"),
    *("**/.docker/config.json", "**/.config/gcloud/", "**/.cargo/credentials*", "**/.gem/credentials"),
    *("**/.m2/settings*.xml",),
)
# By name; by their text, see below.
GENERATED: tuple[str, ...] = (
    *("*.min.js", "*.min.mjs", "*.min.css", "*.bundle.js", "*.chunk.js", "*.map", ".pnp.*js", "*.lock"),
    *("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py*", "*.pb.go", "*.pb.gw.go", "*.pb.h", "*.pb.cc", "*.pb.dart"),
    *("*_pb.js", "*_pb.ts", "*_pb.d.ts", "*_pb.rb"),
    *("*.generated.*", "*.gen.go", "*.gen.ts", "zz_generated.*", "*.g.dart", "*.freezed.dart", "*.g.cs"),
    *("*.designer.cs", "parsetab.py", "*.snap", "__snapshots__/", "package-lock.json", "pnpm-lock.yaml"),
)
DEPENDENCIES: tuple[str, ...] = (
    *("node_modules/", "bower_components/", "jspm_packages/", ".yarn/", ".pnpm-store/"),
    *(".venv/", "venv/", "site-packages/", "dist-packages/", "__pypackages__/", "__pycache__/", ".tox/", ".nox/"),
    *(".eggs/", "*.egg-info/", ".bundle/", ".gradle/", ".m2/", ".terraform/", ".dart_tool/", "elm-stuff/", "Carthage/"),
    *(".next/", ".nuxt/", ".svelte-kit/", ".angular/", ".parcel-cache/", ".turbo/", ".history/", ".ipynb_checkpoints/"),
)
VERSION_CONTROL: tuple[str, ...] = (".git/", ".hg/", ".svn/", ".jj/", ".bzr/", "CVS/", "_darcs/", ".pijul/")
# A directory that holds one of these is a cache (https://bford.info/cachedir/), or a virtual environment (PEP 405).
MARKERS = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
# Go and Composer install into a directory of this name, where other projects have code of their own.
VENDOR = "vendor"
VENDOR_MARKERS = frozenset({"modules.txt", "autoload.php"})

# A prompt names each file on a line of its own, in UTF-8; such a name would break it. Surrogates are what Python
# makes of bytes that are no UTF-8.
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-\d", re.MULTILINE)
# Those who generate code say so at its top, often below a licence: Go demands "Code generated ... DO NOT EDIT.".
_HEAD_LINES = 25
# A comment that begins a line; one that is indented speaks of something else than the file.
_COMMENT = re.compile(
    r"^(?:/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|(?:#|//|--|;|%|\{-|\(\*)[^\n]*)", re.DOTALL | re.MULTILINE
)
_GENERATED_MARK = re.compile(
    r"(?<!\w)@generated\b|\bdo not edit\b|\bcode generated by\b|\bauto(?:matically)?[- ]?generated\b"
    r"|\A\W*(?:(?:this )?(?:file|code)(?: is| was)? generated|(?-i:Generated)) (?:by|from|with|using)\b",
    re.IGNORECASE,
)
# Characters. Lines that people write have 30 to 40 on average; what is minified, or a table of data, has thousands.
LARGEST_AVERAGE_LINE = 200
LONGEST_LINE = 5000


def never(secrets: Iterable[str] = ()) -> Patterns:
    """Return what is never read, by name: secrets, and what teaches nothing. Cases do not matter.

    ``secrets`` are more patterns for such; one that begins with a ``!`` is passed over, so none can take any back.
    """
    more = (pattern for pattern in secrets if not pattern.startswith("!"))
    return parse([*SECRETS, *more, *VERSION_CONTROL, *DEPENDENCIES, *GENERATED], re.IGNORECASE)


def language(name: str) -> str:
    """Return the language of a file by its name, as in :data:`LANGUAGES`; empty for what midfill does not read."""
    if not is_speakable(name):
        return ""
    stem, _, ending = name.lower().rpartition(".")
    return NAMES.get(name.lower()) or (LANGUAGE_OF.get(f".{ending}", "") if stem else "")


def is_speakable(name: str) -> bool:
    """Return whether a name can stand in a prompt: no line breaks or control characters, no bytes that are no UTF-8."""
    return not _UNSPEAKABLE.search(name)


def is_installed(directory: str, names: Collection[str]) -> bool:
    """Return whether the names in a directory, which is called ``directory``, show that it was built or installed."""
    return not MARKERS.isdisjoint(names) or (directory == VENDOR and not VENDOR_MARKERS.isdisjoint(names))


def text_of(path: Path, limit: int) -> str | None:
    r"""Return the text of a file with ``\n`` for every line end and without a byte order mark.

    ``None`` where there is none to read: the file is gone or no plain file, has more than ``limit`` bytes, holds a NUL
    or what is no UTF-8, is generated or minified, or holds a private key.
    """
    try:
        with open(path, "rb", buffering=0, opener=_open) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            content = file.read(limit + 1)
        text = content.decode("utf-8-sig")
    except (OSError, ValueError):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(content) > limit or "\0" in text or is_minified(text) or is_generated(text) or _PRIVATE_KEY.search(text):
        return None
    return text


def is_generated(text: str) -> bool:
    """Return whether a comment in the first lines of a text says that a program wrote it."""
    head = "\n".join(text.split("\n", _HEAD_LINES)[:_HEAD_LINES])
    return any(_GENERATED_MARK.search(comment[0]) for comment in _COMMENT.finditer(head))


def is_minified(text: str) -> bool:
    """Return whether the lines of a text are longer than people write them."""
    lines = text.split("\n")
    return len(text) > LARGEST_AVERAGE_LINE * len(lines) or max(map(len, lines)) > LONGEST_LINE


def _open(path: str, flags: int) -> int:
    # A plain file may have become a pipe, which would wait for a writer, or a link, since it was listed.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
