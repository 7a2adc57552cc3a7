"""What every event listener of the page has in common, and small scripts that follow on one."""

from typing import Any

from app.gradio_workarounds import NO_PROGRESS, NO_UPDATES

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
MODEL_TURN: dict[str, Any] = {"concurrency_limit": None}  # the engine has a line of its own, with turns
QUIET: dict[str, Any] = {**PRIVATE, **NO_PROGRESS}
INTO_VIEW = """() => {{  // what the status with this id speaks of
  const results = document.getElementById('{}').closest('.uce-results'), top = results.getBoundingClientRect().top;
  results.scrollTop = 0;
  if (top < 0 || top > innerHeight / 2) results.scrollIntoView({{behavior: 'smooth', block: 'start'}});
}}""".format
SHEET_INTO_VIEW = """() => setTimeout(() => {  // when the progress has its place
  const sheet = document.getElementById('grid-results'), results = sheet.closest('.uce-results');
  const top = () => sheet.getBoundingClientRect().top;
  results.scrollTop += top() - results.getBoundingClientRect().top;
  if (top() < 0 || top() > innerHeight / 2) sheet.scrollIntoView({behavior: 'smooth', block: 'start'});
}, 300)"""
IF_MADE = "file => {{ if (file) document.getElementById('{}').click() }}".format  # of a download that was asked for
TO_TOP = "() => scrollTo({top: 0})"
Filled = dict[Any, Any]  # component → value, as Gradio hands the fields to a handler and takes them back
UNCHANGED: Filled = NO_UPDATES
