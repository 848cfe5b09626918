"""More projects for the oracle: params and their keys, what is not in git, links, ignored files, names, histories."""

from __future__ import annotations

from apps.repositories.example.story import Symlink
from tests.apps.audit.experiments.pipelines import Files

# What DVC keeps elsewhere: these contents are in no cache and no remote.
HASH = "0123456789abcdef0123456789abcdef"

# Templates take no dates; metrics leave them out; params of other files have them.
PLAIN = "stages:\n  s: {cmd: echo}\n"
DATES: list[Files] = [
    {
        "dvc.yaml": "metrics: [m.yaml, m.toml]\nparams: [p.yaml]\n",
        "m.yaml": "auc: 1\nday: 2024-01-02\nat: 2024-01-02 03:04:05\ndeep: {day: 2024-01-02}\nquoted: '2024-01-02'\n",
        "m.toml": "auc = 1\nday = 2024-01-02\nat = 2024-01-02T03:04:05Z\ntime = 07:32:00\n",
        "p.yaml": "day: 2024-01-02\n",
    },
    {"params.yaml": "lr: 1\n"},
    {"params.yaml": "lr: 1\nsince: [{day: 2024-01-02}]\n"},
    {"params.yaml": "lr: 1\nsince: '2024-01-02'\n"},
    {"dvc.yaml": f"vars: ['v.yaml:lr']\nmetrics: [m.yaml]\n{PLAIN}", "v.yaml": "day: 2024-01-02\nlr2: 2\nlr: 1\n"},
    {"dvc.yaml": f"vars: ['v.yaml:day']\nmetrics: [m.yaml]\n{PLAIN}"},
    {"dvc.yaml": f"vars: [{{day: 2024-01-02}}]\nmetrics: [m.yaml]\n{PLAIN}"},
    {"dvc.yaml": "metrics: [m.yaml]\nstages:\n  s: {cmd: echo, vars: [v.yaml]}\n"},
    {"dvc.yaml": "metrics: [m.yaml]\nstages:\n  s:\n    foreach: [2024-01-02]\n    do: {cmd: '${item}'}\n"},
    {"dvc.yaml": "metrics: [m.yaml]\nstages:\n  s: {cmd: echo, desc: 2024-01-02}\n"},
    {"dvc.yaml": "metrics: [m.yaml]\nstages:\n  s: {cmd: echo, meta: 2024-01-02}\n"},
]

PARAMS: list[Files] = [
    {
        "params.yaml": "unasked: 1\n",
        "p.yaml": "a: {b: {c: 1, d: 2}}\nl: [10, 20, {m: 30}]\nn: ~\ns: text\ndate: 2024-01-02\ne: {}\nz: []\n"
        "x: {one: {v: 1, w: 2}, two: {v: 3}}\n'dotted.key': 1\nsame: [1, 2]\n",
        "p.toml": 'a = 1\nd = 1979-05-27\n[t]\nb = [1, 2]\nc = "x"\n[[arr]]\nv = 1\n[[arr]]\nv = 2\n',
        "p.json": '{"a": {"b": [1, {"c": 2}]}, "n": null, "inf": Infinity}',
        "p.py": "A = 1\nB: float = 2.5\nC = D = 3\nE = {'x': [1, 2]}\nF = f()\nG = (1, 2)\nH = {1}\nI = -1\nJ = A\n"
        "class K:\n    L = 'x'\n    def __init__(self):\n        self.m = 1\n        n = 2\n"
        "    class N:\n        o = 1\ndef p():\n    q = 1\nR = None\nS = 1 + 2j\n"
        "T = b'x'\nU, V = 1, 2\nif True:\n    W = 1\n",
        "dvc.yaml": """\
stages:
  nested:
    cmd: echo
    params: [p.yaml: [a.b.c, a.b, x.one.v, missing, a.missing.b, s.t, n, e, z, date]]
  lists:
    cmd: echo
    params: [p2.yaml: ["l.0", "l.1"], p.json: ["a.b.1.c", n]]
  wild:
    cmd: echo
    params: [p3.yaml: ["x.*.v", "a.**"], p4.yaml: ["?", "[ab]", "l.*"]]
  toml:
    cmd: echo
    params: [p.toml: [t, a, d, arr]]
  python:
    cmd: echo
    params: ["p.py":, q.py: [A, K.L, E.x, G, K.N]]
""",
        "p2.yaml": "l: [10, 20, {m: 30}]\n",
        "p3.yaml": "a: {b: {c: 1}}\nx: {one: {v: 1, w: 2}, two: {v: 3}}\n",
        "p4.yaml": "a: 1\nb: {c: 2}\nlong: 3\nl: [1, 2]\n",
        "q.py": "A = 1\nE = {'x': [1, 2], 'y': 2}\nG = (1, 2)\n"
        "class K:\n    L = 1\n    M = 2\n    class N:\n        o = 1\n",
    },
    {
        "dvc.yaml": "stages:\n  one:\n    cmd: echo\n    params: [unasked, p.yaml: [a]]\n"
        "  two:\n    cmd: echo\n    params: ['p.yaml':]\n"
    },
    {"dvc.yaml": "stages:\n  one:\n    cmd: echo\n    params: [p.yaml: ['l.-1', 'l.7', 'l.2.m', 'same.*', same]]\n"},
    {
        "dvc.yaml": "stages:\n  one:\n    cmd: echo\n    params: [p.yaml: ['dotted.key', 'a.b.*', '**.v', 'l.*.m', "
        "'x.**.v']]\n"
    },
    {"p.yaml": "- a list\n", "p.toml": "", "p.py": "A = (\n", "p.json": "[]"},
    {"p.yaml": "just text\n", "p.json": "12"},
    {"params.yaml": "a: 1\n", "dvc.yaml": "stages:\n  s:\n    cmd: echo\n    params: ['a*', b]\n"},
    {"params.yaml": "[broken\n", "dvc.yaml": "params: [p2.yaml]\n"},
    {"params.yaml": "a list: [1, 2]\ndate: 2024-01-02\nstamp: 2024-01-02T03:04:05Z\n"},
    {"params.yaml": "- 1\n- 2\n"},
    {"params.yaml": "5\n"},
    {"params.yaml": ""},
]

CACHED: list[Files] = [
    {
        "dvc.yaml": "stages:\n  train:\n    cmd: echo\n    outs: [models, kept: {cache: false}]\n"
        "    metrics: [cached.json, git.json: {cache: false}]\n"
        "    plots: [plots: {cache: false}]\nmetrics: [models/inside.json, live/metrics.json]\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  train:\n    cmd: echo\n    outs:\n"
        f"    - path: cached.json\n      hash: md5\n      md5: {HASH}\n      size: 10\n"
        f"    - path: models\n      hash: md5\n      md5: {HASH}.dir\n      size: 10\n      nfiles: 1\n",
        "git.json": '{"loss": 1}',
        "kept/a": "1",
        "data.json.dvc": f"outs:\n- md5: {HASH}\n  size: 3\n  hash: md5\n  path: data.json\n",
    },
    {"dvc.yaml": "metrics: [data.json]\nparams: [data.json]\n"},
    {"data.json": '{"in git": 1}'},
    {"odd.dvc": f"outs:\n- md5: {HASH}\n  path: odd\n  cache: false\n", "odd": "{}"},
]

DVCLIVE: list[Files] = [
    {
        "dvc.yaml": "stages:\n  train:\n    cmd: echo\n    outs: [dvclive: {cache: false}]\n",
        "dvclive/dvc.yaml": "params: [params.yaml]\nmetrics: [metrics.json]\nplots: [plots/metrics: {x: step}]\n",
        "dvclive/params.yaml": "lr: 1e-4\n",
        "dvclive/metrics.json": '{"step": 3, "eval": {"loss": NaN}}',
    },
    {"dvc.yaml": "metrics: [dvclive/metrics.json]\nparams: [dvclive/params.yaml]\n"},
    {"dvc.yaml": "stages:\n  train:\n    cmd: echo\n    metrics: [dvclive/metrics.json: {cache: false}]\n"},
    {"run.dvc": "wdir: run\nouts:\n- path: live\n  cache: false\n", "run/live/dvc.yaml": "metrics: [m.json]\n",
     "run/live/m.json": "{}"},
]  # fmt: skip

LINKS: list[Files] = [
    {
        "real.json": '{"loss": 1}',
        "link.json": Symlink("real.json"),
        "link.yaml": Symlink("real.json"),
        "folder/m.json": '{"auc": 1}',
        "way": Symlink("folder"),
        "outside.json": Symlink("/etc/hostname"),
        "loop.json": Symlink("loop.json"),
        "dvc.yaml": "metrics: [link.json, way/m.json, way, outside.json, loop.json]\nparams: [link.json]\n",
    },
    {"sub/dvc.yaml": Symlink("../dvc.yaml")},
    {"dvc.yaml": "metrics: [link.yaml]\n", "sub/dvc.yaml": "metrics: [m.json]\n"},
    {"params.yaml": Symlink("real.yaml"), "real.yaml": "a: 1\n"},
    {"sub/x.dvc": Symlink("nowhere")},
]

IGNORED: list[Files] = [
    {
        ".dvcignore": "# comment\nskipped/\n*.tmp\n/only\n!kept.tmp\nignored.json\n",
        "skipped/dvc.yaml": "metrics: [m.json]\n",
        "skipped/m.json": '{"a": 1}',
        "sub/skipped/dvc.yaml": "metrics: [m.json]\n",
        "sub/skipped/m.json": '{"a": 1}',
        "only/dvc.yaml": "metrics: [m.json]\n",
        "only/m.json": '{"a": 1}',
        "sub/only/dvc.yaml": "metrics: [m.json, a.tmp, kept.tmp]\n",
        "sub/only/m.json": '{"a": 2}',
        "sub/only/a.tmp": "a: 1\n",
        "sub/only/kept.tmp": "a: 1\n",
        "ignored.json": '{"a": 3}',
        "seen.json": '{"a": 4}',
        "folder/a.tmp": "a: 1\n",
        "folder/b.json": '{"a": 5}',
        "dvc.yaml": "metrics: [ignored.json, seen.json, folder, skipped/m.json]\nparams: [ignored.json]\n",
    },
    {"sub/.dvcignore": "!skipped/\nonly\n"},
    {".dvcignore": "sub/**\n!sub/only\n", "params.yaml": "a: 1\n"},
    {".dvcignore": "params.yaml\ndvc.yaml\n"},
    {".dvcignore": "*\n!*.json\n!/dvc.yaml\n"},
    {".dvcignore": "**/only/*.json\nfolder/[ab].json\n"},
    {".dvcignore": ""},
]

ROOTS: list[Files] = [
    {
        "dvc.yaml": "metrics: [m.json, nested/m.json]\n",
        "m.json": '{"a": 1}',
        "nested/.dvc/config": "",
        "nested/dvc.yaml": "metrics: [m.json]\nparams: [p.yaml]\n",
        "nested/m.json": '{"a": 2}',
        "nested/params.yaml": "a: 1\n",
        "nested/p.yaml": "b: 1\n",
        "deeper/still/.dvc/config": "",
        "deeper/still/dvc.yaml": "metrics: [m.json]\n",
        "deeper/still/m.json": '{"a": 3}',
        "deeper/dvc.yaml": "metrics: [still/m.json]\n",
    }
]

NAMES: list[Files] = [
    {
        "params.yaml": "größe: 1\n学习率: {值: 0.1}\nemoji 🎉: x\n'with space': 1\n",
        "dvc.yaml": "stages:\n  größe-1:\n    cmd: echo\n    params: [größe, 学习率.值, 'with space']\n"
        "    metrics: ['метрики/потери.json': {cache: false}, 'with space.json': {cache: false}]\n",
        "метрики/потери.json": '{"потери": 0.5, "\\u00e9": 1}',
        "with space.json": '{"a b": 1, "tab\\t": 2, "": 3, "x\\u202ey": 4, "\\ud800": 5}',
    },
    {"dvc.yaml": "metrics: ['quote\".json', \"single'.json\", '*.json', 'a:b.json', 'é.json']\n",
     'quote".json': "{}", "single'.json": '{"a": 1}', "*.json": '{"a": 2}', "a:b.json": '{"a": 3}',
     "é.json": '{"a": 4}'},
]  # fmt: skip

EMPTY: list[Files] = [
    {"readme": "nothing of DVC"},
    {"params.yaml": "only: params\n"},
    {"dvc.yaml": "# nothing\n"},
    {"dvc.yaml": "stages:\n"},
    {"dvc.yaml": "plots: [x.csv]\n", "params.yaml": "only: {params: 2}\n"},
]

REFUSED: list[Files] = [
    {"dvc.yaml": "metrics: [m.json\n", "m.json": '{"a": 1}', "params.yaml": "a: 1\n"},
    {"dvc.yaml": "stages:\n  s:\n    cmd: echo\n    metrics_no_cache: [m.json]\n"},
    {"dvc.yaml": "stages:\n  s:\n    cmd: echo ${nowhere}\n    metrics: [m.json: {cache: false}]\n"},
    {"dvc.yaml": "vars: [missing.yaml]\nmetrics: [m.json]\n"},
    {"dvc.yaml": "vars: [{a: 1}]\nmetrics: [m.json]\n"},
    {"dvc.yaml": "stages:\n  s:\n    foreach: 5\n    do: {cmd: echo}\nmetrics: [m.json]\n"},
    {"dvc.yaml": "stages:\n  s:\n    cmd: echo\nmetrics: [m.json]\n", "dvc.lock": "s:\n  cmd: echo\n"},
    {"dvc.lock": "schema: '2.0'\nstages: {}\n", "old.dvc": "outs:\n- path: m.json\n  metric: true\n  cache: false\n"},
    {"old.dvc": "cmd: echo\nouts:\n- path: m.json\n  metric: {type: json}\n  cache: false\n"},
    {"old.dvc": "outs: [\n"},
    {"old.dvc": "- 1\n"},
    {"old.dvc": "", "dvc.yaml": "- 1\n"},
    {"dvc.yaml": "metrics: [m.json]\nunknown: 1\n"},
    {"dvc.yaml": "metrics: [m.json: {cache: false}]\n"},
    {"dvc.yaml": "metrics: m.json\n"},
    {"dvc.yaml": "stages: {s: {deps: [x]}}\nmetrics: [m.json]\n"},
    {"dvc.yaml": "stages: {s: {cmd: x, outs: [{m.json: {unknown: 1}}]}}\nmetrics: [m.json]\n"},
    {"dvc.yaml": "stages: {s: {cmd: 'echo ${a'}}\nmetrics: [m.json]\n"},
    {"dvc.yaml": "<<<<<<< HEAD\nmetrics: [m.json]\n"},
    {"dvc.yaml": "stages: {s: {cmd: x, wdir: 5}}\nmetrics: [m.json]\n"},
    {"dvc.yaml": "metrics: [m.json]\nmetrics: [x.json]\n"},
    {"dvc.yaml": "metrics: [m.json]\n", "dvc.lock": "schema: '2.0'\nstages: [\n"},
    {"dvc.lock": "schema: '1.0'\nstages: {}\n"},
    {"dvc.lock": "schema: '2.0'\nstages: {}\nextra: 1\n"},
    {"dvc.lock": ""},
]

BACK_AND_FORTH: list[Files] = [
    {"dvc.yaml": "metrics: [m.json]\n", "m.json": '{"a": 1}'},
    {"m.json": '{"a": 2}'},
    {"dvc.yaml": "metrics: [n.json]\n", "n.json": '{"b": 1}'},
    {"dvc.yaml": "metrics: [m.json]\n", "m.json": '{"a": 1}'},
]
