"""How the languages of a made workspace write what all of them have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language: templates in which names stand in braces.

    ``methods_inside`` says whether methods stand in their class, ``has_functions`` whether anything stands outside of
    classes.
    """

    folder: str
    suffix: str
    first: str
    importing: str
    comment: str
    type: str
    field: str
    method: str
    function: str
    local: str
    condition: str
    loop: str
    result: str
    end: str
    this: str
    types: tuple[str, str, str, str]
    has_camels: bool
    methods_inside: bool = True
    has_functions: bool = True


PYTHON = Dialect(
    folder="python",
    suffix=".py",
    first='"""The {package} of the {name}."""',
    importing="from {module} import {name}",
    comment="# {text}.",
    type="class {name}:",
    field="{name}: {type} = {value}",
    method="def {name}(self, {parameter}: {type}, {other}: {owner}) -> {type}:",
    function="def {name}({parameter}: {type}, {other}: {owner}) -> {type}:",
    local="{name} = {value}",
    condition="if {value}:",
    loop="for {name} in {value}:",
    result="return {value}",
    end="",
    this="self.",
    types=("int", "str", "bool", "float"),
    has_camels=False,
)
TYPESCRIPT = Dialect(
    folder="web",
    suffix=".ts",
    first="// The {package} of the {name}.",
    importing='import {{ {name} }} from "{module}";',
    comment="// {text}.",
    type="export class {name} {{",
    field="private {name}: {type} = {value};",
    method="{name}({parameter}: {type}, {other}: {owner}): {type} {{",
    function="export function {name}({parameter}: {type}, {other}: {owner}): {type} {{",
    local="const {name} = {value};",
    condition="if ({value}) {{",
    loop="for (const {name} of {value}) {{",
    result="return {value};",
    end="}",
    this="this.",
    types=("number", "string", "boolean", "number"),
    has_camels=True,
)
GO = Dialect(
    folder="go",
    suffix=".go",
    first="package {package}",
    importing='import "{module}"',
    comment="// {text}.",
    type="type {name} struct {{",
    field="{name} {type}",
    method="func (own *{owner}) {name}({parameter} {type}, {other} *{owner}) {type} {{",
    function="func {name}({parameter} {type}, {other} *{owner}) {type} {{",
    local="{name} := {value}",
    condition="if {value} {{",
    loop="for _, {name} := range {value} {{",
    result="return {value}",
    end="}",
    this="own.",
    types=("int", "string", "bool", "float64"),
    has_camels=True,
    methods_inside=False,
)
JAVA = Dialect(
    folder="java/src/main/java",
    suffix=".java",
    first="package com.made.{package};",
    importing="import {module};",
    comment="// {text}.",
    type="class {name} {{",
    field="private {type} {name} = {value};",
    method="public {type} {name}({type} {parameter}, {owner} {other}) {{",
    function="public static {type} {name}({type} {parameter}, {owner} {other}) {{",
    local="var {name} = {value};",
    condition="if ({value}) {{",
    loop="for (var {name} : {value}) {{",
    result="return {value};",
    end="}",
    this="this.",
    types=("int", "String", "boolean", "double"),
    has_camels=True,
    has_functions=False,
)
DIALECTS = (PYTHON, TYPESCRIPT, JAVA, PYTHON, GO, TYPESCRIPT)
