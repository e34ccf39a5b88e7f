"""What is code, what is a secret, and whose text may be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lsp_server.context import readable
from lsp_server.context.readable import is_generated, is_minified, language, never, text_of

LIMIT = 1000
KEY = "-----BEGIN " + "{}PRIVATE KEY{}-----\nMIIE\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[("a.py", "Python"), ("a.tsx", "TypeScript"), ("a.d.ts", "TypeScript"), ("a.MJS", "JavaScript")],
        *[("a.H", "C"), ("Makefile", "Makefile"), ("CMakeLists.txt", "CMake"), (".eslintrc.js", "JavaScript")],
        *[
            ("a.json", ""),
            ("a.yml", ""),
            ("a.md", ""),
            ("a.html", ""),
            ("a.png", ""),
            ("py", ""),
            (".py", ""),
            ("a.", ""),
        ],
        *[("a b.py", "Python"), ("été.py", "Python"), ("a\nb.py", ""), ("a\u2028.py", ""), ("\udcff.py", "")],
    ],
)
def test_the_name_tells_the_language(name: str, expected: str) -> None:
    assert language(name) == expected


def test_each_suffix_has_one_language() -> None:
    suffixes = [suffix for suffixes in readable.LANGUAGES.values() for suffix in suffixes]
    assert sorted(suffixes) == sorted(readable.LANGUAGE_OF)
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in suffixes)


def refused(path: str, *more: str) -> bool:
    """Return whether a path or a directory above it is never read."""
    patterns = never(more)
    parts = path.split("/")
    above = (("/".join(parts[:count]) + "/", parts[count - 1] + "/") for count in range(1, len(parts)))
    return any(patterns.verdict(*judged) for judged in (*above, (path, parts[-1])))


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".env.local", ".env.production", ".ENV", "x/.env", ".envrc", "prod.env", ".env.js"),
        *("server.pem", "server.key", "id_rsa", "id_rsa.pub", "id_ed25519", "a.p12", "a.pfx", "a.jks", "a.keystore"),
        *("a.crt", "a.kdbx", "a.gpg", "ssh_host_rsa_key"),
        *(".netrc", "_netrc", ".npmrc", ".pypirc", ".htpasswd", "htpasswd", ".git-credentials", ".pgpass"),
        *(".docker/config.json", "home/.docker/config.json", ".cargo/credentials.toml", ".m2/settings.xml"),
        *(".aws/deploy.py", ".ssh/a.py", "x/.gnupg/a.py", ".kube/a.py", ".config/gcloud/a.py", ".azure/a.py"),
        *("credentials.json", "credentials", "x/secrets.yaml", "secrets.yml", "client_secret_1.json", "passwords.txt"),
        *("service-account.json", "my_service_account.json", "app-firebase-adminsdk-x.json", "kubeconfig"),
        *("prod.tfvars", "a.auto.tfvars", "terraform.tfstate", "terraform.tfstate.backup", ".bash_history"),
        *("secrets.py", "x/Secrets.swift", "arduino_secrets.h", "wp-config.php", "local_settings.py"),
    ],
)
def test_secrets_are_known_by_their_names(path: str) -> None:
    assert refused(path)


@pytest.mark.parametrize(
    "path",
    [
        *(".env.example", ".env.sample", ".env.template", ".env.local.example", "environment.py", "env.d.ts"),
        *("secret_manager.py", "credentials.ts", "password_reset.rb", "secrets/store.py", "credentials/a.go"),
        *(
            "key.py",
            "keys.ts",
            "tokens.py",
            "id_rsa_parser.py",
            "kubeconfig_test.go",
            "PasswordField.tsx",
            "secrets.tf",
        ),
        *("aws/a.py", "ssh/a.py", "docker/config.py", ".github/scripts/a.py", "a.py", "src/vendor/a.go"),
    ],
)
def test_code_that_deals_with_secrets_is_read(path: str) -> None:
    assert not refused(path)


@pytest.mark.parametrize(
    "path",
    [
        *("node_modules/a.js", "x/node_modules/y/a.js", ".venv/a.py", "venv/a.py", "lib/site-packages/a.py"),
        *("__pycache__/a.py", ".git/a.py", ".hg/a.py", ".svn/a.py", ".jj/a.py", ".tox/a.py", "a.egg-info/a.py"),
        *("a.min.js", "a.min.css", "a.js.map", "a_pb2.py", "a_pb2_grpc.py", "a.pb.go", "__snapshots__/a.js", "a.snap"),
        *("package-lock.json", "poetry.lock", "zz_generated.deepcopy.go", "a.g.dart", "Form.Designer.cs"),
    ],
)
def test_what_was_generated_or_installed_is_known_by_its_name(path: str) -> None:
    assert refused(path)


def test_settings_add_secrets_and_take_none_away() -> None:
    assert refused("vault/a.py", "vault/")
    assert refused("a.py", "/a.py")
    assert not refused("x/a.py", "/a.py")
    assert refused(".env", "!.env", "!*")
    assert refused("a.py", "a.py", "!a.py")


@pytest.mark.parametrize(
    ("directory", "names", "expected"),
    [
        ("target", {"CACHEDIR.TAG"}, True),
        ("env", {"pyvenv.cfg", "bin"}, True),
        ("vendor", {"modules.txt"}, True),
        ("vendor", {"autoload.php"}, True),
        ("vendor", {"a.go"}, False),
        ("src", {"modules.txt"}, False),
        ("target", set(), False),
    ],
)
def test_what_was_built_or_installed_is_known_by_what_lies_in_it(
    directory: str, names: set[str], expected: bool
) -> None:
    assert readable.is_installed(directory, names) is expected


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        ("é漢😀".encode(), "é漢😀"),
        (b"a\n" * (LIMIT // 2), "a\n" * (LIMIT // 2)),
        (b"a\n" * (LIMIT // 2) + b"b", None),
        (b"a\x00b", None),
        ("a = 1\n".encode("utf-16"), None),
        (b"# \xe9t\xe9\n", None),
        (b"\xed\xa0\x80", None),
        (KEY.format("RSA ", "").encode(), None),
        (b"key = '''" + KEY.format("", "").encode() + b"'''", None),
        (b'key = "' + KEY.format("OPENSSH ", "").replace("\n", "\\n").encode() + b'"', None),
        (KEY.format("PGP ", " BLOCK").encode(), None),
        (b"-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\n"),
        (b"// @generated\nx\n", None),
        (b"x" * (readable.LARGEST_AVERAGE_LINE + 1), None),
    ],
)
def test_text_is_read_or_refused(tmp_path: Path, content: bytes, text: str | None) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert text_of(tmp_path / "a.py", LIMIT) == text


def test_what_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    assert text_of(tmp_path / "missing.py", LIMIT) is None
    assert text_of(tmp_path, LIMIT) is None
    assert text_of(Path("a\0b"), LIMIT) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_file_that_became_a_pipe_or_a_link_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    (tmp_path / "target.py").write_text("x = 1\n")
    (tmp_path / "b.py").symlink_to("target.py")
    assert text_of(tmp_path / "a.py", LIMIT) is None
    assert text_of(tmp_path / "b.py", LIMIT) is None


@pytest.mark.parametrize(
    "text",
    [
        "// @generated by protoc\n",
        "/*\n * @generated\n */\n",
        "/*\n  @generated\n*/\nx\n",
        "# Autogenerated by Thrift Compiler\n#\n# DO NOT EDIT\n",
        "// Code generated by mockery v2.0. DO NOT EDIT.\npackage a\n",
        "#!/usr/bin/env python\n# This file is auto-generated, do not edit\n",
        "// <auto-generated/>\n",
        "/* automatically generated by rust-bindgen 0.59 */\n",
        "-- Automatically generated\n",
        "<!-- @generated -->\n",
        "# Generated by Django 4.2\n",
        "# This file was generated by a script\n",
        "# file generated by setuptools_scm\n",
        "// Generated from Expr.g4 by ANTLR 4.9\n",
        "/*\nLicence\n" + "*\n" * 15 + "*/\n// Code generated by client-gen. DO NOT EDIT.\n",
    ],
)
def test_generated_code_says_so(text: str) -> None:
    assert is_generated(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"""Find files with an @generated mark."""\n',
        "MARK = '@generated'\n",
        "# Sums that are generated by the server\n",
        "# mail to me@generated.org\n",
        "# @generated_by is a decorator\n",
        "x = 1\n" * 30 + "# DO NOT EDIT\n",
        "def f():\n    # version.py is auto-generated\n",
        "paths = ['a/*', '@generated', '*/b']\n",
        "/* Docs */\nDO_NOT_EDIT = 'do not edit'\n",
    ],
)
def test_code_that_only_speaks_of_generated_code_is_read(text: str) -> None:
    assert not is_generated(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("x = 1\n" * 10_000, False),
        ("x" * readable.LARGEST_AVERAGE_LINE, False),
        ("x" * 201, True),
        (("x" * 300 + "\n") * 5, True),
        ("x\n" * 1000 + "x" * 4999, False),
        ("x\n" * 1000 + "x" * 5001, True),
    ],
)
def test_minified_code_has_long_lines(text: str, expected: bool) -> None:
    assert is_minified(text) is expected
