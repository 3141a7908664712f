"""Jinja as our pages need it: calls and outputs by the short way.

A page calls a macro, a function or a translation some five hundred times and writes twelve hundred values. Jinja asks
each time what the callable wants to be given, and wraps each value it has escaped; on a page of ours that took longer
than all of its SQL. What is not plain goes Jinja's own way, and nothing is escaped less.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape


class _Context(Context):
    """Calls macros and plain functions at once; those that want the context or the environment go Jinja's way."""

    def call(self, called: Any, /, *arguments: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is Macro:
            # A macro wants to know how to escape: the one thing Jinja would find out for it.
            arguments = (self.eval_ctx, *arguments)
        elif kind is not FunctionType or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *arguments, **named)
        if named:
            # What loops and blocks have set, for callables that want the context.
            named.pop("_block_vars", None)
            named.pop("_loop_vars", None)
        return called(*arguments, **named)


def written(value: Any) -> str:
    """The value as a page writes it: escaped, unless it is markup. What is written is only ever joined."""
    kind = type(value)
    if kind is Markup:
        return value
    if kind is int or kind is float:
        return str(value)
    return escape(value)


class _Writer(CodeGenerator):
    """Writes templates as Python, with `written` in the place of Jinja's `escape`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


class Templates(Environment):
    """The environment of all templates."""

    code_generator_class = _Writer
    context_class = _Context
    written = staticmethod(written)
