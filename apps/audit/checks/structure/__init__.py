"""Structure conformance

Is everything where a colleague looks for it first? Judged by role, not by literal name: `configs/`, `conf/` and
`params.yaml` all hold configuration.
"""

position = 1
short = "Structure"
