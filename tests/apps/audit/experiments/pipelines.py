"""Projects for the oracle to read, by topic: each a list of commits, each commit the files that it changes."""

from __future__ import annotations

from collections.abc import Mapping

from apps.repositories.example.story import Content

Files = Mapping[str, Content]

STAGES: list[Files] = [
    {
        "params.yaml": "models: [cnn, rnn]\nsizes: {small: {units: 8}, large: {units: 64}}\n"
        "grid: {lr: [0.1, 0.01], kind: [x, y]}\nlayers: [{n: 1}, {n: 2}]\nflags: [true, false]\n",
        "dvc.yaml": """\
stages:
  fit:
    foreach: ${models}
    do:
      cmd: echo ${item}
      params: [models]
      metrics: ["fit-${item}.json": {cache: false}]
  size:
    foreach: ${sizes}
    do:
      cmd: echo ${key} ${item.units}
      metrics: ["size-${key}.json": {cache: false}]
  each:
    foreach: ${layers}
    do:
      cmd: echo ${item.n}
      metrics: ["each-${item.n}.json": {cache: false}]
  inline:
    foreach: [1, 2.50, true, null, text]
    do:
      cmd: echo ${item}
      metrics: ["inline-${item}.json": {cache: false}]
  grid:
    matrix: {lr: "${grid.lr}", kind: [x, z], on: "${flags}", off: [true, 1]}
    cmd: echo ${item.lr} ${key}
    frozen: true
    metrics: ["grid/${key}/${item.kind}.json": {cache: false}]
""",
        **{f"{name}.json": f'{{"loss": {at}}}' for at, name in enumerate(("fit-cnn", "fit-rnn", "size-small"))},
        **{f"inline-{name}.json": '{"f1": 1}' for name in ("1", "2.5", "true", "text", "None", "null")},
        **{f"each-{name}.json": '{"f1": 1}' for name in ("1", "2")},
        "grid/0.1-x-True-true/x.json": '{"loss": 1}',
        "grid/0.01-z-False-1/z.json": '{"loss": 2}',
    },
    {"params.yaml": "models: [cnn, gru]\nsizes: {}\ngrid: {lr: [1e-3]}\nlayers: []\nflags: [yes]\n"},
    {"fit-gru.json": '{"loss": 3}', "grid/0.001-x-yes-1/x.json": '{"loss": 4}'},
    {"params.yaml": "models: {a: 1, b: 2}\nsizes: {x: {units: 1}}\ngrid: {lr: [1]}\nlayers: []\nflags: []\n"},
]

VARS: list[Files] = [
    {
        "params.yaml": "split: 0.2\nname: one\ntrain: {lr: 1e-3, opt: {name: sgd}, sizes: [1, 2]}\n",
        "config/vars.yaml": "paths: {report: out/report.json}\nunused: 1\nother: 2\n",
        "config/more.toml": 'title = "report"\n[limits]\nrows = 10\n',
        "config/extra.json": '{"seed": 42, "nested": {"deep": [1, 2.5, null]}}',
        "config/model.py": "DEPTH = 3\nNAMES = ['a', 'b']\n\nclass Model:\n    rate = 0.5\n",
        "out/report.json": '{"rows": 1}',
        "out/10.json": '{"rows": 2}',
        "dvc.yaml": """\
vars:
- config/vars.yaml:paths,other
- suffix: json
- nested: {name: out/10}
stages:
  one:
    cmd: echo ${train.lr} ${train.opt.name} ${train.sizes[1]} ${split}
    metrics: ["${paths.report}": {cache: false}]
  two:
    vars: [config/more.toml, "config/extra.json:seed", {own: 3}]
    cmd: echo ${seed} ${own} ${title}
    metrics: ["out/${limits.rows}.${suffix}": {cache: false}]
  three:
    vars: [config/model.py]
    cmd: echo ${DEPTH} ${Model.rate} ${other} ${train.opt}
metrics: ["${nested.name}.${suffix}"]
""",
    },
    {"config/extra.json": '{"seed": 43}', "config/model.py": "DEPTH = 4\nclass Model:\n    rate = 1\n"},
    {"config/more.toml": 'title = "x"\n[limits]\nrows = "report"\n'},
    {"config/vars.yaml": "paths: {report: gone.json}\nother: [1, 2]\n"},
]

FOLDERS: list[Files] = [
    {
        "params.yaml": "top: 1\n",
        "sub/params.yaml": "alpha: 1\nbeta: {gamma: 2}\nname: here\n",
        "sub/dvc.yaml": """\
params: [params.yaml, ../shared.yaml]
metrics: [live.json, ../top.json]
stages:
  inner:
    cmd: echo ${alpha}
    params: [alpha, ../shared.yaml: [x]]
    metrics: ["metrics.json": {cache: false}, "../up.json": {cache: false}]
  moved:
    wdir: ${name}/deep
    cmd: echo
    params: [a.b, own.json: [c]]
    metrics: ["m.json": {cache: false}]
  up:
    wdir: ../other
    cmd: echo
    params: [delta]
    metrics: ["m.yaml": {cache: false}]
""",
        "sub/here/deep/params.yaml": "a: {b: 1, c: 2}\nd: 3\n",
        "sub/here/deep/own.json": '{"c": [1], "d": 2}',
        "sub/here/deep/m.json": '{"auc": 0.5}',
        "other/params.yaml": "delta: 4\nepsilon: 5\n",
        "other/m.yaml": "auc: .5\n",
        "shared.yaml": "x: 1\ny: 2\n",
        "sub/live.json": '{"a": 1}',
        "sub/metrics.json": '{"a": 2}',
        "top.json": '{"a": 3}',
        "up.json": '{"a": 4}',
        "a/b/c/dvc.yaml": "metrics: [x]\nparams: [p]\n",
        "a/b/c/x": "deep: 1\n",
        "a/b/c/p": "deep: 2\n",
    },
    {"sub/params.yaml": "alpha: 2\nbeta: 3\nname: ../other\n"},
    {"sub/params.yaml": "alpha: 2\nname: .\n", "sub/deep/m.json": '{"n": 1}'},
]

TOP_LEVEL: list[Files] = [
    {
        "dvc.yaml": "metrics: [m.json, folder, missing.json, ./x/../m2.json]\n"
        "params: [p.toml, q.yaml, missing.yaml]\nplots: [loss.csv, {acc.json: {y: a}}]\n",
        "m.json": '{"loss": 0.1}',
        "m2.json": '{"loss": 0.2}',
        "folder/a.json": '{"a": 1}',
        "folder/b/c.yaml": "c: 1\n",
        "folder/text.txt": "only text",
        "folder/broken.json": "{",
        "p.toml": "[a]\nb = 1\n",
        "q.yaml": "c: [1, {d: 2}]\n",
        "acc.json": '[{"a": 1}]',
        "loss.csv": "step,loss\n1,2\n",
    },
    {"dvc.yaml": "vars: [{name: m}]\nmetrics: ['${name}.json', folder/a.json, folder]\nparams: ['${name}.json']\n"},
    {"dvc.yaml": "metrics: []\nparams: []\nstages: {}\n"},
    {"dvc.yaml": ""},
    {"dvc.yaml": "params: [folder]\nmetrics: [m.json]\n"},
]

FORMATS: list[Files] = [
    {
        "dvc.yaml": "metrics: [a.json, a.yaml, a.yml, a.toml, A.JSON, plain, a.txt, scalar.json, text.json, list.json, "
        "empty.json, empty.yaml, empty.toml, null.json, bom.json, broken.json, broken.yaml, broken.toml, zero.json, "
        "docs.yaml, tags.yaml, keys.yaml, m.py, dup.yaml, dup.json, latin.json, tab.yaml, merge.yaml, list.yaml]\n",
        "a.json": '{"nan": NaN, "inf": [Infinity], "minus": -Infinity, "big": 1e308, "huge": 1e999, "t": "text",'
        ' "l": [1], "d": {"e": {}}, "f": {"g": null, "h": false}, "long": 123456789012345678901234567890}',
        "a.yaml": "a: 1e-3\nb: yes\nc: 010\nd: 0o10\ne: 1_000\nf: .inf\ng: .NaN\nh: 12:30:45\ni: 0x1F\nj: ~\nk: On\n"
        "l: 1.\nm: 1E5\nn: +1\no: 0.1e+2\np: '1'\nq: TRUE\nr: 1e3\ns: -0\nt: .5\nu: 0b11\nv: 08\nw: 1__0\nx: +.5\n",
        "a.yml": "loss: 0.1\n? complex\n: 2\n",
        "a.toml": 'a = 1\nb = inf\nc = "x"\n[d]\ne = 1e-3\nf = [1]\n',
        "A.JSON": '{"upper": 1}',
        "plain": "auc: 0.5\n",
        "a.txt": "0.97\n",
        "scalar.json": "0.5",
        "text.json": '"good"',
        "list.json": "[1, 2]",
        "empty.json": "",
        "empty.yaml": "",
        "empty.toml": "",
        "null.json": "null",
        "zero.json": "0",
        "bom.json": b'\xef\xbb\xbf{"a": 1}',
        "broken.json": '{"a": 1',
        "broken.yaml": "a: [1\n",
        "broken.toml": "a = \n",
        "docs.yaml": "a: 1\n---\nb: 2\n",
        "tags.yaml": "a: !!float 1\nb: !!str 2\n",
        "keys.yaml": "2: a\n2.5: b\ntrue: c\nnull: d\n'x.y': 1\n",
        "m.py": "loss = 0.5\n",
        "dup.yaml": "a: 1\na: 2\n",
        "dup.json": '{"a": 1, "a": 2}',
        "latin.json": b'{"a": "\xe9"}',
        "tab.yaml": "a:\t1\n",
        "merge.yaml": "base: &b {x: 1, y: 2}\nused: {<<: *b, y: 3}\n",
        "list.yaml": "- a: 1\n",
    },
    {"a.json": '{"nan": "a text now", "d": 1, "f": [1]}', "a.yaml": "a: {b: 1}\n", "scalar.json": '{"a": 1}'},
    {"a.json": '{"deep": ' + '{"x": ' * 20 + "1" + "}" * 20 + "}", "a.toml": "a = true\nd = 1\n"},
    {"a.json": "\n", "a.yaml": "\n# nothing\n", "a.toml": "# nothing\n", "plain": "---\n", "empty.json": " \n"},
]
